package lm_test

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/nn/data"
)

func ExampleSampler() {
	be := reference.New()
	vocab := data.NewVocabulary("you", "say", "goodbye")
	// Each word is followed by the next one, the last by the first; see newCounting.
	m := newCounting(be, []float32{0, 5, 0}, []float32{0, 5, 0}, []float32{0, 0, 5})
	seed, _ := vocab.Encode([]string{"you"})
	ids, err := lm.Sampler{TopK: 1}.Generate(be, m, seed, 3, rand.New(rand.NewPCG(1984, 0)))
	fmt.Println(strings.Join(vocab.Decode(ids), " "), err)
	// Output: say say goodbye <nil>
}
