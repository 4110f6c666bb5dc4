package main

/*
#cgo LDFLAGS: -ldnnl
#include <dnnl.h>

static void multiply(int ta, int tb, int m, int n, int k, const float *a, int lda, const float *b, int ldb,
                     float beta, float *c, int ldc, int times) {
	for (int i = 0; i < times; i++)
		dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}
*/
import "C"

import (
	"fmt"

	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

// oneDNN multiplies on as many threads as OMP_NUM_THREADS says.
type oneDNN struct{}

func (oneDNN) about() map[string]string {
	v := C.dnnl_version()
	return map[string]string{"oneDNN": fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch)}
}

func (oneDNN) threads(int) {}

func (oneDNN) sgemm(p rig.Product, a, b, c []float32, n int) {
	lda, ldb, ldc := p.Strides()
	C.multiply(flag(p.TransA), flag(p.TransB), C.int(p.M), C.int(p.N), C.int(p.K),
		pointer(a), C.int(lda), pointer(b), C.int(ldb), C.float(p.Beta), pointer(c), C.int(ldc), C.int(n))
}
