package autograd

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend"
)

// dims is a shape as an attribute of an op: a value, so that recording it costs
// no allocation.
type dims struct {
	n int
	d [backend.MaxRank]int
}

// dimsOf copies a shape; where it has too many axes, the tensor function that is
// given all of it complains.
func dimsOf(shape []int) (d dims) {
	if len(shape) > backend.MaxRank {
		panic(fmt.Sprintf("autograd: a shape of %d axes: %v; at most %d", len(shape), append([]int{}, shape...), backend.MaxRank))
	}
	d.n = copy(d.d[:], shape)
	return d
}

func (d *dims) slice() []int { return d.d[:d.n] }

// String prints the shape: "[2 3]".
func (d dims) String() string { return fmt.Sprint(d.d[:d.n]) }
