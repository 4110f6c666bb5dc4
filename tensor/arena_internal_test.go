package tensor

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A class holds what it is chosen for, wastes at most a quarter beyond the
// smallest, and is not larger than the class of a larger number.
func TestSizeClasses(t *testing.T) {
	check := func(n int) {
		class := classOf(n)
		size := sizeOf(class)
		if size < n || n >= 64 && 4*size > 5*n {
			t.Fatalf("%d elements: class %d of %d", n, class, size)
		}
		if class > 0 && sizeOf(class-1) >= n {
			t.Fatalf("%d elements: class %d where %d would do", n, class, class-1)
		}
	}
	for n := range 5000 {
		check(n)
	}
	for e := 12; e < 58; e++ {
		for q := 4; q < 8; q++ {
			for d := -1; d <= 1; d++ {
				check(q<<(e-2) + d)
			}
		}
	}
	assert.Equal(t, 0, classOf(0))
	assert.Equal(t, 64, sizeOf(0))
	assert.Equal(t, []int{80, 96, 112, 128, 160}, []int{sizeOf(1), sizeOf(2), sizeOf(3), sizeOf(4), sizeOf(5)})
}
