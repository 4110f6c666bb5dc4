package autograd

import "github.com/wengert-ml/wengert/tensor"

// extra is what few nodes have: hooks and a retained gradient.
type extra struct {
	hooks  []func(Var) Var
	retain bool
	grad   *tensor.Tensor
}

func (t *Tape) extra(id int32) *extra {
	e := t.extras[id]
	if e == nil {
		if t.extras == nil {
			t.extras = map[int32]*extra{}
		}
		e = &extra{}
		t.extras[id] = e
	}
	return e
}

// RetainGrad has Backward keep the gradient of x [...], which is otherwise given
// back as soon as it is used. Vars made by Leaf keep theirs anyway. It returns x.
func (x Var) RetainGrad() Var {
	x.val()
	x.t.extra(x.id).retain = true
	return x
}

// Grad returns the gradient that Backward has left at x, in its shape [...]; ok is
// false if there is none. It is kept for Vars made by Leaf and after RetainGrad;
// a Param has it as Param.Grad.
func (x Var) Grad() (g Var, ok bool) {
	x.val()
	e := x.t.extras[x.id]
	if e == nil || e.grad == nil {
		return Var{}, false
	}
	return x.t.push(node{val: e.grad.Alias()}), true
}

// OnGrad has f called with the gradient of x [...], once it is complete, whenever
// one flows back. What f returns takes its place; f may return its argument. The
// argument dies when f returns: copy it out with Value to keep it. On a Param's
// Var, f sees what this Backward adds to Param.Grad, as a dense gradient. It
// panics with a [*tensor.ShapeError] if f returns another shape.
func (x Var) OnGrad(f func(g Var) Var) {
	x.val()
	e := x.t.extra(x.id)
	e.hooks = append(e.hooks, f)
}

// hooked runs the hooks of a node.
func (t *Tape) hooked(id int32, g Var) Var {
	if e := t.extras[id]; e != nil {
		for _, f := range e.hooks {
			if g = f(g); !g.val().SameShape(t.nodes[id].val) {
				panic(&tensor.ShapeError{Op: "hook", Shapes: [][]int{append([]int{}, t.nodes[id].val.Shape()...), append([]int{}, g.Shape()...)},
					Problem: "a hook returned a gradient of another shape than its Var's", Want: "the Var's shape"})
			}
		}
	}
	return g
}

// observeParam is observe for the node of a Param, whose gradient is complete when
// Backward arrives at it. A row-sparse one becomes dense.
func (t *Tape) observeParam(id int32) {
	s := &t.slots[id]
	if t.extras[id] == nil || s.sum == nil && len(s.rows) == 0 {
		return
	}
	temp, tempIns := len(t.nodes), len(t.ins)
	whole := t.own(id)
	for _, r := range s.rows {
		r.addTo(whole, r.ids)
		r.release()
	}
	s.clear()
	g := t.observe(id, t.push(node{val: whole}))
	t.slots[id].sum = g.val().Alias()
	t.forget(temp, tempIns)
}

// observe runs the hooks of a node and retains its gradient where that is asked for.
func (t *Tape) observe(id int32, g Var) Var {
	g = t.hooked(id, g)
	if e := t.extras[id]; t.nodes[id].leaf || e != nil && e.retain {
		e = t.extra(id)
		if e.grad == nil {
			e.grad = g.val().Alias()
			return g
		}
		old := e.grad
		e.grad = old.Add(g.val())
		old.Release()
	}
	return g
}
