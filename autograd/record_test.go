package autograd_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/tensor"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

func itoa(i int) string { return strconv.Itoa(i) }

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./autograd -update writes it")
	assert.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got)
}

// graphs are records worth a picture.
var graphs = []struct {
	name  string
	build func(tape *tape)
}{
	{"affine", func(tape *tape) { // the book's Affine layer with its loss
		be := tape.Backend()
		w, b := autograd.NewParam(tensor.Ones(be, 3, 2)), autograd.NewParam(tensor.Ones(be, 2))
		w.Name, b.Name = "Out.W", "Out.B"
		x := tape.Input(make([]float32, 12), 4, 3)
		x.MatMul(w).Add(b).CrossEntropy(tape.Ints([]int32{0, 1, 0, 1}, 4), 0.1).Mean()
	}},
	{"branch", func(tape *tape) { // a value used twice, a repeat and a sum
		x := leaf(tape, 1, 2, 3)
		x.Expand(2, 3).Mul(x).Sum(0).Clamp(0, 9)
	}},
	{"lstm", func(tape *tape) {
		m := newLM(tape.Backend(), 5, 2, true)
		m.drop = 0.5
		m.fresh(tape, newWindow(0, 2, 1, 5))
	}},
}

func TestExplain(t *testing.T) {
	for _, g := range graphs {
		t.Run(g.name, func(t *testing.T) {
			tape := autograd.NewTape(cpu.New())
			g.build(tape)
			var b strings.Builder
			require.NoError(t, tape.Explain(&b))
			golden(t, g.name+".txt", b.String())
		})
	}
}

func TestDOT(t *testing.T) {
	for _, g := range graphs {
		t.Run(g.name, func(t *testing.T) {
			tape := autograd.NewTape(cpu.New())
			g.build(tape)
			var b strings.Builder
			require.NoError(t, tape.DOT(&b))
			golden(t, g.name+".dot", b.String())
			assert.Equal(t, strings.Count(b.String(), "{"), strings.Count(b.String(), "}"))
		})
	}
}

// refusing is a writer on a full disk.
type refusing struct{}

var errFull = errors.New("disk full")

func (refusing) Write([]byte) (int, error) { return 0, errFull }

func TestGraphsReportWriteErrors(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	leaf(tape, 1).Square()
	assert.ErrorIs(t, tape.Explain(refusing{}), errFull)
	assert.ErrorIs(t, tape.DOT(refusing{}), errFull)
}

// A graph of two nodes quotes a name that DOT would trip over.
func TestDOTQuotes(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	p := param(tape.Backend(), 1)
	p.Name = `a "quoted" name`
	p.On(tape).Square()
	var b strings.Builder
	require.NoError(t, tape.DOT(&b))
	assert.Contains(t, b.String(), `label="a \"quoted\" name\n[1]"`)
}

func TestRecords(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	p := param(tape.Backend(), 1, 2)
	SoftAbs(p.On(tape), 0.7)
	tape.Zeros(3)
	leaf(tape, 1)
	var names []string
	for r := range tape.Records() {
		names = append(names, r.Name)
		switch r.ID {
		case 0:
			assert.Same(t, p, r.Param)
			assert.Equal(t, []int{2}, r.Shape)
		case 1:
			assert.InDelta(t, 0.7, r.Op.(*softAbs).Delta, 0)
			assert.Equal(t, []int32{0}, r.Inputs)
			assert.Equal(t, "Delta=0.7", r.Attributes())
		default:
			assert.Empty(t, r.Attributes())
		}
	}
	assert.Equal(t, []string{"param", "softAbs", "const", "leaf"}, names)
	for range tape.Records() { // a loop may end early
		break
	}
}

// What graphs write on edges: few numbers as they are, many as their shape, and
// gradients where there are any.
func TestRecordValueAndGradient(t *testing.T) {
	tape := autograd.NewTape(cpu.New())
	x := leaf(tape, 1, -2)
	y := x.Mul(x).Sum()
	tape.Zeros(5).Neg()
	y.RetainGrad()
	tape.Backward(y)
	var values, gradients []string
	for r := range tape.Records() {
		assert.Equal(t, r.Shape, r.Var().Shape())
		values, gradients = append(values, r.Value()), append(gradients, r.Gradient())
	}
	assert.Equal(t, []string{"(1, -2)", "(1, 4)", "5"}, values[:3])
	assert.Equal(t, []string{"[5]", "[5]"}, values[len(values)-2:])
	assert.Equal(t, []string{"(2, -4)", "", "1"}, gradients[:3], "of a leaf, of nothing, and retained")
}
