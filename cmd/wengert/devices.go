package main

import (
	"fmt"
	"runtime"

	"github.com/klauspost/cpuid/v2"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
	"github.com/wengert-ml/wengert/backend/cuda"
)

type devicesCommand struct{}

// Run lists the processor and the GPUs. A GPU is opened, so that what would be wrong
// with it in a training is wrong here.
func (devicesCommand) Run(s *session) error {
	set, err := isa.Detect()
	if err != nil {
		return err
	}
	name := cpuid.CPU.BrandName
	if name == "" {
		name = runtime.GOARCH
	}
	fmt.Fprintf(s.out, "cpu     %s, %d threads, %s kernels\n", name, runtime.GOMAXPROCS(0), set)
	gpus, err := cuda.Devices()
	if err != nil {
		_, err = fmt.Fprintf(s.out, "cuda    none: %v\n", err)
		return err
	}
	for i, gpu := range gpus {
		fmt.Fprintf(s.out, "cuda:%-2d %s, %.1f GiB, compute capability %d.%d", i, gpu.Name, float64(gpu.Memory)/(1<<30), gpu.Major, gpu.Minor)
		be, err := cuda.New(i)
		if err != nil {
			fmt.Fprintf(s.out, "; unusable: %v\n", err)
			continue
		}
		fmt.Fprintf(s.out, "; products by %s\n", be.Products())
		if err := be.Close(); err != nil {
			return err
		}
	}
	return nil
}
