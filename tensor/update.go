package tensor

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend"
)

// UpdateSGD is w -= lr·g in one pass, where the backend offers that; otherwise it
// changes nothing and reports false. w and g are [...]; or w is a table [V, D] and
// g [R, D] the gradient of its rows ids [R], each there once: the zero Ints stands
// for all rows. It panics with a [*ShapeError] if they do not match.
func UpdateSGD(w *Tensor, ids Ints, g *Tensor, lr float64) bool {
	u, ok := newUpdate(w, ids, g)
	if ok {
		u.be.SGD(&w.view, &u.g.view, u.ids, lr)
		u.end(g)
	}
	return ok
}

// UpdateMomentum is v = momentum·v - lr·g; w += v for shapes as in [UpdateSGD], v as w:
// [...] or [V, D].
func UpdateMomentum(w, v *Tensor, ids Ints, g *Tensor, lr, momentum float64) bool {
	u, ok := newUpdate(w, ids, g, v)
	if ok {
		u.be.Momentum(&w.view, &v.view, &u.g.view, u.ids, lr, momentum)
		u.end(g)
	}
	return ok
}

// UpdateAdaGrad is h += g²; w -= lr·g/(√h + eps) for shapes as in [UpdateSGD], h as w:
// [...] or [V, D].
func UpdateAdaGrad(w, h *Tensor, ids Ints, g *Tensor, lr, eps float64) bool {
	u, ok := newUpdate(w, ids, g, h)
	if ok {
		u.be.AdaGrad(&w.view, &h.view, &u.g.view, u.ids, lr, eps)
		u.end(g)
	}
	return ok
}

// UpdateAdam is m += rate1·(g - m); v += rate2·(g² - v); w -= lr·m/(√v + eps) as
// in [UpdateSGD], m and v shaped as w: [...] or [V, D].
func UpdateAdam(w, m, v *Tensor, ids Ints, g *Tensor, lr, rate1, rate2, eps float64) bool {
	u, ok := newUpdate(w, ids, g, m, v)
	if ok {
		u.be.Adam(&w.view, &m.view, &v.view, &u.g.view, u.ids, lr, rate1, rate2, eps)
		u.end(g)
	}
	return ok
}

// Updates reports whether the functions Update can change rows of tables [V, D] on x's
// backend in one pass. x is [...].
func (x *Tensor) Updates() bool {
	_, ok := x.be.(backend.Updater)
	return ok && x.IsContiguous() && x.view.Rank == 2
}

// update is one call of an Updater.
type update struct {
	be   backend.Updater
	g    *Tensor // packed
	rows Ints
	ids  *backend.View // nil: all rows
}

// newUpdate checks the operands of an update; ok is false where there is no kernel
// for them.
func newUpdate(w *Tensor, ids Ints, g *Tensor, kept ...*Tensor) (u update, ok bool) {
	home("update", w, g)
	be, ok := w.be.(backend.Updater)
	ok = ok && w.IsContiguous()
	for _, s := range kept {
		if !s.SameShape(w) {
			mistake("update", "what is kept has another shape than the values", fmt.Sprint(append([]int{}, w.Shape()...)), w, s)
		}
		ok = ok && s.IsContiguous()
	}
	want := w.view.Layout
	if !ids.IsZero() {
		ids.Within("update", 0, w.view.Shape[0])
		want.Shape[0] = ids.Len()
	}
	if !g.view.SameShape(&want) {
		mistake("update", "the gradient does not match the values", fmt.Sprint(append([]int{}, want.Dims()...)), w, g)
	}
	if !ok {
		return u, false
	}
	u = update{be: be, g: g.packed(), rows: ids}
	if !ids.IsZero() {
		u.ids = ids.onto(w.be)
	}
	return u, true
}

// end gives back what newUpdate took.
func (u *update) end(g *Tensor) {
	g.drop(u.g)
	if u.ids != nil {
		u.rows.off(u.g.be, u.ids)
	}
}
