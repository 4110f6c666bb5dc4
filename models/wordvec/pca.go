package wordvec

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// PCA returns the first two principal components of the vectors of words, for a map
// on which words with similar vectors lie together: x and y, [N] each, the
// coordinates along the directions in which the centred vectors vary most. Of each
// direction's two signs it takes the one whose coordinate of largest size is
// positive. The error is an [*UnknownWord], or that there is no word.
func (v *Vectors) PCA(words []string) (x, y []float64, err error) {
	n := len(words)
	if n == 0 {
		return nil, nil, errors.New("principal components of no words; want at least one")
	}
	centred := mat.NewDense(n, v.D, nil)
	mean := make([]float64, v.D)
	for i, word := range words {
		row, err := v.Vector(word)
		if err != nil {
			return nil, nil, err
		}
		for j, a := range row {
			centred.Set(i, j, float64(a))
			mean[j] += float64(a) / float64(n)
		}
	}
	for i := range n {
		row := centred.RawRowView(i)
		for j := range row {
			row[j] -= mean[j]
		}
	}
	var svd mat.SVD
	if !svd.Factorize(centred, mat.SVDThinU) {
		return nil, nil, errors.New("principal components: the singular values did not converge")
	}
	var u mat.Dense
	svd.UTo(&u)
	return coordinate(&u, svd.Values(nil), 0), coordinate(&u, svd.Values(nil), 1), nil
}

// coordinate returns column k of u times its singular value, zeros where there is
// no such column.
func coordinate(u *mat.Dense, values []float64, k int) []float64 {
	n, _ := u.Dims()
	x := make([]float64, n)
	if k >= len(values) {
		return x
	}
	mat.Col(x, k, u)
	sign := 1.0
	if largest := x[argMaxAbs(x)]; largest < 0 {
		sign = -1
	}
	for i := range x {
		x[i] *= sign * values[k]
	}
	return x
}

// argMaxAbs returns the index of the number of largest size, the first of them.
func argMaxAbs(x []float64) int {
	best := 0
	for i, a := range x {
		if a*a > x[best]*x[best] {
			best = i
		}
	}
	return best
}
