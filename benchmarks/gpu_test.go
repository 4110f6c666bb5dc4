//go:build cuda

package benchmarks

import (
	"testing"

	"github.com/wengert-ml/wengert/backend/cuda"
)

// gpus returns the first GPU, if there is one.
func gpus(b *testing.B) []device {
	return openGPU(b, "backend=cuda", cuda.Config{})
}

// multipliers returns it with other ways to compute products.
func multipliers(b *testing.B) []device {
	return append(
		openGPU(b, "backend=cuda/products=own", cuda.Config{OwnProducts: true}),
		openGPU(b, "backend=cuda/products=tf32", cuda.Config{TF32: true})...,
	)
}

func openGPU(b *testing.B, name string, c cuda.Config) []device {
	be, err := c.New()
	if err != nil {
		b.Logf("without %s: %v", name, err)
		return nil
	}
	b.Cleanup(func() {
		if err := be.Close(); err != nil {
			b.Error(err)
		}
	})
	return []device{{name, be}}
}
