package cuda

import "github.com/wengert-ml/wengert/backend"

// The rules of kernels.cu.
const (
	ruleSGD = iota
	ruleMomentum
	ruleAdaGrad
	ruleAdam
)

// SGD is w -= lr·g, of all elements or of the rows ids.
func (b *Backend) SGD(w, g, ids *backend.View, lr float64) {
	b.update("sgd", rule{ruleSGD, [4]float64{lr}}, [4]*backend.View{w, nil, nil, g}, ids)
}

// Momentum is v = momentum·v - lr·g; w += v, of all elements or of the rows ids.
func (b *Backend) Momentum(w, v, g, ids *backend.View, lr, momentum float64) {
	b.update("momentum", rule{ruleMomentum, [4]float64{lr, momentum}}, [4]*backend.View{w, v, nil, g}, ids)
}

// AdaGrad is h += g²; w -= lr·g/(√h + eps), of all elements or of the rows ids.
func (b *Backend) AdaGrad(w, h, g, ids *backend.View, lr, eps float64) {
	b.update("adaGrad", rule{ruleAdaGrad, [4]float64{lr, eps}}, [4]*backend.View{w, h, nil, g}, ids)
}

// Adam is m += rate1·(g - m); v += rate2·(g² - v); w -= lr·m/(√v + eps), of all
// elements or of the rows ids.
func (b *Backend) Adam(w, m, v, g, ids *backend.View, lr, rate1, rate2, eps float64) {
	b.update("adam", rule{ruleAdam, [4]float64{lr, rate1, rate2, eps}}, [4]*backend.View{w, m, v, g}, ids)
}

// rule is a formula with its constants.
type rule struct {
	code      int
	constants [4]float64
}

// tensorsPerUpdate is how many parameters one launch changes.
const tensorsPerUpdate = 8

// updates are calls of one rule that wait to become one launch: an optimiser changes
// all parameters in a row, most of them small.
type updates struct {
	rule    rule
	n       int
	tensors [tensorsPerUpdate]struct {
		views  [4]uint64 // w, what is kept, g
		bufs   [4]backend.Buffer
		length int
	}
}

func (b *Backend) update(op string, r rule, views [4]*backend.View, ids *backend.View) {
	var addr [4]uint64
	var bufs [4]backend.Buffer
	for i, v := range views {
		if v != nil {
			addr[i], bufs[i] = uint64(b.at(op, v)), v.Buf
		}
	}
	g := views[3]
	n := g.Len()
	if n == 0 {
		return
	}
	if ids != nil {
		l := start(kernelUpdateRows, n)
		l.ints(r.code)
		l.floats(r.constants[:]...)
		for _, a := range addr {
			l.word(a)
		}
		l.pointers(b.at(op, ids))
		l.ints(n, g.Shape[1])
		b.launch(&l)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &b.pending
	if p.n == tensorsPerUpdate || p.rule != r || p.touches(bufs) {
		b.flush()
	}
	p.rule = r
	t := &p.tensors[p.n]
	t.views, t.bufs, t.length = addr, bufs, n
	p.n++
}

// touches reports whether a buffer is already in one of the calls: the second must
// come after the first then.
func (p *updates) touches(bufs [4]backend.Buffer) bool {
	for _, t := range p.tensors[:p.n] {
		for _, a := range t.bufs {
			for _, b := range bufs {
				if a != nil && a == b {
					return true
				}
			}
		}
	}
	return false
}

// flush queues the updates that wait. It is called with b.mu held, before anything
// else is queued.
func (b *Backend) flush() {
	p := &b.pending
	if p.n == 0 || b.closed {
		return
	}
	const most = 1 << 10 // blocks for a tensor
	l := launch{kernel: kernelUpdate, threads: blockSize}
	l.ints(p.rule.code)
	l.floats(p.rule.constants[:]...)
	blocks := 0
	for i := range p.tensors {
		t := &p.tensors[i]
		if i >= p.n {
			l.ints(0, 0, 0, 0, 0, blocks)
			continue
		}
		blocks += min((t.length+blockSize-1)/blockSize, most)
		for _, a := range t.views {
			l.word(a)
		}
		l.ints(t.length, blocks)
		t.bufs = [4]backend.Buffer{}
	}
	l.grid = [3]int{blocks, 1, 1}
	p.n = 0
	b.queue <- work{launch: l}
}
