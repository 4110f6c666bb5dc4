package nn_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/tensor"
)

// Of 10,000 words, only the target and its negatives get a gradient.
func ExampleNegativeSampling() {
	be := cpu.New()
	l := nn.NewNegativeSampling(nn.NewInit(be, 1), 10_000, 2)
	tape := autograd.NewTape(be)
	h := tape.Input([]float32{1, -1}, 1, 2)
	targets := tensor.NewInts([]int32{42}, 1)
	negatives := tensor.NewInts([]int32{7, 1234, 7}, 1, 3) // from a UnigramSampler
	loss := l.Forward(h, targets, negatives)
	fmt.Printf("%.2f\n", loss.Item()) // four coin tosses at the start: 4 ln 2

	tape.Backward(loss)
	fmt.Println(l.W.Grad.IDs)
	// Output:
	// 2.76
	// [7 1234 42]
}

// Rare words are drawn more often than they occur: the last is 1% of the text.
func ExampleUnigramSampler() {
	s := nn.NewUnigramSampler([]int{970, 20, 10}, 0.75)
	r := rand.New(tensor.NewRand(1984, 0))
	drawn := [3]int{}
	for range 10_000 {
		drawn[s.Draw(r)]++
	}
	fmt.Printf("%.0f%%\n", float64(drawn[2])/100)

	negatives := make([]int32, 6)
	s.Negatives(r, negatives, []int32{0, 2}) // three for each target, never the target itself
	fmt.Println(negatives)
	// Output:
	// 3%
	// [2 1 1 0 0 0]
}
