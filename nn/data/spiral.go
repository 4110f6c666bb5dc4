package data

import "math"

// The size of the spiral data set.
const (
	SpiralClasses = 3
	SpiralPoints  = 100 // of each class
)

// Gaussian draws normal numbers of mean 0 and variance 1. *rand.Rand of
// math/rand/v2 is one, and so is [RandomState].
type Gaussian interface {
	NormFloat64() float64
}

// Spiral returns the points x [300, 2] of three arms of a spiral and the arm of
// each, labels [300] in {0, 1, 2}, all of one arm before the next. Point i of arm j
// has radius r = i/100 and lies at (r sin θ, r cos θ), θ = 4j + 4r + 0.2 n with a
// normal n. Spiral(NewRandomState(1984)) is the book's data set (chapter 1).
func Spiral(g Gaussian) (x []float32, labels []int32) {
	for j := range SpiralClasses {
		for i := range SpiralPoints {
			r := float64(i) / SpiralPoints
			// The conversions fix the rounding, so all machines have the same points.
			theta := float64(4*j) + float64(4*r) + float64(0.2*g.NormFloat64())
			sin, cos := math.Sincos(theta)
			x = append(x, float32(r*sin), float32(r*cos))
			labels = append(labels, int32(j))
		}
	}
	return x, labels
}
