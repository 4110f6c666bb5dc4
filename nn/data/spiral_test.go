package data_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/data"
)

// The points were computed with NumPy 2.4 as the book's spiral.load_data does.
func TestSpiralIsTheBooks(t *testing.T) {
	x, labels := data.Spiral(data.NewRandomState(1984))
	require.Len(t, x, 600)
	require.Len(t, labels, 300)
	for i, want := range map[int][2]float64{
		0:   {0, 0},
		1:   {-0.00097698643152699, 0.009952160444476976},
		50:  {0.28892930731574545, -0.4080684444723012},
		101: {-0.00837020531630428, -0.005471714810085735},
		299: {-0.5974310265949212, 0.7894150799558737},
	} {
		assert.Equal(t, [2]float32{float32(want[0]), float32(want[1])}, [2]float32(x[2*i:2*i+2]), "point %d", i)
		assert.Equal(t, int32(i/100), labels[i])
	}
}

func ExampleSpiral() {
	x, labels := data.Spiral(data.NewRandomState(1984))
	fmt.Println(len(x)/2, len(labels))
	fmt.Printf("%.3f %d\n", x[2:4], labels[1])
	// Output:
	// 300 300
	// [-0.001 0.010] 0
}
