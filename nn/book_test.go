package nn_test

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/tensor"
)

// TestBook holds the tape's gradients equal to those that Deep Learning from
// Scratch 2 derives by hand. Each row of the table in book_rows_test.go computes
// one layer twice: forwards and backwards by the formulas of book_formulas_test.go,
// and with package nn, where nobody wrote a backward pass. Values, and gradients of
// all inputs and parameters, must agree, on fused kernels and without them.
//
// docs/gradients.md shows the table.
func TestBook(t *testing.T) {
	device := remote.New(cpu.New(), 64<<20)
	defer device.Close()
	machines := []struct {
		name      string
		be        backend.Backend
		tolerance tensor.Tolerance
	}{
		{"fused", cpu.New(), single},
		{"composed", backend.Basic(cpu.New()), single},
		{"reference", reference.New(), double},
		{"remote", device, single},
	}
	for _, row := range book {
		t.Run(row.name, func(t *testing.T) {
			for seed := range uint64(5) {
				hand := newByHand(seed)
				row.hand(hand)
				for _, m := range machines {
					t.Run(fmt.Sprintf("%s/seed=%d", m.name, seed), func(t *testing.T) {
						for _, difference := range hand.compare(m.be, m.tolerance, row.tape) {
							t.Error(difference)
						}
					})
				}
			}
		})
	}
}

// What float32 may differ from the formulas, and what float64 may.
var (
	single = tensor.Tolerance{Rel: 1e-5, Abs: 1e-6}
	double = tensor.Tolerance{Rel: 1e-11, Abs: 1e-13}
)

// bookRow is one layer of the book.
type bookRow struct {
	chapter string
	name    string
	formula string // forwards; backwards. dy is the gradient of the loss by y
	wengert string // the same as a user writes it
	hand    func(b *byHand)
	tape    func(t *onTape)
}

// value is a number, vector, matrix or steps.
type value interface {
	shape() []int
	flat() []float64         // row-major
	fill(data []float64) any // the same kind and shape with other elements
}

// byHand computes a layer by the book's formulas. It draws the inputs, notes the
// results, and hands out a random gradient for each result, as if the layer stood
// in the middle of a network.
type byHand struct {
	N, T, D, H, V int // batch, time steps, input width, hidden width, vocabulary

	rand  *tensor.Rand
	seed  uint64
	in    map[string]value
	ints  map[string]tensor.Ints
	outs  []quantity // in the order of out
	dout  []value
	grads []quantity
}

type quantity struct {
	name string
	value
}

// newByHand draws sizes; seed 0 has all of them 1.
func newByHand(seed uint64) *byHand {
	b := &byHand{N: 1, T: 1, D: 1, H: 1, V: 2, rand: tensor.NewRand(seed, 7), seed: seed, in: map[string]value{}, ints: map[string]tensor.Ints{}}
	if seed > 0 {
		for _, size := range []*int{&b.N, &b.T, &b.D, &b.H, &b.V} {
			*size = 2 + int(b.rand.Uint64()%5)
		}
	}
	return b
}

// numbers draws n numbers from [-1, 1) that float32 holds exactly.
func (b *byHand) numbers(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(float32(2*b.rand.Float64() - 1))
	}
	return out
}

// input draws an input of the kind and shape of zero.
func input[V value](b *byHand, name string, zero V) V {
	v := zero.fill(b.numbers(len(zero.flat()))).(V)
	b.in[name] = v
	return v
}

func (b *byHand) vector(name string, n int) vector { return input(b, name, make(vector, n)) }
func (b *byHand) matrix(name string, rows, cols int) matrix {
	return input(b, name, zeros(rows, cols))
}

func (b *byHand) steps(name string, n, t, d int) steps {
	zero := make(steps, t)
	for i := range zero {
		zero[i] = zeros(n, d)
	}
	return input(b, name, zero)
}

// ids draws ids [shape...] from [lo, hi), the first two the same.
func (b *byHand) ids(name string, lo, hi int, shape ...int) []int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	ids, data := make([]int, n), make([]int32, n)
	for i := range ids {
		ids[i] = lo + int(b.rand.Uint64()%uint64(hi-lo))
		if i == 1 {
			ids[1] = ids[0]
		}
		data[i] = int32(ids[i])
	}
	b.ints[name] = tensor.NewInts(data, shape...)
	return ids
}

// mask draws what dropout multiplies n elements with on a fresh tape: element i
// takes word i%4 of Philox block i/4 (package backend has the rule).
func (b *byHand) mask(n int, p float64) []float64 {
	key := tensor.NewRand(b.seed, 0).Key
	out := make([]float64, n)
	for i := range out {
		if backend.Unit(backend.Philox(uint64(i/4), key)[i%4]) >= p {
			out[i] = 1 / (1 - p)
		}
	}
	return out
}

// out notes a result and returns its gradient.
func out[V value](b *byHand, name string, y V) (dy V) {
	dy = y.fill(b.numbers(len(y.flat()))).(V)
	b.outs = append(b.outs, quantity{name, y})
	b.dout = append(b.dout, dy)
	return dy
}

// grad notes the gradient of an input, in the order of their names.
func (b *byHand) grad(name string, dx value) {
	b.grads = append(b.grads, quantity{name, dx})
	slices.SortFunc(b.grads, func(x, y quantity) int { return strings.Compare(x.name, y.name) })
}

// onTape computes the layer with wengert, from the inputs that byHand drew.
type onTape struct {
	*autograd.Tape
	hand   *byHand
	leaves map[string]autograd.Var
	params map[string]*autograd.Param
	outs   []quantity
	loss   autograd.Var
}

func (t *onTape) tensor(name string) *tensor.Tensor {
	v, ok := t.hand.in[name]
	if !ok {
		panic("the formula draws no input " + name)
	}
	return tensor.FromFloat64(t.Backend(), v.flat(), v.shape()...)
}

// in returns an input as a Var.
func (t *onTape) in(name string) autograd.Var {
	t.leaves[name] = t.Leaf(t.tensor(name))
	return t.leaves[name]
}

// param returns an input as a parameter.
func (t *onTape) param(name string) *autograd.Param {
	t.params[name] = autograd.NewParam(t.tensor(name))
	return t.params[name]
}

func (t *onTape) ids(name string) tensor.Ints { return t.hand.ints[name] }

// out notes a result and adds it to the loss, weighted with the gradient that byHand
// drew for it, which so becomes its gradient.
func (t *onTape) out(name string, y autograd.Var) {
	dy := t.hand.dout[len(t.outs)]
	weight := t.Const(tensor.FromFloat64(t.Backend(), dy.flat(), dy.shape()...))
	t.outs = append(t.outs, quantity{name, dense{slices.Clone(y.Shape()), y.Float64s()}})
	t.loss = t.loss.Add(y.Mul(weight).Sum())
}

// gradient returns what Backward left for an input.
func (t *onTape) gradient(name string) value {
	if x, ok := t.leaves[name]; ok {
		g, ok := x.Grad()
		if !ok {
			return dense{slices.Clone(x.Shape()), make([]float64, x.Len())}
		}
		return dense{slices.Clone(g.Shape()), g.Float64s()}
	}
	p, ok := t.params[name]
	if !ok {
		panic("the tape takes no input " + name)
	}
	return gradientOf(p)
}

// gradientOf returns a Param's gradient in full, whatever its form.
func gradientOf(p *autograd.Param) dense {
	d := dense{slices.Clone(p.Data.Shape()), make([]float64, p.Data.Len())}
	switch g := &p.Grad; {
	case g.Dense != nil:
		d.data = g.Dense.Float64s()
	case g.Rows != nil:
		width := p.Data.Dim(1)
		for i, v := range g.Rows.Float64s() {
			d.data[int(g.IDs[i/width])*width+i%width] = v
		}
	}
	return d
}

// compare runs the layer on a tape and says where it differs from the formulas.
func (b *byHand) compare(be backend.Backend, tolerance tensor.Tolerance, layer func(*onTape)) (differences []string) {
	tape := &onTape{
		Tape: autograd.Config{Seed: b.seed}.NewTape(be), hand: b,
		leaves: map[string]autograd.Var{}, params: map[string]*autograd.Param{},
	}
	tape.loss = tape.Zeros()
	layer(tape)
	tape.Backward(tape.loss)

	check := func(name string, got, want value) {
		if diff := tolerance.Diff(asTensor(got), asTensor(want)); diff != "" {
			differences = append(differences, fmt.Sprintf("%s: tape and formula: %s", name, diff))
		}
	}
	if got, want := names(tape.outs), names(b.outs); !slices.Equal(got, want) {
		return []string{fmt.Sprintf("the tape computes %v, the formula %v", got, want)}
	}
	for i, want := range b.outs {
		check(want.name, tape.outs[i], want)
	}
	if got, want := names(b.grads), slices.Sorted(maps.Keys(b.in)); !slices.Equal(got, want) {
		return append(differences, fmt.Sprintf("gradients of %v for inputs %v", got, want))
	}
	for _, want := range b.grads {
		check("d"+want.name, tape.gradient(want.name), want)
	}
	return differences
}

func names(qs []quantity) []string {
	list := make([]string, len(qs))
	for i, q := range qs {
		list[i] = q.name
	}
	return list
}

func asTensor(v value) *tensor.Tensor {
	return tensor.FromFloat64(reference.New(), v.flat(), v.shape()...)
}

// dense is a value read back from a tape.
type dense struct {
	dims []int
	data []float64
}

func (d dense) shape() []int            { return d.dims }
func (d dense) flat() []float64         { return d.data }
func (d dense) fill(data []float64) any { return dense{d.dims, data} }

func (v number) shape() []int            { return nil }
func (v number) flat() []float64         { return []float64{float64(v)} }
func (v number) fill(data []float64) any { return number(data[0]) }

func (v vector) shape() []int            { return []int{len(v)} }
func (v vector) flat() []float64         { return v }
func (v vector) fill(data []float64) any { return vector(data) }

func (m matrix) shape() []int            { return []int{m.rows(), m.cols()} }
func (m matrix) flat() []float64         { return slices.Concat(m...) }
func (m matrix) fill(data []float64) any { return fold(data, m.rows(), m.cols()) }

func fold(data []float64, rows, cols int) matrix {
	m := make(matrix, rows)
	for i := range m {
		m[i] = data[i*cols : (i+1)*cols]
	}
	return m
}

// flat of time steps is [N, T, D]: batch first, as the tape has it.
func (s steps) shape() []int { return []int{s[0].rows(), len(s), s[0].cols()} }

func (s steps) flat() []float64 {
	var data []float64
	for n := range s[0] {
		for t := range s {
			data = append(data, s[t][n]...)
		}
	}
	return data
}

func (s steps) fill(data []float64) any {
	out, d := make(steps, len(s)), s[0].cols()
	for t := range out {
		for n := range s[0] {
			at := (n*len(s) + t) * d
			out[t] = append(out[t], data[at:at+d])
		}
	}
	return out
}

// TestBookNotices makes sure that the comparison can fail.
func TestBookNotices(t *testing.T) {
	hand := newByHand(1)
	x := hand.matrix("x", 2, 3)
	dy := out(hand, "y", x.apply(math.Exp))
	hand.grad("x", dy.mul(x.apply(math.Exp)))

	compare := func(f func(x autograd.Var) autograd.Var) []string {
		return hand.compare(cpu.New(), single, func(t *onTape) { t.out("y", f(t.in("x"))) })
	}
	assert.Empty(t, compare(autograd.Var.Exp))
	off := compare(func(x autograd.Var) autograd.Var { return x.Exp().Scale(1.0001, 0) })
	require.Len(t, off, 2, "value and gradient")
	assert.Contains(t, off[0], "y: tape and formula: 6 of 6 elements differ")
	assert.Contains(t, off[1], "dx: tape and formula: 6 of 6 elements differ")
	stopped := compare(func(x autograd.Var) autograd.Var { return x.Exp().Detach() })
	require.Len(t, stopped, 1, "the gradient alone")
}

// TestGradientsPage holds docs/gradients.md to the table; -update rewrites it.
func TestGradientsPage(t *testing.T) {
	const path, begin, end = "../docs/gradients.md", "<!-- table: go test ./nn -run TestGradientsPage -update -->\n", "<!-- end of table -->"
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(page), begin)
	require.True(t, ok, "%s has no line %s", path, begin)
	table, after, ok := strings.Cut(rest, end)
	require.True(t, ok, "%s has no line %s", path, end)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(before+begin+bookTable()+end+after), 0o666))
		return
	}
	assert.Equal(t, bookTable(), table, "run go test ./nn -run TestGradientsPage -update")
}

var update = flag.Bool("update", false, "write what tests compare with anew")

func bookTable() string {
	var b strings.Builder
	b.WriteString("| chapter | layer | by hand | with wengert | test |\n|---|---|---|---|---|\n")
	for _, row := range book {
		formula := strings.ReplaceAll(strings.ReplaceAll(row.formula, "|", "\\|"), "\n", "<br>")
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | `TestBook/%s` |\n", row.chapter, row.name, formula, row.wengert, strings.ReplaceAll(row.name, " ", "_"))
	}
	return b.String()
}
