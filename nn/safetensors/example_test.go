package safetensors_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/wengert-ml/wengert/nn/safetensors"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "best.safetensors")

	w, err := safetensors.FromFloat32("Out.W", safetensors.F16, []int{2, 2}, []float32{1, 0.1, -2, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	f := &safetensors.File{Metadata: map[string]string{"epoch": "3"}, Tensors: []safetensors.Tensor{w}}
	if err := f.WriteFile(path); err != nil {
		fmt.Println(err)
		return
	}

	f, err = safetensors.ReadFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	t, ok := f.Tensor("Out.W")
	values, err := t.Float32s()
	fmt.Println(f.Metadata["epoch"], ok, t.DType, t.Shape, values, err)
	// Output: 3 true F16 [2 2] [1 0.099975586 -2 3] <nil>
}
