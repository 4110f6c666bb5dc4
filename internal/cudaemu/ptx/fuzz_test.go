package ptx_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// FuzzLoad holds that any text is loaded or refused with a line of it, and that what
// loads runs or stops with an error of the package.
func FuzzLoad(f *testing.F) {
	for _, fault := range faults {
		f.Add(kernel(fault.body))
	}
	f.Add(kernel(".local .align 16 .b8 depot[16];\nmov.b64 {%r0, %r1}, %rd1;\nset.lt.u32.s32 %r0, %t, 4;\n$t: .branchtargets A, A;\nbrx.idx %t, $t;\nA:"))
	f.Add(".version 6.3\n.target sm_70\n.address_size 64\n.const .align 2 .u16 t[3] = {7, 8, 65535};\n.extern .shared .b8 d[];\n.entry k(){\nret;\n}")
	f.Fuzz(func(t *testing.T, text string) {
		memory := &ptx.Memory{Size: 1 << 20}
		module, err := ptx.Load(memory, text)
		if err != nil {
			var syntax *ptx.SyntaxError
			assert.ErrorAs(t, err, &syntax)
			assert.Zero(t, memory.Live(), "what was refused leaves nothing")
			return
		}
		machine := &ptx.Machine{Memory: memory, Limit: 1000}
		for _, k := range module.Kernels {
			shape := ptx.Shape{Grid: ptx.Dim3{X: 2, Y: 1, Z: 1}, Block: ptx.Dim3{X: 33, Y: 1, Z: 1}}
			err := machine.Launch(k, shape, make([]uint64, len(k.Params)))
			var fault *ptx.Fault
			var refused *ptx.LaunchError
			assert.True(t, err == nil || errors.As(err, &fault) || errors.As(err, &refused), "%v", err)
		}
	})
}
