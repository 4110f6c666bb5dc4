package ntm

import (
	"math"
	"math/rand/v2"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Task draws examples of an algorithm.
type Task interface {
	// Widths returns how many numbers are seen and said at each step.
	Widths() (in, out int)

	// Steps returns how many steps an example of a length has in all, and how many of
	// them, the last ones, are the answer.
	Steps(length int) (all, answer int)

	// Fill draws an example of a length: x [all, in] and y [answer, out], 0 where it
	// does not set them.
	Fill(r *rand.Rand, length int, x, y []float32)
}

// Copy is to say a sequence of vectors again: length random vectors of Bits, a mark,
// then as many empty steps to answer in.
type Copy struct {
	Bits int // 0 means 8
}

func (t Copy) bits() int { return or(t.Bits, 8) }

// Widths implements [Task].
func (t Copy) Widths() (in, out int) { return t.bits() + 1, t.bits() }

// Steps implements [Task].
func (t Copy) Steps(length int) (all, answer int) { return 2*length + 1, length }

// Fill implements [Task].
func (t Copy) Fill(r *rand.Rand, length int, x, y []float32) {
	in, out := t.Widths()
	toss(r, y)
	for i := range length {
		copy(x[i*in:], y[i*out:(i+1)*out])
	}
	x[length*in+out] = 1
}

// Recall is associative recall: length items of three vectors, each behind a mark,
// then one of them once more between two marks of another kind; the answer is the item
// that came behind it. The length is 2 or more.
type Recall struct {
	Bits int // 0 means 6
}

// item is how many vectors an item has.
const item = 3

func (t Recall) bits() int { return or(t.Bits, 6) }

// Widths implements [Task].
func (t Recall) Widths() (in, out int) { return t.bits() + 2, t.bits() }

// Steps implements [Task].
func (t Recall) Steps(length int) (all, answer int) {
	return length*(1+item) + 1 + item + 1 + item, item
}

// Fill implements [Task].
func (t Recall) Fill(r *rand.Rand, length int, x, y []float32) {
	in, out := t.Widths()
	items := make([]float32, length*item*out)
	toss(r, items)
	asked := r.IntN(length - 1)
	at := 0
	mark := func(kind int) {
		x[at*in+out+kind] = 1
		at++
	}
	show := func(i int) {
		for j := range item {
			copy(x[at*in:], items[(i*item+j)*out:(i*item+j+1)*out])
			at++
		}
	}
	for i := range length {
		mark(0)
		show(i)
	}
	mark(1)
	show(asked)
	mark(1)
	copy(y, items[(asked+1)*item*out:])
}

func or(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

// toss sets bits at random.
func toss(r *rand.Rand, bits []float32) {
	for i := range bits {
		bits[i] = float32(r.IntN(2))
	}
}

// Batch is examples of one length.
type Batch struct {
	N, Length int
	X         []float32 // what is seen, [N, all, in]
	Y         []float32 // what is to be said, [N, answer, out]

	task Task
}

// Draw fills the batch with n examples of a length; what it held is overwritten.
func (b *Batch) Draw(task Task, r *rand.Rand, n, length int) {
	in, out := task.Widths()
	all, answer := task.Steps(length)
	b.N, b.Length, b.task = n, length, task
	b.X, b.Y = zeros(b.X, n*all*in), zeros(b.Y, n*answer*out)
	for i := range n {
		task.Fill(r, length, b.X[i*all*in:(i+1)*all*in], b.Y[i*answer*out:(i+1)*answer*out])
	}
}

// zeros returns n of them, in the memory of s if there is room.
func zeros(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	clear(s[:n])
	return s[:n]
}

// Input puts what is seen on a tape, [N, all, in].
func (b *Batch) Input(tape *autograd.Tape) autograd.Var {
	in, _ := b.task.Widths()
	all, _ := b.task.Steps(b.Length)
	return tape.Input(b.X, b.N, all, in)
}

// Target puts what is to be said on a tape, [N, answer, out].
func (b *Batch) Target(tape *autograd.Tape) autograd.Var {
	_, out := b.task.Widths()
	_, answer := b.task.Steps(b.Length)
	return tape.Input(b.Y, b.N, answer, out)
}

// Loss returns the mean cross entropy of the bits that m says of a batch, in nats: [].
func (m *NTM) Loss(tape *autograd.Tape, b *Batch) autograd.Var {
	target := b.Target(tape)
	return nn.BCEWithLogits(m.Forward(b.Input(tape), target.Dim(1)), target)
}

// Score is how well a machine does examples of a length.
type Score struct {
	Length int     `json:"length"`
	Cost   float64 `json:"cost"`  // the cross entropy of an example's answer, in bits: 0 for one that is known
	Wrong  float64 `json:"wrong"` // bits that are wrong, in the mean of an example
	Right  float64 `json:"right"` // the share of examples without a wrong bit
}

// Measure scores n examples of a length, drawn from a seed. It is an error if the
// backend fails.
func Measure(be backend.Backend, m *NTM, task Task, seed uint64, n, length int) (Score, error) {
	s := Score{Length: length}
	var b Batch
	b.Draw(task, rand.New(tensor.NewRand(seed, uint64(length))), n, length)
	in, out := task.Widths()
	all, answer := task.Steps(length)
	tape := autograd.Config{Inference: true}.NewTape(be)
	wrong := make([]int, n)
	err := autograd.Try(func() {
		state := m.Start(tape, n)
		for t := range all {
			x := tape.Input(b.X, n, all, in).Select(1, t)
			var y autograd.Var
			y, state = m.Step(x, state)
			if at := t - (all - answer); at >= 0 {
				for i, score := range m.Out.Forward(y).Float64s() {
					if b.Y[(i/out*answer+at)*out+i%out] > 0 {
						score = -score // now it is below 0 where the bit is right
					}
					s.Cost += (max(score, 0) + math.Log1p(math.Exp(-math.Abs(score)))) / (math.Ln2 * float64(n))
					if score >= 0 {
						wrong[i/out]++
					}
				}
			}
			tape.Reset(state.Vars()...) // the memory of a step is all that one takes
		}
	})
	for _, bits := range wrong {
		s.Wrong += float64(bits) / float64(n)
		if bits == 0 {
			s.Right++
		}
	}
	s.Right /= float64(n)
	return s, err
}
