package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/netlib/blas/netlib"

	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

func main() {
	lib, err := open(os.Getenv("COMPARE_BLAS"))
	rig.Main(rig.Side{
		About: func() map[string]string {
			if err != nil {
				return nil
			}
			return lib.about()
		},
		New: func(work string, threads int) (*rig.Bench, error) {
			if err != nil {
				return nil, err
			}
			if strings.HasPrefix(work, "peak/") {
				return newPeak(work)
			}
			return newProduct(lib, work, threads)
		},
	})
}

// library multiplies matrices.
type library interface {
	about() map[string]string
	threads(n int)
	// sgemm computes C = A B + beta C n times.
	sgemm(p rig.Product, a, b, c []float32, n int)
}

func open(name string) (library, error) {
	switch name {
	case "netlib":
		return throughNetlib{}, nil
	case "openblas":
		return openBLAS{}, nil
	case "onednn":
		return oneDNN{}, nil
	case "":
		return nil, fmt.Errorf("COMPARE_BLAS is not set: see doc.go")
	}
	return load(name)
}

func newProduct(lib library, work string, threads int) (*rig.Bench, error) {
	p, err := rig.ParseProduct(work)
	if err != nil {
		return nil, err
	}
	lib.threads(threads)
	a, b, c := p.Operands()
	return &rig.Bench{
		Run:   func(n int) { lib.sgemm(p, a, b, c, n) },
		Check: func() float64 { return rig.Mean(c) },
	}, nil
}

// throughNetlib is OpenBLAS as gonum's users call it.
type throughNetlib struct{ openBLAS }

func (t throughNetlib) about() map[string]string {
	about := t.openBLAS.about()
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "gonum.org/v1/netlib" {
				about["netlib"] = m.Version
			}
		}
	}
	return about
}

func (throughNetlib) sgemm(p rig.Product, a, b, c []float32, n int) {
	lda, ldb, ldc := p.Strides()
	for range n {
		netlib.Implementation{}.Sgemm(transpose(p.TransA), transpose(p.TransB), p.M, p.N, p.K, 1, a, lda, b, ldb, p.Beta, c, ldc)
	}
}

func transpose(t bool) gonum.Transpose {
	if t {
		return gonum.Trans
	}
	return gonum.NoTrans
}
