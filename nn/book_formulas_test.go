package nn_test

import "math"

// The layers of Deep Learning from Scratch 2, forwards and backwards by hand. Each
// function draws the layer's inputs, hands its result to out, which answers with
// the gradient dy of the loss by that result, and hands the gradients of the inputs
// to grad. da is the gradient by what stands inside an activation function.

func multiplicationByHand(b *byHand) {
	x, y := b.matrix("x", b.N, b.D), b.matrix("y", b.N, b.D)
	dz := out(b, "z", x.mul(y))
	b.grad("x", dz.mul(y))
	b.grad("y", dz.mul(x))
}

func branchByHand(b *byHand) {
	x := b.matrix("x", b.N, b.D)
	dy1, dy2 := out(b, "y1", x), out(b, "y2", x)
	b.grad("x", dy1.add(dy2))
}

func repeatByHand(b *byHand) {
	x := b.vector("x", b.D)
	dy := out(b, "y", zeros(b.N, b.D).plus(x))
	b.grad("x", dy.sum())
}

func sumByHand(b *byHand) {
	x := b.matrix("x", b.N, b.D)
	dy := out(b, "y", x.sum())
	b.grad("x", zeros(b.N, b.D).plus(dy))
}

func matMulByHand(b *byHand) {
	x, w := b.matrix("x", b.N, b.D), b.matrix("W", b.D, b.H)
	dy := out(b, "y", dot(x, w))
	b.grad("x", dot(dy, w.T()))
	b.grad("W", dot(x.T(), dy))
}

func affineByHand(b *byHand) {
	x, w, bias := b.matrix("x", b.N, b.D), b.matrix("W", b.D, b.H), b.vector("b", b.H)
	dy := out(b, "y", dot(x, w).plus(bias))
	b.grad("x", dot(dy, w.T()))
	b.grad("W", dot(x.T(), dy))
	b.grad("b", dy.sum())
}

func sigmoidByHand(b *byHand) {
	x := b.matrix("x", b.N, b.D)
	y := x.apply(sigmoid)
	dy := out(b, "y", y)
	b.grad("x", dy.mul(y).mul(y.one()))
}

// softmaxLoss is the mean of -ln p[label] over the rows whose label is not below 0,
// and its gradient by the scores before the softmax: (p - onehot)/kept.
func softmaxLoss(x matrix, labels []int) (loss number, dx matrix) {
	p, kept := softmax(x), 0
	dx = zeros(x.rows(), x.cols())
	for i, label := range labels {
		if label < 0 {
			continue
		}
		kept++
		loss -= number(math.Log(p[i][label]))
		copy(dx[i], p[i])
		dx[i][label]--
	}
	if kept == 0 {
		return 0, dx
	}
	return loss / number(kept), dx.scale(1 / float64(kept))
}

func softmaxLossByHand(b *byHand) {
	x, labels := b.matrix("x", b.N, b.V), b.ids("labels", 0, b.V, b.N)
	loss, dx := softmaxLoss(x, labels)
	dl := out(b, "loss", loss)
	b.grad("x", dx.scale(float64(dl)))
}

func embeddingByHand(b *byHand) {
	w, ids := b.matrix("W", b.V, b.D), b.ids("ids", 0, b.V, b.N)
	dy := out(b, "y", w.pick(ids))
	b.grad("W", w.scatter(ids, dy))
}

func embeddingDotByHand(b *byHand) {
	h, w, ids := b.matrix("h", b.N, b.D), b.matrix("W", b.V, b.D), b.ids("ids", 0, b.V, b.N)
	dy := out(b, "y", products(w.pick(ids), h))
	b.grad("h", w.pick(ids).times(dy))
	b.grad("W", w.scatter(ids, h.times(dy)))
}

// sigmoidLoss is the mean of -t ln y - (1-t) ln(1-y) where y = σ(x), and its
// gradient by x: (y - t)/N.
func sigmoidLoss(x, target vector) (loss number, dx vector) {
	dx = make(vector, len(x))
	for i, s := range x.apply(sigmoid) {
		loss -= number(target[i]*math.Log(s)+(1-target[i])*math.Log(1-s)) / number(len(x))
		dx[i] = (s - target[i]) / float64(len(x))
	}
	return loss, dx
}

func sigmoidLossByHand(b *byHand) {
	x := b.vector("x", b.N)
	target := make(vector, b.N)
	for i, id := range b.ids("targets", 0, 2, b.N) {
		target[i] = float64(id)
	}
	loss, dx := sigmoidLoss(x, target)
	dl := out(b, "loss", loss)
	b.grad("x", dx.apply(func(d float64) float64 { return float64(dl) * d }))
}

const negatives = 3 // drawn for each target

func negativeSamplingByHand(b *byHand) {
	h, w := b.matrix("h", b.N, b.D), b.matrix("W", b.V, b.D)
	targets, wrong := b.ids("targets", 0, b.V, b.N), b.ids("negatives", 0, b.V, b.N, negatives)

	// One question for the target and one for each negative: is this the word?
	questions := [][]int{targets}
	for k := range negatives {
		ids := make([]int, b.N)
		for i := range ids {
			ids[i] = wrong[i*negatives+k]
		}
		questions = append(questions, ids)
	}
	total := number(0)
	dh, dw := zeros(b.N, b.D), zeros(b.V, b.D)
	for k, ids := range questions {
		answer := make(vector, b.N)
		for i := range answer {
			if k == 0 {
				answer[i] = 1
			}
		}
		loss, ds := sigmoidLoss(products(w.pick(ids), h), answer)
		total += loss
		dh = dh.add(w.pick(ids).times(ds))
		dw = dw.add(w.scatter(ids, h.times(ds)))
	}
	dl := out(b, "loss", total)
	b.grad("h", dh.scale(float64(dl)))
	b.grad("W", dw.scale(float64(dl)))
}

// weights are those of a recurrent cell, or their gradients.
type weights struct {
	x, h matrix // [D, G], [H, G]: G is the width of all gates
	b    vector // [G]
}

func (b *byHand) weights(prefix string, gates int) weights {
	return weights{b.matrix(prefix+"Wx", b.D, gates*b.H), b.matrix(prefix+"Wh", b.H, gates*b.H), b.vector(prefix+"b", gates*b.H)}
}

func (w weights) zeros() *weights {
	return &weights{zeros(w.x.rows(), w.x.cols()), zeros(w.h.rows(), w.h.cols()), make(vector, len(w.b))}
}

// collect adds what a time step gives: the same weights serve all of them.
func (w *weights) collect(x, h, da matrix) {
	w.x, w.h, w.b = w.x.add(dot(x.T(), da)), w.h.add(dot(h.T(), da)), w.b.add(da.sum())
}

func (b *byHand) gradWeights(prefix string, dw *weights) {
	b.grad(prefix+"Wx", dw.x)
	b.grad(prefix+"Wh", dw.h)
	b.grad(prefix+"b", dw.b)
}

// rnn is one step: h' = tanh(x Wx + h Wh + b).
func (w weights) rnn(x, h matrix) (next matrix) {
	return dot(x, w.x).add(dot(h, w.h)).plus(w.b).apply(math.Tanh)
}

// rnnBack goes back through one step.
func (w weights) rnnBack(dw *weights, x, h, next, dnext matrix) (dx, dh matrix) {
	da := dnext.mul(next.mul(next).one())
	dw.collect(x, h, da)
	return dot(da, w.x.T()), dot(da, w.h.T())
}

func rnnByHand(b *byHand) {
	x, h, w := b.matrix("x", b.N, b.D), b.matrix("h", b.N, b.H), b.weights("", 1)
	next := w.rnn(x, h)
	dnext := out(b, "h'", next)
	dw := w.zeros()
	dx, dh := w.rnnBack(dw, x, h, next, dnext)
	b.grad("x", dx)
	b.grad("h", dh)
	b.gradWeights("", dw)
}

// rnnOverTime runs a window of time steps from the state h.
func (w weights) rnnOverTime(xs steps, h matrix) (hs steps) {
	for _, x := range xs {
		h = w.rnn(x, h)
		hs = append(hs, h)
	}
	return hs
}

// rnnOverTimeBack goes back from the last time step to the first. A hidden state
// has two uses, the output at its time and the step after it: a branch, where dhs[t]
// and dh meet.
func (w weights) rnnOverTimeBack(dw *weights, xs steps, h matrix, hs, dhs steps, dh matrix) (dxs steps, dh0 matrix) {
	dxs = make(steps, len(xs))
	for t := len(xs) - 1; t >= 0; t-- {
		before := h
		if t > 0 {
			before = hs[t-1]
		}
		dxs[t], dh = w.rnnBack(dw, xs[t], before, hs[t], dhs[t].add(dh))
	}
	return dxs, dh
}

func rnnOverTimeByHand(b *byHand) {
	xs, h, w := b.steps("xs", b.N, b.T, b.D), b.matrix("h", b.N, b.H), b.weights("", 1)
	hs := w.rnnOverTime(xs, h)
	dhs, dlast := out(b, "hs", hs), out(b, "last", hs[b.T-1])
	dw := w.zeros()
	dxs, dh := w.rnnOverTimeBack(dw, xs, h, hs, dhs, dlast)
	b.grad("xs", dxs)
	b.grad("h", dh)
	b.gradWeights("", dw)
}

// truncatedByHand runs two windows: the state goes on into the second, and no
// gradient comes back from it into the first.
func truncatedByHand(b *byHand) {
	xs1, xs2, w := b.steps("xs1", b.N, b.T, b.D), b.steps("xs2", b.N, b.T, b.D), b.weights("", 1)
	none := zeros(b.N, b.H)
	hs1 := w.rnnOverTime(xs1, none)
	hs2 := w.rnnOverTime(xs2, hs1[b.T-1])
	dhs1, dhs2 := out(b, "hs1", hs1), out(b, "hs2", hs2)
	dw := w.zeros()
	dxs1, _ := w.rnnOverTimeBack(dw, xs1, none, hs1, dhs1, none)
	dxs2, _ := w.rnnOverTimeBack(dw, xs2, hs1[b.T-1], hs2, dhs2, none)
	b.grad("xs1", dxs1)
	b.grad("xs2", dxs2)
	b.gradWeights("", dw)
}

// affineOverTimeByHand is the affine map of every time step: its gradients add up.
func affineOverTimeByHand(b *byHand) {
	xs, w, bias := b.steps("xs", b.N, b.T, b.D), b.matrix("W", b.D, b.H), b.vector("b", b.H)
	ys := make(steps, b.T)
	for t, x := range xs {
		ys[t] = dot(x, w).plus(bias)
	}
	dys := out(b, "ys", ys)
	dxs, dw, dbias := make(steps, b.T), zeros(b.D, b.H), make(vector, b.H)
	for t, dy := range dys {
		dxs[t] = dot(dy, w.T())
		dw = dw.add(dot(xs[t].T(), dy))
		dbias = dbias.add(dy.sum())
	}
	b.grad("xs", dxs)
	b.grad("W", dw)
	b.grad("b", dbias)
}

func softmaxLossOverTimeByHand(b *byHand) {
	xs, labels := b.steps("xs", b.N, b.T, b.V), b.ids("labels", -1, b.V, b.N, b.T) // -1: left out
	loss, dx := softmaxLoss(fold(xs.flat(), b.N*b.T, b.V), labels)
	dl := out(b, "loss", loss)
	b.grad("xs", xs.fill(dx.scale(float64(dl)).flat()).(steps))
}

// lstmStep is what going back through a step of an LSTM needs.
type lstmStep struct {
	x, h, c    matrix // what went in
	f, g, i, o matrix // the gates, g being the new content
	tanhC      matrix // of the cell that came out
}

// lstm is one step: c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c').
func (w weights) lstm(x, h, c matrix) (hNext, cNext matrix, s lstmStep) {
	a := dot(x, w.x).add(dot(h, w.h)).plus(w.b)
	s = lstmStep{
		x: x, h: h, c: c,
		f: a.part(0, 4).apply(sigmoid),
		g: a.part(1, 4).apply(math.Tanh),
		i: a.part(2, 4).apply(sigmoid),
		o: a.part(3, 4).apply(sigmoid),
	}
	cNext = s.f.mul(c).add(s.i.mul(s.g))
	s.tanhC = cNext.apply(math.Tanh)
	return s.o.mul(s.tanhC), cNext, s
}

// lstmBack goes back through one step. The new cell has two uses: the hidden state
// and the next step.
func (w weights) lstmBack(dw *weights, s lstmStep, dh, dc matrix) (dx, dhBefore, dcBefore matrix) {
	dc = dc.add(dh.mul(s.o).mul(s.tanhC.mul(s.tanhC).one()))
	da := beside(
		dc.mul(s.c).mul(s.f).mul(s.f.one()),
		dc.mul(s.i).mul(s.g.mul(s.g).one()),
		dc.mul(s.g).mul(s.i).mul(s.i.one()),
		dh.mul(s.tanhC).mul(s.o).mul(s.o.one()),
	)
	dw.collect(s.x, s.h, da)
	return dot(da, w.x.T()), dot(da, w.h.T()), dc.mul(s.f)
}

func lstmByHand(b *byHand) {
	x, h, c, w := b.matrix("x", b.N, b.D), b.matrix("h", b.N, b.H), b.matrix("c", b.N, b.H), b.weights("", 4)
	hNext, cNext, s := w.lstm(x, h, c)
	dh, dc := out(b, "h'", hNext), out(b, "c'", cNext)
	dw := w.zeros()
	dx, dh, dc := w.lstmBack(dw, s, dh, dc)
	b.grad("x", dx)
	b.grad("h", dh)
	b.grad("c", dc)
	b.gradWeights("", dw)
}

// lstmOverTime runs all time steps from the state h, c.
func (w weights) lstmOverTime(xs steps, h, c matrix) (hs steps, last matrix, saved []lstmStep) {
	for _, x := range xs {
		var s lstmStep
		h, c, s = w.lstm(x, h, c)
		hs, saved = append(hs, h), append(saved, s)
	}
	return hs, c, saved
}

func (w weights) lstmOverTimeBack(dw *weights, saved []lstmStep, dhs steps, dh, dc matrix) (dxs steps, dh0, dc0 matrix) {
	dxs = make(steps, len(saved))
	for t := len(saved) - 1; t >= 0; t-- {
		dxs[t], dh, dc = w.lstmBack(dw, saved[t], dhs[t].add(dh), dc)
	}
	return dxs, dh, dc
}

func lstmOverTimeByHand(b *byHand) {
	xs, h, c, w := b.steps("xs", b.N, b.T, b.D), b.matrix("h", b.N, b.H), b.matrix("c", b.N, b.H), b.weights("", 4)
	hs, cLast, saved := w.lstmOverTime(xs, h, c)
	dhs, dhLast, dcLast := out(b, "hs", hs), out(b, "hLast", hs[b.T-1]), out(b, "cLast", cLast)
	dw := w.zeros()
	dxs, dh, dc := w.lstmOverTimeBack(dw, saved, dhs, dhLast, dcLast)
	b.grad("xs", dxs)
	b.grad("h", dh)
	b.grad("c", dc)
	b.gradWeights("", dw)
}

// bidirectionalByHand reads the sequence forwards and backwards and puts the hidden
// states of a time step beside each other.
func bidirectionalByHand(b *byHand) {
	xs, forward, backward := b.steps("xs", b.N, b.T, b.D), b.weights("forward.", 4), b.weights("backward.", 4)
	none := zeros(b.N, b.H)
	right, _, savedRight := forward.lstmOverTime(xs, none, none)
	left, _, savedLeft := backward.lstmOverTime(xs.reversed(), none, none)
	left = left.reversed()
	hs := make(steps, b.T)
	for t := range hs {
		hs[t] = beside(right[t], left[t])
	}
	dhs := out(b, "hs", hs)
	dright, dleft := make(steps, b.T), make(steps, b.T)
	for t, dh := range dhs {
		dright[t], dleft[t] = dh.part(0, 2), dh.part(1, 2)
	}
	dforward, dbackward := forward.zeros(), backward.zeros()
	dxsRight, _, _ := forward.lstmOverTimeBack(dforward, savedRight, dright, none, none)
	dxsLeft, _, _ := backward.lstmOverTimeBack(dbackward, savedLeft, dleft.reversed(), none, none)
	b.grad("xs", dxsRight.add(dxsLeft.reversed()))
	b.gradWeights("forward.", dforward)
	b.gradWeights("backward.", dbackward)
}

// gruStep is what going back through a step of a GRU needs.
type gruStep struct {
	x, h       matrix // what went in
	z, r, hHat matrix // how much is renewed, how much of h counts, the new content
}

// gru is one step: h' = (1-z) ⊙ h + z ⊙ ĥ.
func (w weights) gru(x, h matrix) (next matrix, s gruStep) {
	ax, ah := dot(x, w.x).plus(w.b), dot(h, w.h)
	s = gruStep{x: x, h: h}
	s.z = ax.part(0, 3).add(ah.part(0, 3)).apply(sigmoid)
	s.r = ax.part(1, 3).add(ah.part(1, 3)).apply(sigmoid)
	s.hHat = ax.part(2, 3).add(dot(s.r.mul(h), w.h.part(2, 3))).apply(math.Tanh)
	return s.z.one().mul(h).add(s.z.mul(s.hHat)), s
}

func (w weights) gruBack(dw *weights, s gruStep, dnext matrix) (dx, dh matrix) {
	daHat := dnext.mul(s.z).mul(s.hHat.mul(s.hHat).one())
	drh := dot(daHat, w.h.part(2, 3).T()) // of r ⊙ h
	daZ := dnext.mul(s.hHat.sub(s.h)).mul(s.z).mul(s.z.one())
	daR := drh.mul(s.h).mul(s.r).mul(s.r.one())

	da := beside(daZ, daR, daHat)
	dw.x, dw.b = dw.x.add(dot(s.x.T(), da)), dw.b.add(da.sum())
	dw.h = dw.h.add(beside(dot(s.h.T(), daZ), dot(s.h.T(), daR), dot(s.r.mul(s.h).T(), daHat)))

	dh = dnext.mul(s.z.one()).add(drh.mul(s.r))
	dh = dh.add(dot(daZ, w.h.part(0, 3).T())).add(dot(daR, w.h.part(1, 3).T()))
	return dot(da, w.x.T()), dh
}

func gruByHand(b *byHand) {
	x, h, w := b.matrix("x", b.N, b.D), b.matrix("h", b.N, b.H), b.weights("", 3)
	next, s := w.gru(x, h)
	dnext := out(b, "h'", next)
	dw := w.zeros()
	dx, dh := w.gruBack(dw, s, dnext)
	b.grad("x", dx)
	b.grad("h", dh)
	b.gradWeights("", dw)
}

func gruOverTimeByHand(b *byHand) {
	xs, h, w := b.steps("xs", b.N, b.T, b.D), b.matrix("h", b.N, b.H), b.weights("", 3)
	hs, saved, dw := make(steps, b.T), make([]gruStep, b.T), w.zeros()
	state := h
	for t, x := range xs {
		state, saved[t] = w.gru(x, state)
		hs[t] = state
	}
	dhs, dh := out(b, "hs", hs), out(b, "last", state)
	dxs := make(steps, b.T)
	for t := b.T - 1; t >= 0; t-- {
		dxs[t], dh = w.gruBack(dw, saved[t], dhs[t].add(dh))
	}
	b.grad("xs", dxs)
	b.grad("h", dh)
	b.gradWeights("", dw)
}

// attentionWeight says how well each hidden state of the encoder matches h:
// a = softmax over t of hs[t]·h.
func attentionWeight(hs steps, h matrix) (a matrix) {
	scores := make(matrix, len(hs)) // [T, N]
	for t := range hs {
		scores[t] = products(hs[t], h)
	}
	return softmax(scores.T())
}

func attentionWeightBack(hs steps, h, a, da matrix) (dhs steps, dh matrix) {
	mean := products(da, a)            // Σ_t da a, for each row
	ds := da.mul(a).sub(a.times(mean)) // back through the softmax
	dhs, dh = make(steps, len(hs)), zeros(h.rows(), h.cols())
	for t := range hs {
		dhs[t] = h.times(ds.T()[t])
		dh = dh.add(hs[t].times(ds.T()[t]))
	}
	return dhs, dh
}

func attentionWeightByHand(b *byHand) {
	hs, h := b.steps("hs", b.N, b.T, b.H), b.matrix("h", b.N, b.H)
	a := attentionWeight(hs, h)
	da := out(b, "a", a)
	dhs, dh := attentionWeightBack(hs, h, a, da)
	b.grad("hs", dhs)
	b.grad("h", dh)
}

// weightedSum is c = Σ_t a[t] hs[t].
func weightedSum(hs steps, a matrix) (c matrix) {
	c = zeros(hs[0].rows(), hs[0].cols())
	for t := range hs {
		c = c.add(hs[t].times(a.T()[t]))
	}
	return c
}

func weightedSumBack(hs steps, a, dc matrix) (dhs steps, da matrix) {
	dhs, da = make(steps, len(hs)), make(matrix, len(hs)) // da is [T, N] at first
	for t := range hs {
		dhs[t] = dc.times(a.T()[t])
		da[t] = products(dc, hs[t])
	}
	return dhs, da.T()
}

func weightedSumByHand(b *byHand) {
	hs, a := b.steps("hs", b.N, b.T, b.H), b.matrix("a", b.N, b.T)
	dc := out(b, "c", weightedSum(hs, a))
	dhs, da := weightedSumBack(hs, a, dc)
	b.grad("hs", dhs)
	b.grad("a", da)
}

// attentionOverTimeByHand lets each of the decoder's hidden states attend to those
// of the encoder, whose gradients add up over all of them.
func attentionOverTimeByHand(b *byHand) {
	encoder, decoder := b.steps("encoder", b.N, b.T, b.H), b.steps("decoder", b.N, b.T+1, b.H)
	contexts, as := make(steps, len(decoder)), make(steps, len(decoder))
	for s, h := range decoder {
		as[s] = attentionWeight(encoder, h)
		contexts[s] = weightedSum(encoder, as[s])
	}
	dcontexts, das := out(b, "contexts", contexts), out(b, "weights", as)
	dencoder, ddecoder := make(steps, b.T), make(steps, len(decoder))
	for t := range dencoder {
		dencoder[t] = zeros(b.N, b.H)
	}
	for s, h := range decoder {
		bySum, da := weightedSumBack(encoder, as[s], dcontexts[s])
		byWeight, dh := attentionWeightBack(encoder, h, as[s], das[s].add(da))
		dencoder = dencoder.add(bySum).add(byWeight)
		ddecoder[s] = dh
	}
	b.grad("encoder", dencoder)
	b.grad("decoder", ddecoder)
}

const dropped = 0.4

// dropoutByHand draws a mask for every element of every time step.
func dropoutByHand(b *byHand) {
	xs := b.steps("xs", b.N, b.T, b.D)
	mask := xs.fill(b.mask(b.N*b.T*b.D, dropped)).(steps)
	maskedByHand(b, xs, mask)
}

// timeDropoutByHand has one mask for all time steps.
func timeDropoutByHand(b *byHand) {
	xs := b.steps("xs", b.N, b.T, b.D)
	one := fold(b.mask(b.N*b.D, dropped), b.N, b.D)
	mask := make(steps, b.T)
	for t := range mask {
		mask[t] = one
	}
	maskedByHand(b, xs, mask)
}

func maskedByHand(b *byHand, xs, mask steps) {
	ys := make(steps, b.T)
	for t := range ys {
		ys[t] = xs[t].mul(mask[t])
	}
	dys, dxs := out(b, "ys", ys), make(steps, b.T)
	for t := range dxs {
		dxs[t] = dys[t].mul(mask[t])
	}
	b.grad("xs", dxs)
}

// tyingByHand uses one table to look words up and to score them: both uses give it
// a gradient.
func tyingByHand(b *byHand) {
	w, ids := b.matrix("W", b.V, b.D), b.ids("ids", 0, b.V, b.N)
	h := w.pick(ids)
	dy := out(b, "y", dot(h, w.T()))
	dh := dot(dy, w)
	b.grad("W", dot(dy.T(), h).add(w.scatter(ids, dh)))
}
