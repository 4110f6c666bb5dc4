package backendtest

import (
	"testing"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
)

func TestReference(t *testing.T) {
	Run(t, func(*testing.T) backend.Backend { return reference.New() })
}
