//go:build !amd64

package vec

import "github.com/wengert-ml/wengert/backend/cpu/isa"

func table(isa.ISA) *Kernels { return generic() }
