package sgemm

// product is one call of Sgemm, or a part of one: C = alpha·op(A)·op(B) + beta·C.
type product struct {
	transA, transB bool
	m, n, k        int
	alpha, beta    float32
	a, b, c        []float32
	lda, ldb, ldc  int

	row    []float32 // if not nil, what each row of C begins with, instead of beta·C
	packed *Packed   // B as it was packed before, or nil
	col    int       // which column of packed the first one is
}

// fits reports whether the sizes are possible and the slices long enough.
func (p *product) fits() bool {
	return p.m >= 0 && p.n >= 0 && p.k >= 0 &&
		holds(p.a, p.lda, p.m, p.k, p.transA) &&
		holds(p.b, p.ldb, p.k, p.n, p.transB) &&
		holds(p.c, p.ldc, p.m, p.n, false)
}

// holds reports whether s has room for a matrix, which is empty if either size is 0.
func holds(s []float32, ld, rows, columns int, trans bool) bool {
	if trans {
		rows, columns = columns, rows
	}
	if ld < max(1, columns) {
		return false
	}
	return rows == 0 || columns == 0 || len(s) >= (rows-1)*ld+columns
}

// part is the product of rows [i, i+m) and columns [j, j+n) alone.
func (p *product) part(i, m, j, n int) product {
	q := *p
	q.m, q.n = m, n
	q.col += j
	q.a = p.a[p.offA(i, 0):]
	q.b = p.b[p.offB(0, j):]
	q.c = p.c[i*p.ldc+j:]
	if p.row != nil {
		q.row = p.row[j:]
	}
	return q
}

// offA is where op(A)[i, k] lies, offB where op(B)[k, j].
func (p *product) offA(i, k int) int {
	if p.transA {
		return k*p.lda + i
	}
	return i*p.lda + k
}

func (p *product) offB(k, j int) int {
	if p.transB {
		return j*p.ldb + k
	}
	return k*p.ldb + j
}

// layRow writes row to each row of C, to which the product is then added.
func (p *product) layRow() {
	if p.row == nil {
		return
	}
	for i := range p.m {
		copy(p.c[i*p.ldc:][:p.n], p.row)
	}
	p.row, p.beta = nil, 1
}

// scaleC computes C = beta·C.
func (p *product) scaleC() {
	if p.beta == 1 {
		return
	}
	for i := range p.m {
		row := p.c[i*p.ldc:][:p.n]
		if p.beta == 0 {
			clear(row)
			continue
		}
		for j := range row {
			row[j] *= p.beta
		}
	}
}
