package cuda_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend/cuda"
)

func TestNewSaysWhyThereIsNone(t *testing.T) {
	be, err := cuda.New(0)
	assert.Nil(t, be)
	assert.ErrorContains(t, err, "cuda: ")
}
