package vec

import "github.com/wengert-ml/wengert/backend/cpu/isa"

// tableAVX2 returns the assembly of avx2_amd64.s.
func tableAVX2() *Kernels {
	exp := expSumsMax(expSumMaxAVX2)
	dot, axpy := reduce2(dotAVX2), mapScalar(axpyAVX2)
	adam := update2(adamAVX2)
	mul, mulPast := mapScalar(mulFlushedAVX2), mapPast(mulFlushedPastAVX2, mulFlushedAVX2)
	return &Kernels{
		ISA: isa.AVX2,

		Neg:      map1(negAVX2),
		Abs:      map1(absAVX2),
		Square:   map1(squareAVX2),
		Sqrt:     map1(sqrtAVX2),
		Sign:     map1(signAVX2),
		Rsqrt:    map1(rsqrtAVX2),
		Floor:    map1(floorAVX2),
		Ceil:     map1(ceilAVX2),
		Round:    map1(roundAVX2),
		ReLU:     map1(reluAVX2),
		Exp:      map1(expAVX2),
		Log:      map1(logAVX2),
		Tanh:     map1(tanhAVX2),
		Sigmoid:  map1(sigmoidAVX2),
		SiLU:     map1(siluAVX2),
		Softplus: map1(softplusAVX2),
		GELU:     map1(geluAVX2),

		Scale:     mapScalars(scaleAVX2),
		Clamp:     mapScalars(clampAVX2),
		LeakyReLU: mapScalar(leakyReLUAVX2),
		AddScalar: mapScalar(addScalarAVX2),
		MulScalar: mapScalar(mulScalarAVX2),
		DivScalar: mapScalar(divScalarAVX2),
		ScalarSub: mapScalar(scalarSubAVX2),
		ScalarDiv: mapScalar(scalarDivAVX2),
		Shift:     mapScalars(shiftAVX2),

		Add:     map2(addAVX2),
		Sub:     map2(subAVX2),
		Mul:     map2(mulAVX2),
		Div:     map2(divAVX2),
		Maximum: map2(maximumAVX2),
		Minimum: map2(minimumAVX2),

		Equal:        map2(equalAVX2),
		NotEqual:     map2(notEqualAVX2),
		Less:         map2(lessAVX2),
		LessEqual:    map2(lessEqualAVX2),
		Greater:      map2(greaterAVX2),
		GreaterEqual: map2(greaterEqualAVX2),

		Where: map3(whereAVX2),

		TanhGrad:    map2(tanhGradAVX2),
		SigmoidGrad: map2(sigmoidGradAVX2),
		ReLUGrad:    map2(reluGradAVX2),
		GELUGrad:    map2(geluGradAVX2),

		Axpy:   axpy,
		MulAdd: map2(mulAddAVX2),

		AddRows:   axpyRows(addRowsAVX2, axpy),
		AddToRows: axpyToRows(addToRowsAVX2, axpy),

		AddFour: into4(addFourAVX2),

		Sum:        reduce(sumAVX2),
		SumSquares: reduce(sumSquaresAVX2),
		Dot:        dot,
		Dots:       dotRows(dotsAVX2, dot),
		Max:        extremum(maxAVX2, -1, larger),
		Min:        extremum(minAVX2, 1, smaller),
		ExpSum:     expSums(expSumAVX2, expSumOnlyAVX2),

		mulFlushed:     mul,
		mulFlushedPast: mulPast,
		expSumMax:      exp,
		expSumMaxPast:  expSumsMaxPast(expSumMaxPastAVX2, exp, mul, mulPast),

		LSTMCell:     cell(lstmCellAVX2),
		LSTMCellPlus: cellPlus(lstmCellPlusAVX2),
		LSTMCellGrad: cellGrad(lstmCellGradAVX2),

		GRUGates:     gated(gruGatesAVX2),
		GRUState:     gated(gruStateAVX2),
		GRUStateGrad: gatedGrad(gruStateGradAVX2),
		GRUGatesGrad: gatedGrad(gruGatesGradAVX2),

		SGD:      mapScalar(sgdAVX2),
		Momentum: update1(momentumAVX2),
		AdaGrad:  update1(adaGradAVX2),
		Adam:     adam,
		AdamRows: updateRows(adamRowsAVX2, adam),

		Uniform: draw(uniformAVX2),
		Dropout: drop(dropoutAVX2),
	}
}
