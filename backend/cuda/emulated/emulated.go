package emulated

import (
	"errors"
	"strings"

	"github.com/wengert-ml/wengert/backend/cuda/driver"
	"github.com/wengert-ml/wengert/internal/cudaemu"
	"github.com/wengert-ml/wengert/internal/cudaemu/ptx"
)

// New returns the emulator as a driver.
func New(d *cudaemu.Driver) driver.Driver { return emulator{d} }

type emulator struct{ d *cudaemu.Driver }

func (e emulator) Devices() ([]driver.Info, error) {
	n, err := e.d.Count()
	if err != nil {
		return nil, translate(err)
	}
	var list []driver.Info
	for i := range n {
		name, err := e.d.Name(i)
		if err != nil {
			return nil, translate(err)
		}
		memory, err := e.d.TotalMemory(i)
		if err != nil {
			return nil, translate(err)
		}
		list = append(list, driver.Info{Name: name, Memory: int64(memory), Major: 7})
	}
	return list, nil
}

func (e emulator) Open(device int) (driver.Context, error) {
	ctx, err := e.d.NewContext(device)
	if err != nil {
		return nil, translate(err)
	}
	return context{ctx}, nil
}

var (
	_ driver.BLAS      = context{}
	_ driver.Forgetter = context{}
)

type context struct{ ctx *cudaemu.Context }

func (c context) Load(text string) (driver.Module, error) {
	m, err := c.ctx.Load(text)
	if err != nil {
		return nil, translate(err)
	}
	return module{m}, nil
}

type module struct{ m *cudaemu.Module }

func (m module) Function(name string) (driver.Function, error) {
	f, err := m.m.Function(name)
	return f, translate(err)
}

func (c context) Alloc(n int64) (driver.Pointer, error) {
	p, err := c.ctx.Alloc(uint64(n))
	return driver.Pointer(p), translate(err)
}

func (c context) Free(p driver.Pointer) error { return translate(c.ctx.Free(uint64(p))) }

func (c context) Forget(p driver.Pointer, n int64) error {
	return translate(c.ctx.Forget(nil, uint64(p), int(n)))
}

func (c context) MemInfo() (free, total int64, err error) {
	f, t, err := c.ctx.MemInfo()
	return int64(f), int64(t), translate(err)
}

func (c context) Upload(dst driver.Pointer, src []byte) error {
	return translate(c.ctx.CopyToDevice(uint64(dst), src))
}

func (c context) Download(dst []byte, src driver.Pointer) error {
	return translate(c.ctx.CopyToHost(dst, uint64(src)))
}

func (c context) Launch(f driver.Function, grid, block [3]int, _ int, args []uint64) error {
	shape := ptx.Shape{Grid: dim(grid), Block: dim(block)}
	return translate(c.ctx.Launch(nil, f.(*cudaemu.Function), shape, args))
}

func dim(d [3]int) ptx.Dim3 { return ptx.Dim3{X: d[0], Y: d[1], Z: d[2]} }

// OpenBLAS has nothing to open.
func (c context) OpenBLAS(bool) (version string, err error) { return "12.0.0", nil }

// Sgemm transposes all three, since cuBLAS is column-major.
func (c context) Sgemm(g *driver.Gemm) error {
	var beta float32
	if g.Accumulate {
		beta = 1
	}
	return translate(c.ctx.Sgemm(nil, cudaemu.Gemm{
		TransA: g.TransY, TransB: g.TransX, M: g.N, N: g.M, K: g.K, Alpha: 1, Beta: beta,
		A: uint64(g.Y), LDA: g.LdY, StrideA: g.StrideY,
		B: uint64(g.X), LDB: g.LdX, StrideB: g.StrideX,
		C: uint64(g.Z), LDC: g.LdZ, StrideC: g.StrideZ, Count: g.Count,
	}))
}

func (c context) Synchronize() error { return translate(c.ctx.Synchronize()) }

func (c context) Close() error { return translate(c.ctx.Close()) }

// translate returns an error of the emulator as one of the driver.
func translate(err error) error {
	var e *cudaemu.Error
	if !errors.As(err, &e) {
		return err
	}
	name, _, _ := strings.Cut(e.Result.Error(), " ")
	return &driver.Error{Call: e.Call, Code: int(e.Result), Name: name, Err: e.Detail}
}
