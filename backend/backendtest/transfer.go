package backendtest

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

func transferChecks() []check {
	var list []check
	rng := newRand("transfer")
	for _, shape := range allShapes() {
		for _, f := range outputForms {
			p := f.lay(shape...)
			n := p.Len()
			src := make([]float64, n)
			fill(src, uniform(rng, -4, 4))
			if n >= len(moved) {
				copy(src, moved)
			}
			list = append(list,
				transferCheck("floats", f, shape, backend.F32, src, func(be backend.Backend, v *backend.View) error {
					return uploadFloats(be, v, src)
				}))
			ints := make([]float64, n)
			for i := range ints {
				ints[i] = float64(i*1_000_003%(1<<24) - 1<<23) // what Convert to F32 shows exactly
			}
			list = append(list,
				transferCheck("ints", f, shape, backend.I32, ints, func(be backend.Backend, v *backend.View) error {
					return uploadInts(be, v, ints)
				}))
		}
		for _, f := range inputForms {
			list = append(list, downloadCheck(f, shape, uniform(rng, -4, 4)))
		}
	}
	return list
}

// transferCheck uploads src to a view and compares the buffer.
func transferCheck(name string, f form, shape []int, dtype backend.DType, src []float64, up func(backend.Backend, *backend.View) error) check {
	dst := operandOf(dtype, f.lay(shape...), nil)
	dst.out = true
	var failed error
	tr := &trial{
		name:   fmt.Sprintf("%s/%s/%s", name, shapeName(shape), f.name),
		args:   []*operand{dst},
		define: func(v [][]float64) { copy(v[0], src) },
		call:   func(be backend.Backend, v []*backend.View) { failed = up(be, v[0]) },
		tol:    exact,
	}
	return check{name: tr.name, run: func(be backend.Backend) error {
		if err := tr.check(be); err != nil {
			return err
		}
		return failed
	}}
}

// downloadCheck downloads a view in one piece, and compares it with what the
// elements of the buffer are.
func downloadCheck(f form, shape []int, v values) check {
	src := input(f.lay(shape...), v)
	name := fmt.Sprintf("download/%s/%s", shapeName(shape), f.name)
	return check{name: name, run: func(be backend.Backend) error {
		buf, held, err := src.mem.upload(be, math.NaN())
		if err != nil {
			return err
		}
		defer be.Free(buf)
		const guard = 99
		got := make([]float32, src.Len()+1)
		got[src.Len()] = guard
		view := &backend.View{Buf: buf, Layout: src.Layout}
		if err := be.Download(got[:src.Len()], view); err != nil {
			return err
		}
		for i, want := range append(src.dense(held), guard) {
			if !same(float64(got[i]), want) {
				return fmt.Errorf("Download(%s): element %d: got %v, want %v", src, i, got[i], want)
			}
		}
		return nil
	}}
}

// uploadInts uploads whole numbers.
func uploadInts(be backend.Backend, dst *backend.View, v []float64) error {
	src := make([]int32, len(v))
	for i, x := range v {
		src[i] = int32(x)
	}
	err := be.UploadInts(dst, src)
	clear(src) // the backend must be done with it
	return err
}
