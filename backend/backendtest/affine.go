package backendtest

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend"
)

// affine calls the method, or the operations that it stands for.
func affine(be backend.Backend, v []*backend.View) {
	if one, ok := be.(backend.Affiner); ok {
		one.Affine(v[0], v[1], v[2], v[3])
		return
	}
	be.Copy(v[0], v[1])
	be.MatMul(v[0], v[2], v[3], true)
}

// affineChecks try a row as the bias, as a layer has it, in products of few rows and of
// many, and biases of other shapes.
func affineChecks() []check {
	rng := newRand("affine")
	var trials []*trial
	for _, s := range [][3]int{{1, 1, 1}, {1, 9, 70}, {5, 7, 1}, {20, 40, 33}, {60, 16, 50}, {100, 330, 70}, {30, 300, 20}, {4, 0, 5}, {0, 3, 4}} {
		m, k, n := s[0], s[1], s[2]
		for _, xt := range []bool{false, true} {
			for _, wt := range []bool{false, true} {
				for i, bias := range []place{offset(n), offset(1, n), offset(m, 1), offset(m, n), inputForms[len(inputForms)-1].lay(1, n)} {
					trials = append(trials, &trial{
						name: fmt.Sprintf("%dx%dx%d/xT=%t/wT=%t/bias=%d:%s", m, n, k, xt, wt, i, shapeName(bias.Dims())),
						args: []*operand{output(offset(m, n), nil), input(bias, whole(rng)), matrix(xt, whole(rng), m, k), matrix(wt, whole(rng), k, n)},
						call: affine,
					})
				}
			}
		}
	}
	for _, batch := range [][]int{{3}, {2, 3}} {
		shape := func(m, n int) []int { return append(append([]int(nil), batch...), m, n) }
		for _, w := range [][]int{{5, 4}, shape(5, 4)} {
			trials = append(trials, &trial{
				name: fmt.Sprintf("batch/%s/%s", shapeName(batch), shapeName(w)),
				args: []*operand{output(packed(shape(7, 4)...), nil), input(offset(4), whole(rng)), input(packed(shape(7, 5)...), whole(rng)), input(packed(w...), whole(rng))},
				call: affine,
			})
		}
	}
	return checksOf(trials)
}

func drawAffine(t *rapid.T) *trial {
	batch, rng := drawShape(t, backend.MaxRank-2), drawRand(t)
	size := func(name string) int { return rapid.SampledFrom([]int{1, 2, 3, 8, 17, 60}).Draw(t, name) }
	m, k, n := size("M"), size("K"), size("N")
	out := append(append([]int(nil), batch...), m, n)
	return &trial{
		name: "Affine",
		args: []*operand{
			output(drawOutput(t, out), nil),
			input(drawInput(t, drawNarrower(t, out)), whole(rng)),
			input(drawInput(t, append(drawNarrower(t, batch), m, k)), whole(rng)),
			input(drawInput(t, append(drawNarrower(t, batch), k, n)), whole(rng)),
		},
		call: affine,
	}
}
