package backendtest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
)

// Run checks that the backends open returns keep the contract of package
// backend. Every group of checks opens one and does not close it: open registers
// a t.Cleanup where that is needed. Groups for optional interfaces are skipped
// where the backend does not offer them. With names of groups, such as "MatMul", only
// those are checked.
func Run(t *testing.T, open func(t *testing.T) backend.Backend, only ...string) {
	for _, name := range only {
		if !slices.ContainsFunc(groups, func(g group) bool { return g.name == name }) {
			t.Fatalf("there is no group of checks %q", name)
		}
	}
	for _, g := range groups {
		if len(only) > 0 && !slices.Contains(only, g.name) {
			continue
		}
		t.Run(g.name, func(t *testing.T) {
			be := open(t)
			if g.offered != nil && !g.offered(be) {
				t.Skip(be.Name() + " does not offer it")
			}
			for _, c := range g.checks() {
				t.Run(c.name, func(t *testing.T) {
					if err := c.try(be); err != nil {
						t.Error(err)
					}
				})
			}
			for _, p := range g.properties {
				t.Run(p.name, rapid.MakeCheck(func(t *rapid.T) {
					tr := p.draw(t)
					if err := tr.check(be); err != nil {
						t.Fatal(err)
					}
				}))
			}
		})
	}
}

// SameBits checks that a and b give the same result in every bit for every call
// that the suite knows: a backend with one thread and with several, say. Both
// offer the same optional interfaces.
func SameBits(t *testing.T, a, b backend.Backend) {
	for _, g := range groups {
		if g.offered != nil && !g.offered(a) {
			continue
		}
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.checks() {
				if c.trial == nil {
					continue
				}
				if err := c.trial.sameBits(a, b); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// check is one thing the contract says. It returns an error and takes no
// testing.T, so that the suite itself can be tested on backends with mistakes.
type check struct {
	name  string
	run   func(be backend.Backend) error
	trial *trial // what run tries, where it is a single call
}

// try runs the check and turns a panic into an error that says where it came from.
func (c check) try(be backend.Backend) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked(r)
		}
	}()
	return c.run(be)
}

// panicked returns an error that says what r is and, when called by the function
// that recovered it, where it came from.
func panicked(r any) error {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		if !more || !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Errorf("panic: %v, in %s (%s:%d)", r, f.Function, filepath.Base(f.File), f.Line)
		}
	}
}

// property is a law over calls drawn at random.
type property struct {
	name string
	draw func(t *rapid.T) *trial
}

// group is what is checked of one method or optional interface.
type group struct {
	name       string
	offered    func(be backend.Backend) bool // nil: every backend must
	checks     func() []check
	properties []property
}

var groups = []group{
	{name: "Upload", checks: transferChecks},
	{name: "Copy", checks: copyChecks, properties: []property{{"any-layout", drawCopy}}},
	{name: "Fill", checks: fillChecks},
	{name: "Convert", checks: convertChecks},
	{name: "Unary", checks: unaryChecks},
	{name: "Binary", checks: binaryChecks, properties: []property{{"any-layout", drawBinary}}},
	{name: "Where", checks: whereChecks},
	{name: "Vectors", checks: vectorChecks},
	{name: "Reduce", checks: reduceChecks, properties: []property{{"any-layout", drawReduce}}},
	{name: "MatMul", checks: matMulChecks, properties: []property{{"any-layout", drawMatMul}}},
	{name: "Affine", offered: offers[backend.Affiner], checks: affineChecks, properties: []property{{"any-layout", drawAffine}}},
	{name: "Gather", checks: gatherChecks},
	{name: "ScatterAdd", checks: scatterChecks},
	{name: "Random", checks: randomChecks},
	{name: "Softmax", offered: offers[backend.Softmaxer], checks: softmaxChecks},
	{name: "LayerNorm", offered: offers[backend.LayerNormer], checks: layerNormChecks},
	{name: "CrossEntropy", offered: offers[backend.CrossEntropyer], checks: crossEntropyChecks},
	{name: "Dropout", offered: offers[backend.Dropouter], checks: dropoutChecks},
	{name: "LSTMCell", offered: offers[backend.LSTMCeller], checks: lstmCellChecks},
	{name: "LSTM", offered: offers[backend.LSTMer], checks: lstmChecks},
	{name: "GRUCell", offered: offers[backend.GRUCeller], checks: gruChecks},
	{name: "RowMixer", offered: offers[backend.RowMixer], checks: rowMixerChecks},
	{name: "Update", offered: offers[backend.Updater], checks: updateChecks},
	{name: "Norm", offered: offers[backend.Normer], checks: normChecks},
	{name: "Memory", checks: memoryChecks},
	{name: "Faults", checks: faultChecks},
	{name: "Injected", offered: offers[Faulter], checks: injectedChecks},
	{name: "Float64", offered: offers[backend.Float64], checks: float64Checks},
	{name: "Goroutines", checks: goroutineChecks},
}

// offers reports whether be has the optional interface I.
func offers[I any](be backend.Backend) bool {
	_, ok := be.(I)
	return ok
}

// checksOf returns one check for each trial.
func checksOf(trials []*trial) []check {
	list := make([]check, len(trials))
	for i, tr := range trials {
		list[i] = check{name: tr.name, run: tr.check, trial: tr}
	}
	return list
}
