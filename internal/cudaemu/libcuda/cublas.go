//go:build cuda && cudaemu

package libcuda

// #include <stddef.h>
import "C"

import (
	"unsafe"

	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// Results of cuBLAS.
const (
	blasSuccess         = 0
	blasNotInitialized  = 1
	blasInvalidValue    = 7
	blasExecutionFailed = 13
)

// blas is what a cublasHandle_t stands for.
type blas struct{ stream unsafe.Pointer }

// blasCode returns cuBLAS's number for one of the driver's.
func blasCode(r C.int) C.int {
	switch cudaemu.Result(r) {
	case cudaemu.Success:
		return blasSuccess
	case cudaemu.InvalidContext:
		return blasNotInitialized
	case cudaemu.InvalidValue:
		return blasInvalidValue
	}
	return blasExecutionFailed
}

//export emu_cublasCreate_v2
func emu_cublasCreate_v2(p *unsafe.Pointer) C.int {
	return blasCode(with("cublasCreate", func(*cudaemu.Context) error {
		*p = process.handle(&blas{})
		return nil
	}))
}

//export emu_cublasDestroy_v2
func emu_cublasDestroy_v2(p unsafe.Pointer) C.int {
	if _, ok := object[*blas](process, p); !ok {
		return blasNotInitialized
	}
	process.drop(p)
	return blasSuccess
}

//export emu_cublasSetStream_v2
func emu_cublasSetStream_v2(p, stream unsafe.Pointer) C.int {
	b, ok := object[*blas](process, p)
	if !ok {
		return blasNotInitialized
	}
	b.stream = stream
	return blasSuccess
}

//export emu_cublasGetVersion_v2
func emu_cublasGetVersion_v2(p unsafe.Pointer, v *C.int) C.int {
	if _, ok := object[*blas](process, p); !ok {
		return blasNotInitialized
	}
	*v = 120000
	return blasSuccess
}

//export emu_cublasSetMathMode
func emu_cublasSetMathMode(p unsafe.Pointer, _ C.int) C.int {
	if _, ok := object[*blas](process, p); !ok {
		return blasNotInitialized
	}
	return blasSuccess
}

//export emu_cublasSgemm_v2
func emu_cublasSgemm_v2(p unsafe.Pointer, ta, tb, m, n, k C.int, alpha *C.float, a C.ulonglong, lda C.int, b C.ulonglong, ldb C.int, beta *C.float, c C.ulonglong, ldc C.int) C.int {
	return emu_cublasSgemmStridedBatched(p, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1)
}

//export emu_cublasSgemmStridedBatched
func emu_cublasSgemmStridedBatched(p unsafe.Pointer, ta, tb, m, n, k C.int, alpha *C.float, a C.ulonglong, lda C.int, sa C.longlong, b C.ulonglong, ldb C.int, sb C.longlong, beta *C.float, c C.ulonglong, ldc C.int, sc C.longlong, count C.int) C.int {
	h, ok := object[*blas](process, p)
	if !ok {
		return blasNotInitialized
	}
	g := cudaemu.Gemm{
		TransA: ta != 0, TransB: tb != 0, M: int(m), N: int(n), K: int(k), Alpha: float32(*alpha), Beta: float32(*beta),
		A: uint64(a), B: uint64(b), C: uint64(c), LDA: int(lda), LDB: int(ldb), LDC: int(ldc),
		StrideA: int(sa), StrideB: int(sb), StrideC: int(sc), Count: int(count),
	}
	return blasCode(onStream("cublasSgemm", h.stream, func(ctx *cudaemu.Context, s *cudaemu.Stream) error { return ctx.Sgemm(s, g) }))
}
