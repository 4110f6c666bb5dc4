package autograd

import (
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Tape is one linear record of operations as they ran. It carries what would
// otherwise be hidden in globals: training or inference, the random stream,
// recording on or off. A tape belongs to one goroutine.
type Tape struct {
	arena *tensor.Arena
	nodes []node
	ins   []int32 // the inputs of all nodes, one after the other
	gen   uint32  // counts Resets: a Var of another generation is stale
	rand  tensor.Rand
	rule  Config

	off    bool // recording is off
	scopes int  // NoGrad calls open

	params map[*Param]paramUse
	order  []int32 // the nodes of params, in the order of their first use
	boxes  boxes
	lists  []Var
	kept   []*tensor.Tensor

	fwd    Fwd
	bwd    Bwd
	slots  []slot
	dep    []bool // does the node lie on a path that a gradient is asked for?
	extras map[int32]*extra
	sites  map[int32][]uintptr // call sites, in anomaly mode
}

// node is one line of the record.
type node struct {
	op    Op // nil: a leaf
	val   *tensor.Tensor
	saved [maxSaved]*tensor.Tensor
	in, n int32 // inputs: tape.ins[in : in+n]
	needs bool  // a gradient can flow into it
	spent bool  // saved was used up by a Backward: the next one takes the composed form
	leaf  bool  // made by Leaf: its gradient is retained
	param *Param
}

type paramUse struct {
	id      int32
	version uint64
}

// Config says how a tape works. The zero value trains, from seed 0.
type Config struct {
	Inference bool   // record nothing and leave dropout out
	Seed      uint64 // of the random stream
	Stream    uint64 // parallel tapes of one seed take different streams
	Anomaly   bool   // panic where the first NaN or Inf is produced; slow
}

// NewTape returns a tape that trains, on a backend.
func NewTape(be backend.Backend) *Tape { return Config{}.NewTape(be) }

// NewTape returns a tape on a backend.
func (c Config) NewTape(be backend.Backend) *Tape {
	t := &Tape{arena: tensor.NewArena(be), params: map[*Param]paramUse{}, gen: 1, rule: c, off: c.Inference}
	t.rand = *tensor.NewRand(c.Seed, c.Stream)
	t.fwd.t, t.bwd.t = t, t
	if c.Anomaly {
		t.sites = map[int32][]uintptr{}
	}
	return t
}

// Backend returns the backend that the tape computes on.
func (t *Tape) Backend() backend.Backend { return t.arena.Backend() }

// Training reports whether layers such as dropout do what they do in training.
func (t *Tape) Training() bool { return !t.rule.Inference }

// Rand returns the tape's random stream. Its position goes into a checkpoint.
func (t *Tape) Rand() *tensor.Rand { return &t.rand }

// Len returns the number of records.
func (t *Tape) Len() int { return len(t.nodes) }

// Stats returns what the tape's memory amounts to, in bytes.
func (t *Tape) Stats() tensor.Stats { return t.arena.Stats() }

// Reset forgets the record and takes all memory back. The kept Vars [...] survive, as
// constants of the new generation: recurrent state crosses from one window to the
// next without a copy. Zero Vars among them are passed over. Gradients of Params
// are not touched.
func (t *Tape) Reset(keep ...*Var) {
	t.kept = t.kept[:0]
	for _, v := range keep {
		if !v.IsZero() {
			if v.t != t {
				panic("autograd: Reset was given a Var of another tape")
			}
			t.kept = append(t.kept, v.val())
		}
	}
	t.arena.Reset(t.kept)
	clear(t.nodes)
	t.nodes, t.ins, t.order, t.lists = t.nodes[:0], t.ins[:0], t.order[:0], t.lists[:0]
	clear(t.params)
	clear(t.extras)
	clear(t.sites)
	t.boxes.rewind()
	for i := range t.slots { // a Backward that was broken off may have left gradients behind
		t.slots[i].clear()
	}
	t.off, t.bwd = t.rule.Inference || t.scopes > 0, Bwd{t: t}
	t.gen++
	k := 0
	for _, v := range keep {
		if !v.IsZero() {
			*v = t.push(node{val: t.kept[k]})
			k++
		}
	}
	clear(t.kept)
}

// Sync waits for the backend and returns a fault that this tape has not reported
// yet, as a [*backend.Error].
func (t *Tape) Sync() error { return Try(t.arena.Check) }

// Trim gives memory that is not in use back to the backend.
func (t *Tape) Trim() { t.arena.Trim() }

// NoGrad runs f without recording: what is computed in it is constant.
func (t *Tape) NoGrad(f func()) {
	t.off = true
	t.scopes++
	defer func() {
		t.scopes--
		t.off = t.rule.Inference || t.scopes > 0
	}()
	f()
}

func (t *Tape) push(n node) Var {
	t.nodes = append(t.nodes, n)
	return Var{t, int32(len(t.nodes) - 1), t.gen}
}

// Const puts a tensor [...] on the tape, without a copy and without a gradient.
func (t *Tape) Const(x *tensor.Tensor) Var { return t.push(node{val: t.arena.Put(x)}) }

// Leaf puts a tensor [...] on the tape, without a copy, and has its gradient
// kept: see [Var.Grad].
func (t *Tape) Leaf(x *tensor.Tensor) Var {
	return t.push(node{val: t.arena.Put(x), needs: true, leaf: true})
}

// Input copies data to the tape as a constant [shape...].
// It panics with a [*tensor.ShapeError] if the sizes do not fit.
func (t *Tape) Input(data []float32, shape ...int) Var {
	x := t.arena.New(shape...)
	x.Set(data)
	return t.push(node{val: x})
}

// Ints copies ids or labels to the tape, [shape...]. They live until Reset.
func (t *Tape) Ints(data []int32, shape ...int) tensor.Ints { return t.arena.Ints(data, shape...) }

// TransposeInts returns ids [M, N] as [N, M]. They live until Reset. It panics with a
// [*tensor.ShapeError] if ids have not two axes.
func (t *Tape) TransposeInts(ids tensor.Ints) tensor.Ints { return t.arena.TransposeInts(ids) }

// Full returns a constant [shape...] of v.
func (t *Tape) Full(v float64, shape ...int) Var {
	x := t.arena.New(shape...)
	x.Fill(v)
	return t.push(node{val: x})
}

// Zeros returns a constant [shape...] of zeros.
func (t *Tape) Zeros(shape ...int) Var { return t.Full(0, shape...) }

// OneHot returns a constant [..., n] with a 1 at the place that ids [...] names
// and 0 elsewhere; an id below 0 gives a row of zeros.
func (t *Tape) OneHot(ids tensor.Ints, n int) Var { return t.push(node{val: t.arena.OneHot(ids, n)}) }

// Param puts p [...] on the tape, once: used twice it is the same Var, so that its
// gradients add up.
func (t *Tape) Param(p *Param) Var {
	if use, ok := t.params[p]; ok {
		return Var{t, use.id, t.gen}
	}
	v := t.push(node{val: t.arena.Put(p.Data), needs: !p.Frozen, param: p})
	t.params[p] = paramUse{v.id, p.version}
	t.order = append(t.order, v.id)
	return v
}

// List returns n zero Vars that live until Reset, for collecting time steps, each
// [N, H], without garbage. It is on the tape, not on the model, since two tapes may run
// one model.
func (t *Tape) List(n int) []Var {
	if len(t.lists)+n > cap(t.lists) {
		t.lists = make([]Var, 0, 2*(len(t.lists)+n)) // the old block stays with whoever holds it
	}
	from := len(t.lists)
	t.lists = t.lists[:from+n]
	list := t.lists[from : from+n : from+n]
	clear(list)
	return list
}

// Try runs a step and returns a failure of the backend in it (no memory, a lost
// device, a kernel that faulted) as an error, a [*backend.Error]. A programmer's
// mistake still panics. After an error, discard the gradients of all Params, call
// [Tape.Sync] so that the tape does not report the same fault once more, and Reset
// it: it is then sound, and the whole step may be repeated.
func Try(step func()) (err error) {
	defer backend.Catch(&err)
	step()
	return nil
}
