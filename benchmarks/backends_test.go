package benchmarks

import (
	"flag"
	"fmt"
	"testing"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

var withReference = flag.Bool("reference", false, "also benchmark the reference backend, which is slow on purpose")

// device is a backend under its name in benchmarks.
type device struct {
	name string
	backend.Backend
}

// devices returns what is compared: the GPU too, with the tag cuda.
func devices(b *testing.B) []device {
	var all []device
	for _, threads := range []int{1, 2} {
		all = append(all, device{fmt.Sprintf("backend=cpu/threads=%d", threads), cpu.Config{Threads: threads}.New()})
	}
	if *withReference {
		all = append(all, device{"backend=reference/threads=1", reference.New()})
	}
	return append(all, gpus(b)...)
}

// sync waits for all queued work.
func (d device) sync(b *testing.B) {
	if _, err := d.Sync(0); err != nil {
		b.Fatal(err)
	}
}

// random returns a tensor [shape...] of normal numbers.
func (d device) random(shape ...int) *tensor.Tensor {
	return tensor.Randn(d.Backend, tensor.NewRand(1984, uint64(len(shape))), shape...)
}

// ids returns n ids below v as a kernel takes them, [n]. The small ones are
// frequent, as those of a text are.
func (d device) ids(n, v int) *backend.View {
	buf, err := d.Alloc(backend.I32, n)
	backend.Must(d.Backend, "alloc", err)
	view := &backend.View{Buf: buf, DType: backend.I32, Layout: backend.Contiguous(n)}
	backend.Must(d.Backend, "upload", d.UploadInts(view, words(n, v)))
	return view
}
