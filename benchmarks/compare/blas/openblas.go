package main

/*
#cgo LDFLAGS: -lopenblas -ldl
#include <cblas.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

char *openblas_get_corename(void);
char *openblas_get_config(void);

static void sgemm(int ta, int tb, int m, int n, int k, const float *a, int lda, const float *b, int ldb,
                  float beta, float *c, int ldc, int times) {
	for (int i = 0; i < times; i++)
		cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans,
		            m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

// An OpenBLAS opened at run time: its integers have 64 bits, its flags an int's.
typedef void (*sgemm64)(int, int, int, int64_t, int64_t, int64_t, float, const float *, int64_t,
                        const float *, int64_t, float, float *, int64_t);

static void call64(void *f, int ta, int tb, int m, int n, int k, const float *a, int lda, const float *b, int ldb,
                   float beta, float *c, int ldc, int times) {
	for (int i = 0; i < times; i++)
		((sgemm64)f)(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans,
		             m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

static char *callText(void *f) { return ((char *(*)(void))f)(); }
static void callThreads(void *f, int n) { ((void (*)(int))f)(n); }
*/
import "C"

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

// openBLAS is the OpenBLAS that the program is linked with, called from C.
type openBLAS struct{}

func (openBLAS) about() map[string]string {
	return about("OpenBLAS", C.GoString(C.openblas_get_config()), C.GoString(C.openblas_get_corename()))
}

// about takes the version from a configuration like "OpenBLAS 0.3.21 DYNAMIC_ARCH ...".
func about(name, config, core string) map[string]string {
	version := config
	if f := strings.Fields(config); len(f) > 1 {
		version = f[1]
	}
	return map[string]string{name: version, name + "'s kernels": core}
}

func (openBLAS) threads(n int) { C.openblas_set_num_threads(C.int(n)) }

func (openBLAS) sgemm(p rig.Product, a, b, c []float32, n int) {
	lda, ldb, ldc := p.Strides()
	C.sgemm(flag(p.TransA), flag(p.TransB), C.int(p.M), C.int(p.N), C.int(p.K), pointer(a), C.int(lda), pointer(b), C.int(ldb),
		C.float(p.Beta), pointer(c), C.int(ldc), C.int(n))
}

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

func pointer(x []float32) *C.float { return (*C.float)(unsafe.Pointer(unsafe.SliceData(x))) }

// loaded is an OpenBLAS opened at run time.
type loaded struct {
	product, threadCount unsafe.Pointer
	names                map[string]string
}

// load opens a library with 64-bit integers, whose names have scipy_ before and 64_
// behind them.
func load(path string) (*loaded, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	lib := C.dlopen(name, C.RTLD_NOW)
	if lib == nil {
		return nil, fmt.Errorf("open %s: %s", path, C.GoString(C.dlerror()))
	}
	var missing error
	symbol := func(s string) unsafe.Pointer {
		c := C.CString("scipy_" + s + "64_")
		defer C.free(unsafe.Pointer(c))
		p := C.dlsym(lib, c)
		if p == nil {
			missing = fmt.Errorf("open %s: it has no %s", path, C.GoString(c))
		}
		return p
	}
	l := &loaded{product: symbol("cblas_sgemm"), threadCount: symbol("openblas_set_num_threads")}
	config, core := symbol("openblas_get_config"), symbol("openblas_get_corename")
	if missing != nil {
		return nil, missing
	}
	l.names = about("OpenBLAS of NumPy", C.GoString(C.callText(config)), C.GoString(C.callText(core)))
	return l, nil
}

func (l *loaded) about() map[string]string { return l.names }

func (l *loaded) threads(n int) { C.callThreads(l.threadCount, C.int(n)) }

func (l *loaded) sgemm(p rig.Product, a, b, c []float32, n int) {
	lda, ldb, ldc := p.Strides()
	C.call64(l.product, flag(p.TransA), flag(p.TransB), C.int(p.M), C.int(p.N), C.int(p.K), pointer(a), C.int(lda), pointer(b), C.int(ldb),
		C.float(p.Beta), pointer(c), C.int(ldc), C.int(n))
}
