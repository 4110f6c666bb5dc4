package optim

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Clipper limits gradients between Backward and Step. Its zero value is ready; it
// keeps the memory it works in, so that a warm call makes no garbage. A row-sparse
// gradient stays row-sparse.
//
// Its methods panic with a [*backend.Error] if a kernel has failed since the
// gradients were begun.
type Clipper struct {
	arena *tensor.Arena
	sums  *tensor.Tensor // [P], the sum of squares of each parameter's gradient
	host  []float32
	guard guard
}

// Norm returns the Euclidean norm of all gradients taken as one vector. Frozen
// parameters and those without a gradient count as 0. It waits for the backend
// once.
func (c *Clipper) Norm(params []*autograd.Param) float64 {
	if !c.begin(params) {
		return 0
	}
	be := c.arena.Backend()
	if c.sums == nil || c.sums.Len() != len(params) || c.sums.Backend() != be {
		c.sums, c.host = tensor.New(be, len(params)), make([]float32, len(params))
	}
	c.sums.Fill(0)
	for i, p := range params {
		if !hasGrad(p) {
			continue
		}
		sum := c.arena.Put(p.Grad.Tensor()).SumSquares()
		c.arena.Put(c.sums).Slice(0, i, i+1).CopyFrom(sum)
		c.arena.Reset(nil)
	}
	c.sums.Read(c.host)
	total := 0.0
	for _, s := range c.host {
		total += float64(s)
	}
	return math.Sqrt(total)
}

// ClipNorm scales all gradients by one factor where their norm exceeds max, and
// returns the norm before:
//
//	rate = max / (norm + 1e-6); g *= rate where rate < 1
//
// As clip_grads in Deep Learning from Scratch 2; Pascanu, Mikolov and Bengio
// (2013). Where the norm returned is infinite or NaN, the gradients are of no use.
// It panics if max is negative.
func (c *Clipper) ClipNorm(params []*autograd.Param, max float64) float64 {
	limit("ClipNorm", max)
	norm := c.Norm(params)
	rate := max / (norm + 1e-6)
	if rate < 1 {
		for _, p := range params {
			if hasGrad(p) {
				p.Grad.Tensor().ScaleInPlace(rate)
			}
		}
	}
	return norm
}

// ClipValue limits every element of all gradients to [-max, max]. It panics if max
// is negative.
func (c *Clipper) ClipValue(params []*autograd.Param, max float64) {
	limit("ClipValue", max)
	if !c.begin(params) {
		return
	}
	for _, p := range params {
		if hasGrad(p) {
			g := p.Grad.Tensor()
			tensor.UnaryInto(g, backend.Clamp, g, -max, max)
		}
	}
}

func limit(op string, max float64) {
	if !(max >= 0) {
		panic(fmt.Sprintf("optim: %s to %v: want a limit of 0 or more", op, max))
	}
}

// begin checks for faults, readies the memory and reports whether there are
// gradients.
func (c *Clipper) begin(params []*autograd.Param) bool {
	for _, p := range params {
		c.guard.add(p)
	}
	if !c.guard.check() {
		return false
	}
	if c.arena == nil || c.arena.Backend() != c.guard.be {
		c.arena = tensor.NewArena(c.guard.be)
	}
	c.arena.Reset(nil)
	return true
}
