package cpu

import (
	"testing"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/backendtest"
)

func TestConformance(t *testing.T) {
	eachISA(t, func(t *testing.T, c Config) {
		backendtest.Run(t, func(*testing.T) backend.Backend { return c.on(2).New() })
	})
}
