package optim_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/optim"
)

func TestSchedules(t *testing.T) {
	warm := optim.Warmup{Steps: 4, Then: optim.Cosine{LR: 1, Min: 0.2, Steps: 10}}
	cases := []struct {
		name  string
		s     optim.Schedule
		rates map[int]float64
	}{
		{"constant", optim.Constant(0.3), map[int]float64{0: 0.3, 1000: 0.3}},
		{"step", optim.StepDecay{LR: 1, Every: 10}, map[int]float64{0: 1, 9: 1, 10: 0.1, 29: 0.01}},
		{"step/factor", optim.StepDecay{LR: 2, Every: 1, Factor: 0.5}, map[int]float64{0: 2, 1: 1, 3: 0.25}},
		{"cosine", optim.Cosine{LR: 1, Steps: 3}, map[int]float64{0: 1, 1: 0.75, 2: 0.25, 3: 0, 50: 0}},
		{"cosine/no steps", optim.Cosine{LR: 1, Min: 0.5}, map[int]float64{0: 0.5}},
		{"warm-up", warm, map[int]float64{0: 0.25, 1: 0.5, 3: 1, 4: 1, 9: 0.6, 14: 0.2}},
		{"warm-up/none", optim.Warmup{Then: optim.Constant(2)}, map[int]float64{0: 2}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for step, want := range c.rates {
				assert.InDelta(t, want, c.s.Rate(step), 1e-12, "step %d", step)
			}
		})
	}
}

func TestPlateau(t *testing.T) {
	cases := []struct {
		name    string
		p       optim.Plateau
		metrics []float64
		rates   []float64
		best    []bool
	}{
		{"book", optim.Plateau{LR: 16}, []float64{300, 200, 200, 250, 190, 195}, []float64{16, 16, 4, 1, 1, 0.25}, []bool{true, true, false, false, true, false}},
		{"patience", optim.Plateau{LR: 16, Factor: 0.5, Patience: 1}, []float64{3, 4, 4, 4, 4, 2, 3}, []float64{16, 16, 8, 8, 4, 4, 4}, []bool{true, false, false, false, false, true, false}},
		{"diverged", optim.Plateau{LR: 4}, []float64{math.NaN(), math.Inf(1), 5, math.NaN()}, []float64{1, 0.25, 0.25, 0.0625}, []bool{false, false, true, false}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for i, m := range c.metrics {
				saved, err := json.Marshal(c.p) // a checkpoint, at any time
				require.NoError(t, err)
				c.p = optim.Plateau{}
				require.NoError(t, json.Unmarshal(saved, &c.p))

				assert.Equal(t, c.best[i], c.p.Observe(m), "observation %d", i)
				assert.Equal(t, c.rates[i], c.p.Rate(i), "observation %d", i)
			}
		})
	}
}

func ExampleConstant() {
	fmt.Printf("%.4g\n", optim.Constant(1e-3).Rate(7))
	// Output: 0.001
}

func ExampleStepDecay() {
	s := optim.StepDecay{LR: 1, Every: 10, Factor: 0.5}
	fmt.Printf("%.4g %.4g %.4g\n", s.Rate(0), s.Rate(10), s.Rate(25))
	// Output: 1 0.5 0.25
}

func ExampleCosine() {
	s := optim.Cosine{LR: 1, Min: 0.1, Steps: 100}
	fmt.Printf("%.4g %.4g %.4g\n", s.Rate(0), s.Rate(50), s.Rate(100))
	// Output: 1 0.55 0.1
}

func ExampleWarmup() {
	s := optim.Warmup{Steps: 10, Then: optim.Cosine{LR: 1, Steps: 100}}
	fmt.Printf("%.4g %.4g %.4g %.4g\n", s.Rate(0), s.Rate(9), s.Rate(60), s.Rate(110))
	// Output: 0.1 1 0.5 0
}

func ExamplePlateau() {
	s := &optim.Plateau{LR: 20}
	for epoch, perplexity := range []float64{180, 120, 125, 110} {
		best := s.Observe(perplexity)
		fmt.Println(best, s.Rate(epoch))
	}
	// Output:
	// true 20
	// true 20
	// false 5
	// true 5
}
