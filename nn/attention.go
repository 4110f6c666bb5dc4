package nn

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/autograd"
)

// DotAttention returns, for each query, the mean of the values weighted by how
// well their keys match it, and the weights:
//
//	weights = softmax(query keysᵀ)
//	context = weights values
//
// query is [N, S, H], keys [N, T, H], values [N, T, D]; context is [N, S, D] and
// weights [N, S, T]. With keys = values this is the attention of Deep Learning
// from Scratch 2, chapter 8, for all decoder steps at once.
func DotAttention(query, keys, values autograd.Var) (context, weights autograd.Var) {
	weights = query.MatMul(keys.T()).Softmax()
	return weights.MatMul(values), weights
}

// masked is what a score becomes where it must not count: far below any other,
// and still finite, so that a row with nothing to attend to gives no NaN.
const masked = -1e9

// ScaledDotAttention is [DotAttention] with scores divided by √H, counting only
// where mask is not 0: softmax(query keysᵀ/√H) values (Vaswani et al., 2017).
// query is [..., S, H], keys [..., T, H], values [..., T, D]; mask is [S, T] or
// what broadcasts to [..., S, T], or zero for none. See [CausalMask].
func ScaledDotAttention(query, keys, values, mask autograd.Var) (context, weights autograd.Var) {
	scores := query.MatMul(keys.T()).Scale(1/math.Sqrt(float64(query.Dim(-1))), 0)
	if !mask.IsZero() {
		scores = autograd.Where(mask, scores, mask.Tape().Full(masked))
	}
	weights = scores.Softmax()
	return weights.MatMul(values), weights
}

// CausalMask returns a mask [n, n] that lets each position attend to itself and to
// those before it.
func CausalMask(tape *autograd.Tape, n int) autograd.Var {
	positions := count(tape, n)
	return positions.Unsqueeze(1).GreaterEqual(positions)
}

// count returns the numbers 0, 1, ..., n-1, [n].
func count(tape *autograd.Tape, n int) autograd.Var {
	numbers := tape.Zeros(1)
	for numbers.Dim(0) < n { // 0, then 0 1, then 0 1 2 3: made where it is needed, without garbage
		numbers = autograd.Concat(0, numbers, numbers.Scale(1, float64(numbers.Dim(0))))
	}
	return numbers.Slice(0, 0, n)
}

// MultiHeadAttention attends in several projections of its input at once
// (Vaswani et al., 2017):
//
//	head_i = attention(q Wq_i, k Wk_i, v Wv_i)
//	y = concat(head_1, ..., head_heads) Wo
type MultiHeadAttention struct {
	Q, K, V, O *Linear // each [D, D], the heads side by side
	Heads      int
}

// NewMultiHeadAttention returns attention of width d with a number of heads that
// divides it; otherwise it panics.
func NewMultiHeadAttention(in *Init, d, heads int) *MultiHeadAttention {
	if heads < 1 || d%heads != 0 {
		panic(fmt.Sprintf("nn: multi-head attention: %d heads for a width of %d; want a number of heads that divides it", heads, d))
	}
	return &MultiHeadAttention{NewLinear(in, d, d), NewLinear(in, d, d), NewLinear(in, d, d), NewLinear(in, d, d), heads}
}

// KeysValues are keys and values as a [MultiHeadAttention] has projected them and cut
// them into heads, each [N, heads, T, D/heads]. Generation keeps them from one token
// to the next, so that what came before is projected once. Zero Vars stand for no
// positions.
type KeysValues struct {
	K, V autograd.Var
}

// Append returns the positions of kv with those of next behind them, along T of
// [N, heads, T, D/heads].
func (kv KeysValues) Append(next KeysValues) KeysValues {
	if kv.K.IsZero() {
		return next
	}
	return KeysValues{autograd.Concat(2, kv.K, next.K), autograd.Concat(2, kv.V, next.V)}
}

// Vars returns the keys and the values, [N, heads, T, D/heads], for
// [autograd.Tape.Reset], which carries them over.
func (kv *KeysValues) Vars() []*autograd.Var { return []*autograd.Var{&kv.K, &kv.V} }

// Forward takes query [N, S, D], keys and values [N, T, D] and a mask as in
// [ScaledDotAttention] over [N, heads, S, T], or zero for none; it returns
// [N, S, D] and the weights [N, heads, S, T].
func (l *MultiHeadAttention) Forward(query, keys, values, mask autograd.Var) (y, weights autograd.Var) {
	return l.Attend(query, l.Project(keys, values), mask)
}

// Project returns what queries attend to of keys and values [N, T, D]: k Wk and v Wv,
// each [N, heads, T, D/heads].
func (l *MultiHeadAttention) Project(keys, values autograd.Var) KeysValues {
	return KeysValues{l.split(l.K.Forward(keys)), l.split(l.V.Forward(values))}
}

// Attend is Forward for keys and values that are projected already: query [N, S, D]
// gives [N, S, D] and the weights [N, heads, S, T].
func (l *MultiHeadAttention) Attend(query autograd.Var, kv KeysValues, mask autograd.Var) (y, weights autograd.Var) {
	context, weights := ScaledDotAttention(l.split(l.Q.Forward(query)), kv.K, kv.V, mask)
	context = context.Transpose(1, 2) // [N, S, heads, D/heads]
	return l.O.Forward(context.Reshape(query.Shape()...)), weights
}

// split turns [N, T, D] into [N, heads, T, D/heads].
func (l *MultiHeadAttention) split(x autograd.Var) autograd.Var {
	return x.Reshape(x.Dim(0), x.Dim(1), l.Heads, x.Dim(2)/l.Heads).Transpose(1, 2)
}
