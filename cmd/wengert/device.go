package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/reference"
)

// device is the flags that say what to compute on.
type device struct {
	Backend string `default:"cpu" help:"What to compute on: cpu; cuda, or cuda:1 for the second NVIDIA GPU; auto, a GPU if there is one; reference, float64 and slow."`
	Threads int    `default:"0" placeholder:"N" help:"Processor cores to use; 0 for all."`
	TF32    bool   `name:"tf32" help:"Let an NVIDIA GPU round the factors of products to three digits, for speed."`
}

// open returns the backend that the flags name. What auto comes to is told on s.err.
func (d device) open(s *session) (backend.Backend, error) {
	if d.Threads < 0 {
		return nil, &usageError{fmt.Sprintf("--threads %d: want a number of cores, or 0 for all", d.Threads)}
	}
	kind, number, numbered := strings.Cut(d.Backend, ":")
	if d.TF32 && kind != "cuda" && kind != "auto" {
		return nil, &usageError{fmt.Sprintf("--tf32 is for NVIDIA GPUs, not for --backend %s", d.Backend)}
	}
	gpu := cuda.Config{TF32: d.TF32}
	switch {
	case d.Backend == "cpu":
		return d.cpu(), nil
	case d.Backend == "reference":
		return reference.New(), nil
	case d.Backend == "auto":
		be, err := gpu.New()
		if err == nil {
			return be, nil
		}
		_, err = fmt.Fprintf(s.err, "computing on the CPU: %v\n", err)
		return d.cpu(), err
	case kind == "cuda" && numbered:
		n, err := strconv.Atoi(number)
		if err != nil {
			break
		}
		gpu.Device = n
		return gpu.New()
	case kind == "cuda":
		return gpu.New()
	}
	return nil, &usageError{fmt.Sprintf("--backend %s: want cpu, cuda, cuda:N for the GPU with that number, auto or reference", d.Backend)}
}

func (d device) cpu() backend.Backend { return cpu.Config{Threads: d.Threads}.New() }
