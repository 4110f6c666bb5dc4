package main

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/cuda"
	"github.com/wengert-ml/wengert/backend/reference"
)

// device is the flags that say what to compute on.
type device struct {
	Backend string `default:"cpu" enum:"cpu,cuda,reference" help:"What to compute on: ${enum}. cuda is the first NVIDIA GPU; the reference computes in float64, slowly."`
	Threads int    `default:"0" placeholder:"N" help:"Processor cores to use; 0 for all."`
}

// open returns the backend that the flags name.
func (d device) open() (backend.Backend, error) {
	if d.Threads < 0 {
		return nil, &usageError{fmt.Sprintf("--threads %d: want a number of cores, or 0 for all", d.Threads)}
	}
	switch d.Backend {
	case "cuda":
		return cuda.New(0)
	case "reference":
		return reference.New(), nil
	}
	return cpu.Config{Threads: d.Threads}.New(), nil
}
