//go:build !amd64

package sgemm

import "github.com/wengert-ml/wengert/backend/cpu/isa"

// kernelsFor returns nil: there is no assembly for this processor.
func kernelsFor(isa.ISA) *kernels { return nil }
