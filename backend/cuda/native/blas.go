//go:build cuda && linux && cgo

package native

// #include "blas.h"
import "C"

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
)

// blas is a handle of cuBLAS, whose work is on the default stream.
type blas struct{ c C.wengert_blas }

// Math modes of cuBLAS.
const (
	mathDefault = 0
	mathTF32    = 3
)

// OpenBLAS makes [driver.BLAS] ready.
func (c *context) OpenBLAS(tf32 bool) (version string, err error) {
	b := &blas{}
	if missing := C.wengert_blas_open(&b.c); missing != nil {
		return "", fmt.Errorf("no libcublas.so of version 13, 12 or 11 is found: %s", C.GoString(missing))
	}
	if err := blasError("cublasCreate", C.wengert_blas_create(&b.c)); err != nil {
		return "", err
	}
	c.blas = b
	mode := C.int(mathDefault)
	if tf32 {
		mode = mathTF32
	}
	if err := blasError("cublasSetMathMode", C.wengert_blas_math(&b.c, mode)); err != nil {
		return "", err
	}
	var v C.int
	if err := blasError("cublasGetVersion", C.wengert_blas_version(&b.c, &v)); err != nil {
		return "", err
	}
	return blasVersion(int(v)), nil
}

// blasVersion reads cuBLAS's number: 120401 is 12.4.1, and 11000 was 11.0.
func blasVersion(v int) string {
	if v < 100000 {
		return fmt.Sprintf("%d.%d.%d", v/1000, v%1000/100, v%100)
	}
	return fmt.Sprintf("%d.%d.%d", v/10000, v%10000/100, v%100)
}

// Sgemm queues a product. What is row-major here is transposed for cuBLAS, so that z =
// x·y is zᵀ = yᵀ·xᵀ there.
func (c *context) Sgemm(g *driver.Gemm) error {
	beta := C.float(0)
	if g.Accumulate {
		beta = 1
	}
	return blasError("cublasSgemmStridedBatched", C.wengert_blas_sgemm(&c.blas.c, flag(g.TransY), flag(g.TransX),
		C.int(g.N), C.int(g.M), C.int(g.K), C.ulonglong(g.Y), C.int(g.LdY), C.longlong(g.StrideY),
		C.ulonglong(g.X), C.int(g.LdX), C.longlong(g.StrideX), beta, C.ulonglong(g.Z), C.int(g.LdZ), C.longlong(g.StrideZ), C.int(g.Count)))
}

// flag returns a cublasOperation_t.
func flag(transposed bool) C.int {
	if transposed {
		return 1
	}
	return 0
}

func (b *blas) close() error { return blasError("cublasDestroy", C.wengert_blas_destroy(&b.c)) }

// statuses are the names of what cuBLAS returns.
var statuses = map[int]string{
	1: "NOT_INITIALIZED", 3: "ALLOC_FAILED", 7: "INVALID_VALUE", 8: "ARCH_MISMATCH",
	11: "MAPPING_ERROR", 13: "EXECUTION_FAILED", 14: "INTERNAL_ERROR", 15: "NOT_SUPPORTED",
}

func blasError(call string, status C.int) error {
	if status == 0 {
		return nil
	}
	name := "CUBLAS_STATUS"
	if s, ok := statuses[int(status)]; ok {
		name += "_" + s
	}
	return &driver.Error{Call: call, Code: int(status), Name: name}
}
