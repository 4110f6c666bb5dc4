package nn_test

import (
	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/nn"
)

// book is the table of TestBook and of docs/gradients.md.
var book = []bookRow{
	{
		chapter: "1", name: "multiplication node",
		formula: "z = x ⊙ y\ndx = dz ⊙ y, dy = dz ⊙ x",
		wengert: "x.Mul(y)",
		hand:    multiplicationByHand,
		tape:    func(t *onTape) { t.out("z", t.in("x").Mul(t.in("y"))) },
	},
	{
		chapter: "1", name: "branch node",
		formula: "y₁ = x, y₂ = x\ndx = dy₁ + dy₂",
		wengert: "x, x",
		hand:    branchByHand,
		tape: func(t *onTape) {
			x := t.in("x")
			t.out("y1", x)
			t.out("y2", x)
		},
	},
	{
		chapter: "1", name: "repeat node",
		formula: "yₙ = x for each n\ndx = Σₙ dyₙ",
		wengert: "x.Expand(n, d)",
		hand:    repeatByHand,
		tape:    func(t *onTape) { t.out("y", t.in("x").Expand(t.hand.N, t.hand.D)) },
	},
	{
		chapter: "1", name: "sum node",
		formula: "y = Σₙ xₙ\ndxₙ = dy for each n",
		wengert: "x.Sum(0)",
		hand:    sumByHand,
		tape:    func(t *onTape) { t.out("y", t.in("x").Sum(0)) },
	},
	{
		chapter: "1", name: "MatMul",
		formula: "y = x W\ndx = dy Wᵀ, dW = xᵀ dy",
		wengert: "x.MatMul(w)",
		hand:    matMulByHand,
		tape:    func(t *onTape) { t.out("y", t.in("x").MatMul(t.param("W"))) },
	},
	{
		chapter: "1", name: "Affine",
		formula: "y = x W + b\ndx = dy Wᵀ, dW = xᵀ dy, db = Σₙ dyₙ",
		wengert: "nn.Linear",
		hand:    affineByHand,
		tape: func(t *onTape) {
			l := nn.Linear{W: t.param("W"), B: t.param("b")}
			t.out("y", l.Forward(t.in("x")))
		},
	},
	{
		chapter: "1", name: "Sigmoid",
		formula: "y = σ(x)\ndx = dy ⊙ y ⊙ (1 - y)",
		wengert: "x.Sigmoid()",
		hand:    sigmoidByHand,
		tape:    func(t *onTape) { t.out("y", t.in("x").Sigmoid()) },
	},
	{
		chapter: "1", name: "Softmax with loss",
		formula: "p = softmax(x), L = -1/N Σₙ ln pₙ[labelₙ]\ndx = dL (p - onehot(label))/N",
		wengert: "nn.CrossEntropy(x, labels)",
		hand:    softmaxLossByHand,
		tape:    func(t *onTape) { t.out("loss", nn.CrossEntropy(t.in("x"), t.ids("labels"))) },
	},
	{
		chapter: "4", name: "Embedding",
		formula: "yₙ = W[idₙ]\ndW[i] = Σ dyₙ over all n with idₙ = i",
		wengert: "nn.Embedding",
		hand:    embeddingByHand,
		tape: func(t *onTape) {
			l := nn.Embedding{W: t.param("W")}
			t.out("y", l.Forward(t.Tape, t.ids("ids")))
		},
	},
	{
		chapter: "4", name: "EmbeddingDot",
		formula: "yₙ = W[idₙ]·hₙ\ndhₙ = dyₙ W[idₙ], dW[i] = Σ dyₙ hₙ over all n with idₙ = i",
		wengert: "w.Gather(ids).Mul(h).Sum(1)",
		hand:    embeddingDotByHand,
		tape: func(t *onTape) {
			w := t.param("W").On(t.Tape)
			t.out("y", w.Gather(t.ids("ids")).Mul(t.in("h")).Sum(1))
		},
	},
	{
		chapter: "4", name: "Sigmoid with loss",
		formula: "y = σ(x), L = -1/N Σₙ (tₙ ln yₙ + (1 - tₙ) ln(1 - yₙ))\ndx = dL (y - t)/N",
		wengert: "nn.BCEWithLogits(x, targets)",
		hand:    sigmoidLossByHand,
		tape: func(t *onTape) {
			targets := t.OneHot(t.ids("targets"), 2).Select(1, 1) // the ids as numbers
			t.out("loss", nn.BCEWithLogits(t.in("x"), targets))
		},
	},
	{
		chapter: "4", name: "Negative sampling",
		formula: "L = Σₖ Sigmoid with loss(EmbeddingDot(h, idₖ), tₖ), t = 1 for the target, 0 for the negatives\ndh and dW are the sums over k",
		wengert: "nn.NegativeSampling",
		hand:    negativeSamplingByHand,
		tape: func(t *onTape) {
			l := nn.NegativeSampling{W: t.param("W")}
			t.out("loss", l.Forward(t.in("h"), t.ids("targets"), t.ids("negatives")))
		},
	},
	{
		chapter: "5", name: "RNN",
		formula: "h' = tanh(x Wx + h Wh + b)\nda = dh' ⊙ (1 - h'²); dx = da Wxᵀ, dh = da Whᵀ, dWx = xᵀ da, dWh = hᵀ da, db = Σₙ daₙ",
		wengert: "nn.RNNCell",
		hand:    rnnByHand,
		tape:    func(t *onTape) { t.out("h'", t.rnnCell().Forward(t.in("x"), t.in("h"))) },
	},
	{
		chapter: "5", name: "RNN over time",
		formula: "hₜ = RNN(xₜ, hₜ₋₁) for t = 1 … T\nfrom T to 1: (dxₜ, dhₜ₋₁) = RNN backwards(dhₜ of the output + dhₜ of the step after); dWx, dWh, db are sums over t",
		wengert: "nn.RNN",
		hand:    rnnOverTimeByHand,
		tape: func(t *onTape) {
			l := nn.RNN{Cells: []*nn.RNNCell{t.rnnCell()}}
			hs, last := l.Forward(t.in("xs"), t.in("h").Unsqueeze(0))
			t.out("hs", hs)
			t.out("last", last.Select(0, 0))
		},
	},
	{
		chapter: "5", name: "Truncated BPTT",
		formula: "the second window starts from the first one's last h\nits dh goes no further: each window is differentiated on its own, dWx, dWh, db add up",
		wengert: "l.Forward(x, h.Detach())",
		hand:    truncatedByHand,
		tape: func(t *onTape) {
			l := nn.RNN{Cells: []*nn.RNNCell{t.rnnCell()}}
			hs1, h := l.Forward(t.in("xs1"), autograd.Var{})
			hs2, _ := l.Forward(t.in("xs2"), h.Detach())
			t.out("hs1", hs1)
			t.out("hs2", hs2)
		},
	},
	{
		chapter: "5", name: "Affine over time",
		formula: "yₜ = xₜ W + b\ndxₜ = dyₜ Wᵀ, dW = Σₜ xₜᵀ dyₜ, db = Σₜₙ dyₜₙ",
		wengert: "nn.Linear",
		hand:    affineOverTimeByHand,
		tape: func(t *onTape) {
			l := nn.Linear{W: t.param("W"), B: t.param("b")}
			t.out("ys", l.Forward(t.in("xs")))
		},
	},
	{
		chapter: "5", name: "Softmax with loss over time",
		formula: "the mean of -ln p[label] over the positions whose label is not -1\ndx = dL (p - onehot(label))/kept there, 0 elsewhere",
		wengert: "nn.CrossEntropy(x, labels)",
		hand:    softmaxLossOverTimeByHand,
		tape:    func(t *onTape) { t.out("loss", nn.CrossEntropy(t.in("xs"), t.ids("labels"))) },
	},
	{
		chapter: "6", name: "LSTM",
		formula: "f, i, o = σ(a), g = tanh(a), a = x Wx + h Wh + b; c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh c'\n" +
			"ds = dc' + dh' ⊙ o ⊙ (1 - tanh² c'); da = [ds c f(1-f), ds i (1-g²), ds g i(1-i), dh' tanh(c') o(1-o)]; dc = ds ⊙ f, the rest as in RNN",
		wengert: "nn.LSTMCell",
		hand:    lstmByHand,
		tape: func(t *onTape) {
			s := t.lstmCell("").Forward(t.in("x"), nn.LSTMState{H: t.in("h"), C: t.in("c")})
			t.out("h'", s.H)
			t.out("c'", s.C)
		},
	},
	{
		chapter: "6", name: "LSTM over time",
		formula: "hₜ, cₜ = LSTM(xₜ, hₜ₋₁, cₜ₋₁)\nfrom T to 1: (dxₜ, dhₜ₋₁, dcₜ₋₁) = LSTM backwards(dhₜ of the output + dhₜ of the step after, dcₜ)",
		wengert: "nn.LSTM",
		hand:    lstmOverTimeByHand,
		tape: func(t *onTape) {
			l := nn.LSTM{Cells: []*nn.LSTMCell{t.lstmCell("")}}
			hs, s := l.Forward(t.in("xs"), nn.LSTMState{H: t.in("h").Unsqueeze(0), C: t.in("c").Unsqueeze(0)})
			t.out("hs", hs)
			t.out("hLast", s.H.Select(0, 0))
			t.out("cLast", s.C.Select(0, 0))
		},
	},
	{
		chapter: "6", name: "Dropout over time",
		formula: "yₜ = mₜ ⊙ xₜ, each element of mₜ 0 with probability p, else 1/(1-p)\ndxₜ = mₜ ⊙ dyₜ",
		wengert: "nn.Dropout",
		hand:    dropoutByHand,
		tape:    func(t *onTape) { t.out("ys", nn.Dropout{P: dropped}.Forward(t.in("xs"))) },
	},
	{
		chapter: "6", name: "Variational dropout over time",
		formula: "yₜ = m ⊙ xₜ with one m for all t\ndxₜ = m ⊙ dyₜ",
		wengert: "nn.TimeDropout",
		hand:    timeDropoutByHand,
		tape:    func(t *onTape) { t.out("ys", nn.TimeDropout{P: dropped}.Forward(t.in("xs"))) },
	},
	{
		chapter: "6", name: "Weight tying",
		formula: "h = W[id], y = h Wᵀ\ndW = dyᵀ h + Embedding backwards(dy W)",
		wengert: "h.MatMul(embed.W.On(tape).T())",
		hand:    tyingByHand,
		tape: func(t *onTape) {
			embed := nn.Embedding{W: t.param("W")}
			h := embed.Forward(t.Tape, t.ids("ids"))
			t.out("y", h.MatMul(embed.W.On(t.Tape).T()))
		},
	},
	{
		chapter: "8", name: "Attention weight",
		formula: "a = softmax over t of s, sₜ = hsₜ·h\nds = a ⊙ (da - Σₜ daₜ aₜ); dhsₜ = dsₜ h, dh = Σₜ dsₜ hsₜ",
		wengert: "nn.DotAttention(h, hs, hs)",
		hand:    attentionWeightByHand,
		tape: func(t *onTape) {
			hs := t.in("hs")
			_, a := nn.DotAttention(t.in("h").Unsqueeze(1), hs, hs)
			t.out("a", a.Squeeze(1))
		},
	},
	{
		chapter: "8", name: "Weighted sum",
		formula: "c = Σₜ aₜ hsₜ\ndhsₜ = aₜ dc, daₜ = hsₜ·dc",
		wengert: "a.Unsqueeze(1).MatMul(hs)",
		hand:    weightedSumByHand,
		tape:    func(t *onTape) { t.out("c", t.in("a").Unsqueeze(1).MatMul(t.in("hs")).Squeeze(1)) },
	},
	{
		chapter: "8", name: "Attention over time",
		formula: "Attention weight and Weighted sum for each hidden state of the decoder\nthe gradients of the encoder's hidden states add up over them",
		wengert: "nn.DotAttention(decoder, encoder, encoder)",
		hand:    attentionOverTimeByHand,
		tape: func(t *onTape) {
			encoder := t.in("encoder")
			contexts, weights := nn.DotAttention(t.in("decoder"), encoder, encoder)
			t.out("contexts", contexts)
			t.out("weights", weights)
		},
	},
	{
		chapter: "8", name: "Bidirectional LSTM over time",
		formula: "hsₜ = [LSTM over time(x)ₜ, LSTM over time(x reversed)ₜ reversed]\neach half of dhsₜ goes back its own way; dxₜ is the sum of both",
		wengert: "nn.Stacked{Bidirectional: true}.NewLSTM(in, d, h)",
		hand:    bidirectionalByHand,
		tape: func(t *onTape) {
			l := nn.LSTM{
				Stacked: nn.Stacked{Bidirectional: true},
				Cells:   []*nn.LSTMCell{t.lstmCell("forward."), t.lstmCell("backward.")},
			}
			hs, _ := l.Forward(t.in("xs"), nn.LSTMState{})
			t.out("hs", hs)
		},
	},
	{
		chapter: "C", name: "GRU",
		formula: "z, r = σ(a), ĥ = tanh(x Wx + (r ⊙ h) Wh + b); h' = (1 - z) ⊙ h + z ⊙ ĥ\n" +
			"daĥ = dh' z (1-ĥ²), daz = dh' (ĥ-h) z(1-z), dar = (daĥ Whᵀ) h r(1-r); dh = dh' (1-z) + (daĥ Whᵀ) r + daz Whᵀ + dar Whᵀ",
		wengert: "nn.GRUCell",
		hand:    gruByHand,
		tape:    func(t *onTape) { t.out("h'", t.gruCell().Forward(t.in("x"), t.in("h"))) },
	},
	{
		chapter: "C", name: "GRU over time",
		formula: "hₜ = GRU(xₜ, hₜ₋₁)\nfrom T to 1: (dxₜ, dhₜ₋₁) = GRU backwards(dhₜ of the output + dhₜ of the step after)",
		wengert: "nn.GRU",
		hand:    gruOverTimeByHand,
		tape: func(t *onTape) {
			l := nn.GRU{Cells: []*nn.GRUCell{t.gruCell()}}
			hs, last := l.Forward(t.in("xs"), t.in("h").Unsqueeze(0))
			t.out("hs", hs)
			t.out("last", last.Select(0, 0))
		},
	},
}

func (t *onTape) rnnCell() *nn.RNNCell {
	return &nn.RNNCell{Wx: t.param("Wx"), Wh: t.param("Wh"), B: t.param("b")}
}

func (t *onTape) lstmCell(prefix string) *nn.LSTMCell {
	return &nn.LSTMCell{Wx: t.param(prefix + "Wx"), Wh: t.param(prefix + "Wh"), B: t.param(prefix + "b")}
}

func (t *onTape) gruCell() *nn.GRUCell {
	return &nn.GRUCell{Wx: t.param("Wx"), Wh: t.param("Wh"), B: t.param("b")}
}
