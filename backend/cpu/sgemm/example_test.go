package sgemm_test

import (
	"fmt"

	"gonum.org/v1/gonum/blas"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
	"github.com/wengert-ml/wengert/backend/cpu/sgemm"
)

func ExampleNew() {
	set, err := isa.Detect()
	if err != nil {
		fmt.Println(err)
		return
	}
	impl := sgemm.New(set, sgemm.Config{})
	a := []float32{1, 2, 3, 4, 5, 6} // [2, 3]
	b := []float32{1, 0, 0, 1, 1, 1} // [3, 2]
	c := []float32{10, 10, 10, 10}   // [2, 2]
	impl.Sgemm(blas.NoTrans, blas.NoTrans, 2, 2, 3, 1, a, 3, b, 2, 1, c, 2)
	fmt.Println(c)
	// Output: [14 15 20 21]
}
