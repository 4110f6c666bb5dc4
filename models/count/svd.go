package count

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// SVD returns the d largest singular values s [d], in falling order, and their left
// singular vectors, the columns of u [V, d], by the full decomposition of the dense
// matrix: exact, and V^3. Of a vector's two signs it takes the one whose component
// of largest size is positive. It panics where d is not in [1, V].
func (m *Matrix) SVD(d int) (u *mat.Dense, s []float64, err error) {
	m.checkRank("Matrix.SVD", d)
	var svd mat.SVD
	if !svd.Factorize(m.Dense(), mat.SVDThinU) {
		return nil, nil, errNoConvergence
	}
	var all mat.Dense
	svd.UTo(&all)
	u = mat.DenseCopyOf(all.Slice(0, m.Len(), 0, d))
	fixSigns(u)
	return u, svd.Values(nil)[:d], nil
}

var errNoConvergence = errors.New("the singular values did not converge")

func (m *Matrix) checkRank(op string, d int) {
	if d < 1 || d > m.Len() {
		panic(fmt.Sprintf("%s: %d singular values of a matrix of %d rows; want 1 to %d", op, d, m.Len(), m.Len()))
	}
}

// The parameters of RandomSVD.
const (
	oversampling = 10 // more directions than are asked for, as Halko et al. advise
	iterations   = 5  // as the book calls scikit-learn's randomized_svd
)

// RandomSVD is [Matrix.SVD] for a matrix too large for it. It takes only products
// of the sparse matrix with [V, d+10], so time is d times that of a look at every
// entry that is not zero. Random directions are drawn to the range of the matrix A
// by powers of it, and A is decomposed in there:
//
//	Q = orth(A Ω), Ω normal [V, d+10]
//	Q = orth(A orth(A Q)), five times
//	A Q = P S Wᵀ, and, A being symmetric, A ≈ Q (A Q)ᵀ = (Q W) S Pᵀ
//
// Singular values that stand clear of the next are good to many digits, those in the
// middle of a dense spectrum to a few in a hundred (100 of the 10,000 of the Penn
// Treebank take two to five seconds on two threads, and differ by at most 0.7 in a hundred
// between seeds). The same state of rng gives the
// same bits on any number of threads. From Halko, Martinsson and Tropp, Finding
// structure with randomness (2011), algorithms 4.4 and 5.1.
func (m *Matrix) RandomSVD(d int, rng *rand.Rand) (u *mat.Dense, s []float64, err error) {
	m.checkRank("Matrix.RandomSVD", d)
	v, k := m.Len(), min(d+oversampling, m.Len())
	q, y := mat.NewDense(v, k, nil), mat.NewDense(v, k, nil)
	for i := range v {
		row := y.RawRowView(i)
		for j := range row {
			row[j] = rng.NormFloat64()
		}
	}
	m.mul(q, y)
	orthonormalise(q)
	for range 2 * iterations {
		m.mul(y, q)
		q, y = y, q
		orthonormalise(q) // each time, or all directions become the first
	}
	m.mul(y, q)
	var svd mat.SVD
	if !svd.Factorize(y, mat.SVDThinV) {
		return nil, nil, errNoConvergence
	}
	var w mat.Dense
	svd.VTo(&w)
	u = mat.NewDense(v, d, nil)
	u.Mul(q, w.Slice(0, k, 0, d))
	fixSigns(u)
	return u, svd.Values(nil)[:d], nil
}

// mul sets dst [V, k] to the product with x [V, k]. Rows are shared out among
// threads; each is summed by one, in the order of its columns.
func (m *Matrix) mul(dst, x *mat.Dense) {
	const block = 64 // rows: far more blocks than threads, since rows differ in length
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for lo := range next {
				for i := lo; i < min(lo+block, m.Len()); i++ {
					m.mulRow(dst.RawRowView(i), i, x)
				}
			}
		})
	}
	for lo := 0; lo < m.Len(); lo += block {
		next <- lo
	}
	close(next)
	wg.Wait()
}

func (m *Matrix) mulRow(dst []float64, i int, x *mat.Dense) {
	clear(dst)
	cols, values := m.Row(i)
	for k, j := range cols {
		floats.AddScaled(dst, values[k], x.RawRowView(int(j)))
	}
}

// orthonormalise replaces the columns of q by an orthonormal basis of what they
// span. Package mat would make the full Q of the QR decomposition, [V, V].
func orthonormalise(q *mat.Dense) {
	a := q.RawMatrix()
	tau := make([]float64, min(a.Rows, a.Cols))
	withWork(func(work []float64, n int) { lapack64.Geqrf(a, tau, work, n) })
	withWork(func(work []float64, n int) { lapack64.Orgqr(a, tau, work, n) })
}

// withWork calls a routine of LAPACK with as much memory as it says it wants.
func withWork(f func(work []float64, n int)) {
	size := make([]float64, 1)
	f(size, -1)
	work := make([]float64, int(size[0]))
	f(work, len(work))
}

// fixSigns gives each column of u the sign that makes its component of largest size
// positive, so that the exact and the randomised vectors are the same.
func fixSigns(u *mat.Dense) {
	rows, cols := u.Dims()
	for j := range cols {
		largest := 0.0
		for i := range rows {
			if a := u.At(i, j); a*a > largest*largest {
				largest = a
			}
		}
		if largest < 0 {
			column := blas64.Vector{N: rows, Data: u.RawMatrix().Data[j:], Inc: u.RawMatrix().Stride}
			blas64.Scal(-1, column)
		}
	}
}
