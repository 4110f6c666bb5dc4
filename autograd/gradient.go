package autograd

import "github.com/wengert-ml/wengert/tensor"

// Gradient is the derivative of the loss by a Param: nothing, dense, or
// row-sparse. Row-sparse means unique ids, in order of first appearance, and one
// row for each: it is brought into that form when Backward publishes it, so that
// clipping and optimisers never meet an id twice. Dense swallows sparse.
type Gradient struct {
	Dense *tensor.Tensor // in the Param's shape [...]; nil if there is none or it is row-sparse
	IDs   []int32        // [R]
	Rows  *tensor.Tensor // [R, D]; nil if there is none or it is dense

	mem     *tensor.Arena
	like    *tensor.Tensor // the Param's values
	room    *tensor.Tensor // Rows is a view of its first rows
	place   []int32        // id -> position + 1 among IDs
	inverse []int32
	faults  uint64
}

// IsZero reports whether there is no gradient.
func (g *Gradient) IsZero() bool { return g.Dense == nil && g.Rows == nil }

// Tensor returns the values held in either form, [...] or [R, D], or nil: norms
// and scaling act on them alike.
func (g *Gradient) Tensor() *tensor.Tensor {
	if g.Dense != nil {
		return g.Dense
	}
	return g.Rows
}

// RowIDs returns IDs as integers [R] beside the gradient's memory, for kernels.
func (g *Gradient) RowIDs() tensor.Ints { return g.mem.Ints(g.IDs, len(g.IDs)) }

// Floats returns a copy of the gradient in the Param's shape [...], zeros where a
// row-sparse one has none, in row-major order; nil if there is no gradient.
func (g *Gradient) Floats() []float32 {
	switch {
	case g.Dense != nil:
		return g.Dense.Floats()
	case g.Rows == nil:
		return nil
	}
	out := make([]float32, g.like.Len())
	width := g.Rows.Dim(1)
	for i, v := range g.Rows.Floats() {
		out[int(g.IDs[i/width])*width+i%width] = v
	}
	return out
}

// Faults returns how many faults of the backend were known when the gradient was
// computed: an optimiser refuses to apply it if there are more by now.
func (g *Gradient) Faults() uint64 { return g.faults }

// Zero discards the gradient and keeps its memory.
func (g *Gradient) Zero() {
	for _, id := range g.IDs {
		g.place[id] = 0
	}
	g.Dense, g.Rows, g.room, g.IDs = nil, nil, nil, g.IDs[:0]
	if g.mem != nil {
		g.mem.Reset(nil)
	}
}

// begin readies g for a contribution computed when faults were known.
func (g *Gradient) begin(like *tensor.Tensor, faults uint64) {
	if g.mem == nil || g.mem.Backend() != like.Backend() {
		g.mem = tensor.NewArena(like.Backend())
	}
	g.mem.Acknowledge(faults)
	g.like = like
	if g.IsZero() {
		g.faults = faults
	}
	g.faults = min(g.faults, faults)
}

func (g *Gradient) addDense(x *tensor.Tensor) {
	if g.Dense != nil {
		g.Dense.AddInPlace(x)
		return
	}
	d := g.mem.New(g.like.Shape()...)
	d.TakeFrom(x)
	if g.Rows != nil {
		d.ScatterAdd(g.RowIDs(), g.Rows)
		for _, id := range g.IDs {
			g.place[id] = 0
		}
		g.Rows.Release()
		g.room.Release()
		g.Rows, g.room, g.IDs = nil, nil, g.IDs[:0]
	}
	g.Dense = d
}

func (g *Gradient) addRows(r rowBlock) {
	if g.Dense != nil {
		r.addTo(g.Dense, r.ids)
		return
	}
	if g.place == nil {
		g.place = make([]int32, g.like.Dim(0))
	}
	old := len(g.IDs)
	g.inverse = g.inverse[:0]
	for _, id := range r.ids.Data() {
		if g.place[id] == 0 {
			g.IDs = append(g.IDs, id)
			g.place[id] = int32(len(g.IDs))
		}
		g.inverse = append(g.inverse, g.place[id]-1)
	}
	g.grow(old, len(g.IDs))
	r.addTo(g.Rows, g.mem.Ints(g.inverse, len(g.inverse)))
}

// grow makes Rows n rows long, the new ones zero.
func (g *Gradient) grow(old, n int) {
	if g.Rows != nil && n == old {
		return
	}
	if g.room == nil || g.room.Dim(0) < n {
		room := g.mem.New(n+n/2, g.like.Dim(1))
		if g.room != nil {
			part := room.Slice(0, 0, old)
			part.CopyFrom(g.Rows)
			part.Release()
			g.room.Release()
		}
		g.room = room
	}
	if g.Rows != nil {
		g.Rows.Release()
	}
	g.Rows = g.room.Slice(0, 0, n)
	fresh := g.room.Slice(0, old, n)
	fresh.Fill(0)
	fresh.Release()
}
