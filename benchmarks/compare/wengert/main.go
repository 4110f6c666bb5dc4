package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/cpu/isa"
	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

func main() { rig.Main(rig.Side{About: about, New: newBench}) }

func about() map[string]string {
	set, err := isa.Detect()
	if err != nil {
		return map[string]string{"instructions": err.Error()}
	}
	return map[string]string{"wengert": "this commit", "Go": strings.TrimPrefix(runtime.Version(), "go"), "instructions": set.String()}
}

func newBench(work string, threads int) (*rig.Bench, error) {
	kind, rest, _ := strings.Cut(work, "/")
	be := cpu.Config{Threads: threads}.New()
	switch kind {
	case "gemm":
		return newProduct(work, threads)
	case "softmax", "xent":
		return newRows(be, kind, work)
	case "step":
		return newStep(be, rest)
	}
	if b, err := newPointwise(be, kind, work); b != nil || err != nil {
		return b, err
	}
	return nil, fmt.Errorf("no work %q here", work)
}
