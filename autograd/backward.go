package autograd

import (
	"fmt"

	"github.com/wengert-ml/wengert/tensor"
)

// Backward adds the derivatives of loss [] or [1] to the gradient of every Param
// that it depends on, and to that of every Var made by Leaf or asked for with
// RetainGrad. It may be called again, and for several losses: gradients add up.
// It panics with a [*tensor.ShapeError] if loss has more than one element.
func (t *Tape) Backward(loss Var) {
	if loss.tape() != t {
		panic("autograd: Backward of a Var of another tape")
	}
	t.backward(loss)
	t.publish()
}

// backward walks the record from loss to its beginning. Nothing is recorded,
// gradients are owned buffers, and memory goes back as soon as it can.
func (t *Tape) backward(loss Var) {
	x := loss.val()
	if x.Len() != 1 {
		panic(&tensor.ShapeError{Op: "backward", Shapes: [][]int{append([]int{}, x.Shape()...)},
			Problem: fmt.Sprintf("a loss of %d elements", x.Len()), Want: "one element: take Sum or Mean first"})
	}
	if t.rule.Inference {
		panic("autograd: Backward on a tape made with Config.Inference, which records nothing; train on one made by NewTape")
	}
	t.current()
	n := int(loss.id) + 1
	t.prepare(0, n)
	for i := range n {
		t.dep[i] = t.nodes[i].needs
	}
	if !t.dep[loss.id] {
		return // a constant: every derivative is 0
	}
	one := t.arena.New(x.Shape()...)
	one.Fill(1)
	t.slots[loss.id].sum = one

	wasOff := t.off
	t.off, t.bwd.rec = true, false
	for id := int32(n) - 1; id >= 0; id-- {
		switch {
		case t.nodes[id].param != nil:
			t.observeParam(id)
		case t.slots[id].sum != nil:
			t.step(id)
		}
	}
	t.off = wasOff
}

// step hands the gradient that has gathered at a node on to its inputs.
func (t *Tape) step(id int32) {
	temp, tempIns := len(t.nodes), len(t.ins)
	g := t.push(node{val: t.slots[id].sum})
	t.slots[id].sum = nil
	if t.nodes[id].leaf || t.extras != nil {
		g = t.observe(id, g)
	}
	if op := t.nodes[id].op; op != nil {
		t.bwd.id, t.bwd.gy, t.bwd.busy = id, g, true
		c, composer := op.(Composer)
		if composer && t.nodes[id].spent {
			t.compose(c, &t.bwd)
		} else {
			op.VJP(&t.bwd)
		}
		if composer { // nobody reads what it saved again: the definition serves a second Backward
			t.nodes[id].spent = true
			release(&t.nodes[id].saved)
		}
		t.bwd.busy = false
		if t.sites != nil {
			t.inspectGrads(op, id)
		}
	}
	t.forget(temp, tempIns)
}

// forget drops the nodes from temp on, made during one step: they were not
// recorded, and what only they held goes back.
func (t *Tape) forget(temp, tempIns int) {
	for i := len(t.nodes) - 1; i >= temp; i-- {
		t.nodes[i].val.Release()
		release(&t.nodes[i].saved)
		t.nodes[i] = node{}
	}
	t.nodes, t.ins = t.nodes[:temp], t.ins[:tempIns]
}

// release gives back what was saved.
func release(saved *[maxSaved]*tensor.Tensor) {
	for i, s := range saved {
		if s != nil {
			s.Release()
			saved[i] = nil
		}
	}
}

// publish hands the gradients of Params over to them, in the order of first use.
func (t *Tape) publish() {
	for _, id := range t.order {
		if int(id) < len(t.slots) {
			t.nodes[id].param.publish(&t.slots[id], t)
		}
	}
}

// current panics if a Param was updated since the tape used it.
func (t *Tape) current() {
	for _, id := range t.order {
		if p := t.nodes[id].param; p.version != t.params[p].version {
			panic(fmt.Sprintf("autograd: Param %q was updated between its use and Backward, so the record no longer fits: Step comes after Backward, then Reset", p.Name))
		}
	}
}

// prepare makes room for the gradients of nodes base to n-1.
func (t *Tape) prepare(base, n int) {
	for len(t.slots) < n {
		t.slots = append(t.slots, slot{})
		t.dep = append(t.dep, false)
	}
	clear(t.dep[base:n])
}

// Grad returns the derivatives of the sum of all elements of outputs by each of
// inputs, in their shapes [...]. They are recorded, so that Grad of a Grad, or
// Backward of a loss made of them, gives higher derivatives. Nothing is added to
// any Param. Where an output does not depend on an input, it is zeros. Within
// NoGrad the derivatives are constants. It panics if an input is itself a
// constant: what was computed from constants alone is not on record.
func (t *Tape) Grad(outputs, inputs []Var) []Var {
	t.current()
	for i, x := range inputs {
		if !x.NeedsGrad() {
			panic(fmt.Sprintf("autograd: Grad by input %d, which is a constant: make it with Leaf, or give a Param that is not frozen", i))
		}
	}
	seeds := t.List(len(outputs))
	for i, y := range outputs {
		seeds[i] = t.Full(1, y.Shape()...)
	}
	grads := t.grad(0, outputs, seeds, inputs)
	for i := range grads {
		if t.off {
			grads[i] = grads[i].Detach()
		}
	}
	return grads
}

// grad differentiates the part of the record from base on, recording what it
// does. It also runs inside a VJP: see compose.
func (t *Tape) grad(base int, outputs, seeds, inputs []Var) []Var {
	n := base
	for _, y := range outputs {
		y.val()
		n = max(n, int(y.id)+1)
	}
	t.prepare(base, n)
	for _, x := range inputs {
		x.val()
		if int(x.id) < n {
			t.dep[x.id] = true
		}
	}
	for i := base; i < n; i++ {
		nd := &t.nodes[i]
		for _, j := range t.ins[nd.in : nd.in+nd.n] {
			t.dep[i] = t.dep[i] || int(j) >= base && t.dep[j]
		}
	}
	outer, wasOff := t.bwd, t.off
	t.off, t.bwd.rec = false, true
	for i, y := range outputs {
		t.addTo(y.id, seeds[i], true)
	}
	grads := t.List(len(inputs))
	for id := int32(n) - 1; int(id) >= base; id-- {
		g := t.slots[id].v
		if g.IsZero() {
			continue
		}
		t.slots[id].v = Var{}
		if t.extras != nil {
			g = t.hooked(id, g)
		}
		asked := false
		for k, x := range inputs {
			if x.id == id {
				grads[k], asked = g, true
			}
		}
		op := t.nodes[id].op
		if op == nil || asked && base > 0 { // within compose, the inputs are where it ends
			continue
		}
		t.bwd.id, t.bwd.gy, t.bwd.busy = id, g, true
		if c, ok := op.(Composer); ok {
			t.compose(c, &t.bwd)
		} else {
			op.VJP(&t.bwd)
		}
		t.bwd.busy = outer.busy
		if t.sites != nil && !outer.busy {
			t.inspectGrads(op, id)
		}
	}
	t.bwd, t.off = outer, wasOff
	for k, x := range inputs {
		if grads[k].IsZero() {
			grads[k] = t.Zeros(x.Shape()...)
		}
	}
	return grads
}

// compose differentiates an op through its definition: it runs that once more
// behind aliases of the inputs, so that its graph stands apart, and
// differentiates this part of the record.
func (t *Tape) compose(c Composer, b *Bwd) {
	base, id, gy, rec := len(t.nodes), b.id, b.gy, b.rec
	wasOff := t.off
	t.off = false
	in := t.List(b.NumIn())
	for i := range in {
		in[i] = t.alias(b.In(i))
	}
	ys := t.List(2)
	ys[0], ys[1] = c.Composed(in), gy
	for i, g := range t.grad(base, ys[:1], ys[1:], in) {
		b.id, b.gy, b.rec = id, gy, rec
		if b.Needs(i) {
			b.Add(i, g)
		}
	}
	t.off = wasOff
}
