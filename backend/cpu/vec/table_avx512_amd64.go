package vec

import "github.com/wengert-ml/wengert/backend/cpu/isa"

// tableAVX512 returns the assembly of avx512_amd64.s.
func tableAVX512() *Kernels {
	exp := expSumsMax(expSumMaxAVX512)
	dot, axpy := reduce2(dotAVX512), mapScalar(axpyAVX512)
	adam := update2(adamAVX512)
	mul, mulPast := mapScalar(mulFlushedAVX512), mapPast(mulFlushedPastAVX512, mulFlushedAVX512)
	return &Kernels{
		ISA: isa.AVX512,

		Neg:      map1(negAVX512),
		Abs:      map1(absAVX512),
		Square:   map1(squareAVX512),
		Sqrt:     map1(sqrtAVX512),
		Sign:     map1(signAVX512),
		Rsqrt:    map1(rsqrtAVX512),
		Floor:    map1(floorAVX512),
		Ceil:     map1(ceilAVX512),
		Round:    map1(roundAVX512),
		ReLU:     map1(reluAVX512),
		Exp:      map1(expAVX512),
		Log:      map1(logAVX512),
		Tanh:     map1(tanhAVX512),
		Sigmoid:  map1(sigmoidAVX512),
		SiLU:     map1(siluAVX512),
		Softplus: map1(softplusAVX512),
		GELU:     map1(geluAVX512),

		Scale:     mapScalars(scaleAVX512),
		Clamp:     mapScalars(clampAVX512),
		LeakyReLU: mapScalar(leakyReLUAVX512),
		AddScalar: mapScalar(addScalarAVX512),
		MulScalar: mapScalar(mulScalarAVX512),
		DivScalar: mapScalar(divScalarAVX512),
		ScalarSub: mapScalar(scalarSubAVX512),
		ScalarDiv: mapScalar(scalarDivAVX512),
		Shift:     mapScalars(shiftAVX512),

		Add:     map2(addAVX512),
		Sub:     map2(subAVX512),
		Mul:     map2(mulAVX512),
		Div:     map2(divAVX512),
		Maximum: map2(maximumAVX512),
		Minimum: map2(minimumAVX512),

		Equal:        map2(equalAVX512),
		NotEqual:     map2(notEqualAVX512),
		Less:         map2(lessAVX512),
		LessEqual:    map2(lessEqualAVX512),
		Greater:      map2(greaterAVX512),
		GreaterEqual: map2(greaterEqualAVX512),

		Where: map3(whereAVX512),

		TanhGrad:    map2(tanhGradAVX512),
		SigmoidGrad: map2(sigmoidGradAVX512),
		ReLUGrad:    map2(reluGradAVX512),
		GELUGrad:    map2(geluGradAVX512),

		Axpy:   axpy,
		MulAdd: map2(mulAddAVX512),

		AddRows:   axpyRows(addRowsAVX512, axpy),
		AddToRows: axpyToRows(addToRowsAVX512, axpy),

		AddFour: into4(addFourAVX512),

		Sum:        reduce(sumAVX512),
		SumSquares: reduce(sumSquaresAVX512),
		Dot:        dot,
		Dots:       dotRows(dotsAVX512, dot),
		Max:        extremum(maxAVX512, -1, larger),
		Min:        extremum(minAVX512, 1, smaller),
		ExpSum:     expSums(expSumAVX512, expSumOnlyAVX512),

		mulFlushed:     mul,
		mulFlushedPast: mulPast,
		expSumMax:      exp,
		expSumMaxPast:  expSumsMaxPast(expSumMaxPastAVX512, exp, mul, mulPast),

		LSTMCell:     cell(lstmCellAVX512),
		LSTMCellPlus: cellPlus(lstmCellPlusAVX512),
		LSTMCellGrad: cellGrad(lstmCellGradAVX512),

		GRUGates:     gated(gruGatesAVX512),
		GRUState:     gated(gruStateAVX512),
		GRUStateGrad: gatedGrad(gruStateGradAVX512),
		GRUGatesGrad: gatedGrad(gruGatesGradAVX512),

		SGD:      mapScalar(sgdAVX512),
		Momentum: update1(momentumAVX512),
		AdaGrad:  update1(adaGradAVX512),
		Adam:     adam,
		AdamRows: updateRows(adamRowsAVX512, adam),

		Uniform: draw(uniformAVX512),
		Dropout: drop(dropoutAVX512),
	}
}
