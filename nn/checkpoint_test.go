package nn_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// The metadata says how to build the model that the values go into.
func ExampleSave() {
	dir, err := os.MkdirTemp("", "models")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")

	be := cpu.New()
	net := nn.NewLinear(nn.NewInit(be, 1), 2, 3)
	if err := nn.Save(path, net, map[string]string{"arch": "linear 2 3"}); err != nil {
		fmt.Println(err)
		return
	}

	other := nn.NewLinear(nn.NewInit(be, 2), 2, 3)
	metadata, err := nn.Load(path, other)
	fmt.Println(metadata["arch"], err)
	x := autograd.NewTape(be).Full(1, 1, 2)
	fmt.Println(net.Forward(x).Sub(other.Forward(x)))
	// Output:
	// linear 2 3 <nil>
	// [[0. 0. 0.]]
}

// A file that does not fit says where, and leaves the model alone.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "models")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")

	in := nn.NewInit(cpu.New(), 1)
	if err := nn.Save(path, nn.NewLinear(in, 2, 3), nil); err != nil {
		fmt.Println(err)
		return
	}
	_, err = nn.Load(path, nn.NewLinear(in, 2, 4))
	fmt.Println(strings.ReplaceAll(err.Error(), path, "net.safetensors"))
	// Output:
	// load model from net.safetensors: parameter "W" is [2 3] in the file and [2 4] in the model
}
