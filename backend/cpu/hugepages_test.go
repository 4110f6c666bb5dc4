package cpu

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Memory of any size may be asked for in large pages, and holds zeros as before.
func TestInHugePages(t *testing.T) {
	for _, n := range []int{0, 1, hugePage/4 - 1, hugePage / 4, hugePage/4 + 1, 3*hugePage/4 + 5} {
		s := make([]float32, n)
		inHugePages(s)
		sum := float32(0)
		for _, x := range s {
			sum += x
		}
		assert.Zero(t, sum)
		for from := 0; from < n; from += 1000 {
			inHugePages(s[from:])
		}
	}
}
