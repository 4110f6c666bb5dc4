package cudaemu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Gemm is a product of matrices as cuBLAS takes it, column by column:
//
//	C = Alpha op(A) op(B) + Beta C
//
// op(A) is [M, K], op(B) [K, N] and C [M, N]; A[i, j] of a matrix that is not
// transposed lies at i + j·LDA. Count products follow one another at the strides,
// which are in elements. With Beta = 0, C is not read.
type Gemm struct {
	TransA, TransB            bool
	M, N, K                   int
	Alpha, Beta               float32
	A, B, C                   uint64
	LDA, LDB, LDC             int
	StrideA, StrideB, StrideC int
	Count                     int
}

// Sgemm queues products of float32 matrices. Each sum is in order of k, and rounded
// after every product and addition; cuBLAS promises neither.
func (c *Context) Sgemm(s *Stream, g Gemm) error {
	const call = "cublasSgemm"
	if g.M < 0 || g.N < 0 || g.K < 0 || g.Count < 0 || g.LDA < max(1, rows(g.TransA, g.M, g.K)) || g.LDB < max(1, rows(g.TransB, g.K, g.N)) || g.LDC < max(1, g.M) {
		return &Error{Call: call, Result: InvalidValue, Detail: fmt.Errorf("sizes %d, %d, %d with leading dimensions %d, %d, %d", g.M, g.N, g.K, g.LDA, g.LDB, g.LDC)}
	}
	err := c.enter(call)
	defer c.leave()
	if err != nil {
		return err
	}
	c.device.stats.Launches[call]++
	return c.queue(call, s, func() error {
		for i := range g.Count {
			if err := c.product(g, i); err != nil {
				return &Error{Call: call, Result: IllegalAddress, Detail: err}
			}
		}
		return nil
	})
}

// rows returns the rows of a matrix in memory that is [m, n] once it is transposed.
func rows(transposed bool, m, n int) int {
	if transposed {
		return n
	}
	return m
}

// product computes one product of a batch.
func (c *Context) product(g Gemm, i int) error {
	if g.M == 0 || g.N == 0 {
		return nil
	}
	a, err := c.matrix(g.A, i*g.StrideA, rows(g.TransA, g.M, g.K), rows(g.TransA, g.K, g.M), g.LDA)
	if err != nil {
		return fmt.Errorf("matrix A: %w", err)
	}
	b, err := c.matrix(g.B, i*g.StrideB, rows(g.TransB, g.K, g.N), rows(g.TransB, g.N, g.K), g.LDB)
	if err != nil {
		return fmt.Errorf("matrix B: %w", err)
	}
	dst := g.C + uint64(4*i*g.StrideC)
	out, err := c.device.memory.Bytes(dst, uint64(4*((g.N-1)*g.LDC+g.M)))
	if err != nil {
		return fmt.Errorf("matrix C: %w", err)
	}
	for n := range g.N {
		for m := range g.M {
			sum := float32(0)
			for k := range g.K {
				x, y := m+k*g.LDA, k+n*g.LDB
				if g.TransA {
					x = k + m*g.LDA
				}
				if g.TransB {
					y = n + k*g.LDB
				}
				sum += float32(a[x] * b[y])
			}
			p := out[4*(m+n*g.LDC):]
			sum *= g.Alpha
			if g.Beta != 0 {
				if !c.device.AllowUninitialised && !c.device.memory.Written(dst+uint64(4*(m+n*g.LDC)), 4) {
					return fmt.Errorf("matrix C: element [%d, %d], at %#x, is read before it is written", m, n, dst+uint64(4*(m+n*g.LDC)))
				}
				sum += float32(g.Beta * math.Float32frombits(binary.LittleEndian.Uint32(p)))
			}
			binary.LittleEndian.PutUint32(p, math.Float32bits(sum))
		}
		if err := c.device.memory.Initialise(dst+uint64(4*n*g.LDC), uint64(4*g.M)); err != nil {
			return fmt.Errorf("matrix C: %w", err)
		}
	}
	return nil
}

// matrix reads a matrix of m rows and n columns, each of which must have been written.
func (c *Context) matrix(addr uint64, offset, m, n, ld int) ([]float32, error) {
	if m == 0 || n == 0 {
		return nil, nil
	}
	addr += uint64(4 * offset)
	if addr%4 != 0 {
		return nil, errors.New("the address is no multiple of 4")
	}
	p, err := c.device.memory.Bytes(addr, uint64(4*((n-1)*ld+m)))
	if err != nil {
		return nil, err
	}
	v := make([]float32, len(p)/4)
	for j := range n {
		if !c.device.AllowUninitialised && !c.device.memory.Written(addr+uint64(4*j*ld), uint64(4*m)) {
			return nil, fmt.Errorf("column %d, at %#x, is read before it is written", j, addr+uint64(4*j*ld))
		}
		for i := j * ld; i < j*ld+m; i++ {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(p[4*i:]))
		}
	}
	return v, nil
}
