package tensor

import "github.com/wengert-ml/wengert/backend"

// GatherDots returns the products of rows of table [V, D] with vectors x [N, D]: [N, K],
// those of ids [N, K], or [N] for one, with x[n]. It is the backend's one-pass kernel: see
// [backend.RowMixer], which the backend must offer. It panics with a [*ShapeError] if an
// id is out of range.
func GatherDots(table, x *Tensor, ids Ints) *Tensor {
	be := table.be.(backend.RowMixer)
	home("gatherDots", table, x)
	ids.Within("gatherDots", 0, table.view.Shape[0])
	k := 1
	if s := ids.Shape(); len(s) == 2 {
		k = s[1]
	}
	y := alloc(table.be, x.mem, backend.Contiguous(x.view.Shape[0], k))
	pt, px, v := table.packed(), x.packed(), ids.onto(table.be)
	be.GatherDots(&y.view, &pt.view, &px.view, v)
	ids.off(table.be, v)
	table.drop(pt)
	x.drop(px)
	return y
}

// GatherSums returns the sums of rows of table [V, D], weighted by w [N, K]: [N, D], of
// the rows ids [N, K], by the backend's one-pass kernel: see
// [backend.RowMixer], which the backend must offer. It panics with a [*ShapeError] if an
// id is out of range.
func GatherSums(table, w *Tensor, ids Ints) *Tensor {
	be := table.be.(backend.RowMixer)
	home("gatherSums", table, w)
	ids.Within("gatherSums", 0, table.view.Shape[0])
	y := alloc(table.be, w.mem, backend.Contiguous(w.view.Shape[0], table.view.Shape[1]))
	pt, pw, v := table.packed(), w.packed(), ids.onto(table.be)
	be.GatherSums(&y.view, &pt.view, &pw.view, v)
	ids.off(table.be, v)
	table.drop(pt)
	w.drop(pw)
	return y
}

// ScatterProducts adds w[n, k] x[n] to the row of dst [V, D] that ids [N, K] names, for
// w [N, K] and x [N, D], in place, by the backend's one-pass kernel: see
// [backend.RowMixer], which the backend must offer. It panics with a [*ShapeError] if an
// id is out of range or dst has gaps.
func ScatterProducts(dst, w, x *Tensor, ids Ints) {
	be := dst.be.(backend.RowMixer)
	home("scatterProducts", dst, w, x)
	ids.Within("scatterProducts", 0, dst.view.Shape[0])
	if !dst.IsContiguous() {
		mistake("scatterProducts", "the table's rows have gaps", "a contiguous table", dst)
	}
	pw, px, v := w.packed(), x.packed(), ids.onto(dst.be)
	be.ScatterProducts(&dst.view, &pw.view, &px.view, v)
	ids.off(dst.be, v)
	w.drop(pw)
	x.drop(px)
}
