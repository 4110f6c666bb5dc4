package optim

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// engine runs an optimiser's formula on every parameter that has a gradient. The
// formula is written once, in tensor arithmetic: it is given either whole
// parameters or the rows that a row-sparse gradient names.
type engine struct {
	arena *tensor.Arena // of temporaries; empty between parameters
	kept  map[*autograd.Param]*slots
	steps int
	guard guard
	unit  unit
}

// slots are the arrays that a formula keeps for a parameter, in its shape.
type slots [2]*tensor.Tensor

// unit is what a formula works on: it changes w and s in place.
type unit struct {
	w   *tensor.Tensor // the parameter's values, [...], or some of its rows, [R, D]
	g   *tensor.Tensor // their gradient
	s   slots          // what the formula keeps for them
	ids tensor.Ints    // not zero: w and s are tables [V, D], and g the gradient of these rows
	lr  float64
	l2  float64 // λ
}

// decayed returns g + λw, the gradient of the loss with the penalty λ/2 |w|².
func (u *unit) decayed() *tensor.Tensor {
	if u.l2 == 0 {
		return u.g
	}
	g := u.w.Scale(u.l2, 0)
	g.AddInPlace(u.g)
	return g
}

// step is Step of an optimiser with options o.
func (e *engine) step(o options, formula func(u *unit)) {
	o.visit(func(p *autograd.Param, _, _ float64) { e.guard.add(p) })
	if !e.guard.check() {
		return
	}
	if e.arena == nil || e.arena.Backend() != e.guard.be {
		e.arena = tensor.NewArena(e.guard.be)
	}
	e.arena.Reset(nil) // a Step that ran out of memory has left its temporaries behind
	// All state is made before anything is written, so that the first Step, which
	// takes the most memory, is done whole or not at all.
	o.visit(func(p *autograd.Param, _, _ float64) { e.prepare(p, &o) })
	o.visit(func(p *autograd.Param, lr, decay float64) {
		if !hasGrad(p) {
			return
		}
		p.Update(func(w *tensor.Tensor) {
			e.unit.lr, e.unit.l2 = lr, decay
			if p.Grad.Rows != nil && !o.dense {
				e.rows(w, &p.Grad, e.kept[p], o.onePass, formula)
				return
			}
			e.whole(w, &p.Grad, e.kept[p], formula)
		})
		e.arena.Reset(nil)
	})
	e.steps++
}

func hasGrad(p *autograd.Param) bool { return !p.Frozen && !p.Grad.IsZero() }

// prepare makes a parameter's state, zeros at first, and has it follow its
// parameter to another backend.
func (e *engine) prepare(p *autograd.Param, o *options) {
	if !hasGrad(p) || o.slots[0] == "" {
		return
	}
	kept := e.kept[p]
	if kept == nil {
		kept = new(slots)
		for i, slot := range o.slots {
			if slot != "" {
				kept[i] = tensor.Zeros(p.Data.Backend(), p.Data.Shape()...)
			}
		}
		if e.kept == nil {
			e.kept = map[*autograd.Param]*slots{}
		}
		e.kept[p] = kept
	}
	for i, x := range kept {
		if x != nil && x.Backend() != p.Data.Backend() {
			kept[i] = copyTo(p.Data, x)
		}
	}
}

// whole runs the formula on a parameter w [...].
func (e *engine) whole(w *tensor.Tensor, g *autograd.Gradient, kept *slots, formula func(u *unit)) {
	u := &e.unit
	u.w, u.g, u.s, u.ids = e.arena.Put(w), g.Dense, slots{}, tensor.Ints{}
	if g.Rows != nil {
		u.g = e.arena.Zeros(w.Shape()...)
		u.g.ScatterAdd(e.arena.Ints(g.IDs, len(g.IDs)), e.arena.Put(g.Rows))
	}
	u.g = e.arena.Put(u.g) // what is computed from it is a temporary, not part of the gradient
	for i := range u.s {
		if kept != nil && kept[i] != nil {
			u.s[i] = e.arena.Put(kept[i])
		}
	}
	formula(u)
}

// rows runs the formula on the rows of a table w [V, D] that have a gradient: in
// place where it is one pass of a kernel.
func (e *engine) rows(w *tensor.Tensor, g *autograd.Gradient, kept *slots, onePass bool, formula func(u *unit)) {
	ids := e.arena.Ints(g.IDs, len(g.IDs))
	table, u := e.arena.Put(w), &e.unit
	var tables slots
	for i := range tables {
		if kept != nil && kept[i] != nil {
			tables[i] = e.arena.Put(kept[i])
		}
	}
	u.w, u.g, u.s, u.ids = table, e.arena.Put(g.Rows), tables, ids
	if onePass && u.l2 == 0 && table.Updates() {
		formula(u)
		return
	}
	u.w, u.ids = table.Gather(ids), tensor.Ints{}
	for i, t := range tables {
		if t != nil {
			u.s[i] = t.Gather(ids)
		}
	}
	formula(u)
	put(table, ids, u.w)
	for i, t := range tables {
		if t != nil {
			put(t, ids, u.s[i])
		}
	}
}

// put writes rows [R, D] to the rows of table [V, D] that ids [R] name, each once.
// Adding the difference would round; x - x is exactly 0, so the rows arrive with
// the bits that a dense step gives them.
func put(table *tensor.Tensor, ids tensor.Ints, rows *tensor.Tensor) {
	old := table.Gather(ids)
	old.ScaleInPlace(-1)
	table.ScatterAdd(ids, old)
	table.ScatterAdd(ids, rows)
	old.Release()
}

// guard asks the backend whether the gradients can be trusted.
type guard struct {
	be    backend.Backend
	found bool   // there are gradients
	since uint64 // how many faults were known when the first of them was begun
	told  uint64 // how many a panic has reported: the gradients of that time are gone
}

func (g *guard) add(p *autograd.Param) {
	if !hasGrad(p) {
		return
	}
	be := p.Data.Backend()
	switch {
	case !g.found && be != g.be:
		*g = guard{be: be, found: true, since: p.Grad.Faults()}
	case !g.found:
		g.found, g.since = true, p.Grad.Faults()
	case be != g.be:
		panic(fmt.Sprintf("optim: parameters live on two backends, %s and %s: give each backend an optimiser of its own", g.be.Name(), be.Name()))
	}
	g.since = min(g.since, p.Grad.Faults())
}

// check reports whether there are gradients, and panics with a [*backend.Error] if
// there was a fault since they were begun. It forgets what add was given.
func (g *guard) check() bool {
	if !g.found {
		return false
	}
	g.found = false
	count, err := g.be.Sync(max(g.since, g.told))
	if err != nil {
		g.told = count
		backend.Must(g.be, "sync", err)
	}
	return true
}
