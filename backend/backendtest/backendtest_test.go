package backendtest

import (
	"testing"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/reference"
)

func TestReference(t *testing.T) {
	if testing.Short() {
		t.Skip("plain loops in the caller's goroutine: nothing for the race detector")
	}
	Run(t, func(*testing.T) backend.Backend { return reference.New() })
}
