package backend

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBasic(t *testing.T) {
	for _, c := range []struct {
		name            string
		be              Backend
		wide, collected bool
	}{
		{name: "fused", be: struct{ Softmaxer }{}},
		{name: "float64", be: struct{ Float64 }{}, wide: true},
		{name: "collected", be: struct {
			Softmaxer
			goMemory
		}{}, collected: true},
		{name: "both", be: struct {
			Float64
			goMemory
		}{}, wide: true, collected: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			be := Basic(c.be)
			_, isWide := be.(Float64)
			_, isCollected := be.(Collected)
			_, isFused := be.(Softmaxer)
			assert.Equal(t, c.wide, isWide, "Float64")
			assert.Equal(t, c.collected, isCollected, "Collected")
			assert.False(t, isFused, "Softmaxer")
		})
	}
}
