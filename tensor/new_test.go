package tensor_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleFromSlice() {
	be := cpu.New()
	x := tensor.FromSlice(be, []float32{1, 2, 3, 4, 5, 6}, 2, 3)
	fmt.Println(x, x.Shape())
	fmt.Println(x.T())
	// Output:
	// [[1. 2. 3.]
	//  [4. 5. 6.]] [2 3]
	// [[1. 4.]
	//  [2. 5.]
	//  [3. 6.]]
}

func ExampleArange() {
	be := cpu.New()
	fmt.Println(tensor.Arange(be, 0, 1, 0.25))
	fmt.Println(tensor.Linspace(be, 0, 1, 5))
	fmt.Println(tensor.Eye(be, 2))
	// Output:
	// [0.   0.25 0.5  0.75]
	// [0.   0.25 0.5  0.75 1.  ]
	// [[1. 0.]
	//  [0. 1.]]
}
