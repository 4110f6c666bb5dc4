package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// The query looks like the second key, so the context is mostly the second value.
func ExampleDotAttention() {
	tape := autograd.NewTape(cpu.New())
	query := tape.Input([]float32{0, 3}, 1, 1, 2)
	keys := tape.Input([]float32{1, 0, 0, 1, -1, 0}, 1, 3, 2)
	values := tape.Input([]float32{10, 20, 30}, 1, 3, 1)
	context, weights := nn.DotAttention(query, keys, values)
	fmt.Println(weights)
	fmt.Println(context)
	// Output:
	// [[[0.0453 0.9094 0.0453]]]
	// [[[20.]]]
}

// A mask says what counts: here, that the third position is padding.
func ExampleScaledDotAttention() {
	tape := autograd.NewTape(cpu.New())
	query := tape.Input([]float32{0, 3}, 1, 1, 2)
	keys := tape.Input([]float32{1, 0, 0, 1, 9, 9}, 1, 3, 2)
	mask := tape.Input([]float32{1, 1, 0}, 1, 3)
	_, weights := nn.ScaledDotAttention(query, keys, keys, mask)
	fmt.Println(weights)
	// Output:
	// [[[0.107 0.893 0.   ]]]
}

func ExampleCausalMask() {
	fmt.Println(nn.CausalMask(autograd.NewTape(cpu.New()), 3))
	// Output:
	// [[1. 0. 0.]
	//  [1. 1. 0.]
	//  [1. 1. 1.]]
}

// Self-attention: query, keys and values are one sequence, and no position sees
// those after it.
func ExampleMultiHeadAttention() {
	be := cpu.New()
	l := nn.NewMultiHeadAttention(nn.NewInit(be, 1), 8, 2)
	tape := autograd.NewTape(be)
	x := tape.Full(0.5, 1, 3, 8)
	y, weights := l.Forward(x, x, x, nn.CausalMask(tape, 3))
	fmt.Println(y.Shape())
	fmt.Println(weights.Select(1, 0)) // of the first head
	// Output:
	// [1 3 8]
	// [[[1.     0.     0.    ]
	//   [0.5    0.5    0.    ]
	//   [0.3333 0.3333 0.3333]]]
}

// naiveAttention attends for one query vector: weights over keys and the mean of values.
func naiveAttention(query []float64, keys, values matrix, scale float64, counts func(t int) bool) (context, weights []float64) {
	total := 0.0
	weights = make([]float64, len(keys))
	for t, key := range keys {
		if !counts(t) {
			continue
		}
		score := 0.0
		for i, q := range query {
			score += q * key[i]
		}
		weights[t] = math.Exp(score * scale)
		total += weights[t]
	}
	context = make([]float64, values.cols())
	for t, value := range values {
		weights[t] /= total
		for i, v := range value {
			context[i] += weights[t] * v
		}
	}
	return context, weights
}

func TestAttention(t *testing.T) {
	const n, s, steps, h, d = 2, 3, 4, 5, 6
	be, r := reference.New(), tensor.NewRand(1, 0)
	query, keys, values := tensor.Randn(be, r, n, s, h), tensor.Randn(be, r, n, steps, h), tensor.Randn(be, r, n, steps, d)
	everything := func(_, _, _ int) bool { return true }
	batch := tensor.FromSlice(be, []float32{1, 0, 1, 1, 0, 1, 1, 1}, n, 1, steps) // padding, by sequence
	for _, c := range []struct {
		name   string
		scaled bool
		mask   *tensor.Tensor
		counts func(i, j, t int) bool
	}{
		{"dot", false, nil, everything},
		{"scaled", true, nil, everything},
		{"scaled/mask", true, tensor.FromSlice(be, []float32{1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0}, s, steps), func(_, j, t int) bool { return t <= j }},
		{"scaled/mask of a batch", true, batch, func(i, _, t int) bool { return batch.Float64s()[i*steps+t] != 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := autograd.NewTape(be)
			q, k, v := tape.Const(query), tape.Const(keys), tape.Const(values)
			var mask, context, weights autograd.Var
			scale := 1.0
			if c.scaled {
				if c.mask != nil {
					mask = tape.Const(c.mask)
				}
				context, weights = nn.ScaledDotAttention(q, k, v, mask)
				scale = 1 / math.Sqrt(h)
			} else {
				context, weights = nn.DotAttention(q, k, v)
			}
			assert.Equal(t, []int{n, s, d}, context.Shape())
			assert.Equal(t, []int{n, s, steps}, weights.Shape())
			for i := range n {
				ks, vs := fold(k.Select(0, i).Float64s(), steps, h), fold(v.Select(0, i).Float64s(), steps, d)
				for j := range s {
					wantContext, wantWeights := naiveAttention(q.Select(0, i).Select(0, j).Float64s(), ks, vs, scale, func(t int) bool { return c.counts(i, j, t) })
					assert.InDeltaSlice(t, wantContext, context.Select(0, i).Select(0, j).Float64s(), 1e-12)
					assert.InDeltaSlice(t, wantWeights, weights.Select(0, i).Select(0, j).Float64s(), 1e-12)
				}
			}
		})
	}
}

// What the mask leaves out has no influence and gets no gradient; a row that may
// attend to nothing gives numbers all the same.
func TestMaskedAttention(t *testing.T) {
	be, r := cpu.New(), tensor.NewRand(1, 0)
	tape := autograd.NewTape(be)
	keys := tape.Leaf(tensor.Randn(be, r, 1, 3, 4))
	query := tape.Const(tensor.Randn(be, r, 1, 2, 4))
	mask := tape.Input([]float32{1, 1, 0, 0, 0, 0}, 2, 3)
	context, weights := nn.ScaledDotAttention(query, keys, keys, mask)
	assert.Zero(t, weights.Floats()[2])
	assert.InDeltaSlice(t, []float32{1. / 3, 1. / 3, 1. / 3}, weights.Floats()[3:], 1e-6)

	tape.Backward(context.Slice(1, 0, 1).Sum())
	g, _ := keys.Grad()
	assert.Equal(t, make([]float32, 4), g.Floats()[8:], "the third key")
	assert.NotEqual(t, make([]float32, 4), g.Floats()[:4], "the first key")
}

func TestCausalMask(t *testing.T) {
	for _, n := range []int{0, 1, 2, 5, 8, 9} {
		mask := nn.CausalMask(autograd.NewTape(cpu.New()), n)
		assert.Equal(t, []int{n, n}, mask.Shape())
		for i, v := range mask.Floats() {
			want := float32(0)
			if i%n <= i/n {
				want = 1
			}
			assert.Equal(t, want, v, "row %d column %d of %d", i/n, i%n, n)
		}
	}
}

func TestMultiHeadAttention(t *testing.T) {
	const n, s, steps, d, heads = 2, 3, 4, 6, 3
	be, r := reference.New(), tensor.NewRand(1, 0)
	l := nn.NewMultiHeadAttention(nn.NewInit(be, 1), d, heads)
	for _, p := range nn.Params(l) {
		p.Data = tensor.Randn(be, r, p.Data.Shape()...) // biases too
	}
	query, keys, values := tensor.Randn(be, r, n, s, d), tensor.Randn(be, r, n, steps, d), tensor.Randn(be, r, n, steps, d)
	tape := autograd.NewTape(be)
	y, weights := l.Forward(tape.Const(query), tape.Const(keys), tape.Const(values), autograd.Var{})
	assert.Equal(t, []int{n, s, d}, y.Shape())
	assert.Equal(t, []int{n, heads, s, steps}, weights.Shape())

	affine := func(l *nn.Linear, x matrix) matrix {
		return dot(x, fold(l.W.Data.Float64s(), d, d)).plus(l.B.Data.Float64s())
	}
	for i := range n {
		q := affine(l.Q, fold(query.Select(0, i).Float64s(), s, d))
		k := affine(l.K, fold(keys.Select(0, i).Float64s(), steps, d))
		v := affine(l.V, fold(values.Select(0, i).Float64s(), steps, d))
		joined := zeros(s, d)
		for head := range heads {
			for j, row := range q.part(head, heads) {
				context, want := naiveAttention(row, k.part(head, heads), v.part(head, heads), 1/math.Sqrt(d/heads), func(int) bool { return true })
				copy(joined[j][head*d/heads:], context)
				assert.InDeltaSlice(t, want, weights.Select(0, i).Select(0, head).Select(0, j).Float64s(), 1e-12)
			}
		}
		assert.InDeltaSlice(t, affine(l.O, joined).flat(), y.Select(0, i).Float64s(), 1e-12)
	}
	assert.Equal(t, "nn: multi-head attention: 4 heads for a width of 6; want a number of heads that divides it",
		panicText(t, func() { nn.NewMultiHeadAttention(nn.NewInit(be, 1), 6, 4) }))
}

// Under a causal mask, what comes later changes nothing.
func TestCausalAttentionLooksBack(t *testing.T) {
	be, r := cpu.New(), tensor.NewRand(1, 0)
	l := nn.NewMultiHeadAttention(nn.NewInit(be, 1), 4, 2)
	tape := autograd.NewTape(be)
	x := tape.Const(tensor.Randn(be, r, 1, 3, 4))
	other := autograd.Concat(1, x.Slice(1, 0, 2), tape.Full(9, 1, 1, 4))
	mask := nn.CausalMask(tape, 3)
	y, _ := l.Forward(x, x, x, mask)
	z, _ := l.Forward(other, other, other, mask)
	assert.Equal(t, y.Slice(1, 0, 2).Floats(), z.Slice(1, 0, 2).Floats())
	assert.NotEqual(t, y.Slice(1, 2, 3).Floats(), z.Slice(1, 2, 3).Floats())
}

// Attending to keys and values that were kept, position by position, is attending to
// all of them at once.
func TestKeysValues(t *testing.T) {
	const n, steps, d, heads = 2, 4, 6, 3
	be, r := reference.New(), tensor.NewRand(1, 0)
	l := nn.NewMultiHeadAttention(nn.NewInit(be, 1), d, heads)
	tape := autograd.NewTape(be)
	x := tape.Const(tensor.Randn(be, r, n, steps, d))
	want, _ := l.Forward(x, x, x, nn.CausalMask(tape, steps))
	var kept nn.KeysValues
	for i := range steps {
		now := x.Slice(1, i, i+1)
		kept = kept.Append(l.Project(now, now))
		y, weights := l.Attend(now, kept, autograd.Var{})
		assert.InDeltaSlice(t, want.Slice(1, i, i+1).Float64s(), y.Float64s(), 1e-12)
		assert.Equal(t, []int{n, heads, 1, i + 1}, weights.Shape())
	}
	assert.Equal(t, []int{n, heads, steps, d / heads}, kept.K.Shape())
	assert.Equal(t, []*autograd.Var{&kept.K, &kept.V}, kept.Vars())
}
