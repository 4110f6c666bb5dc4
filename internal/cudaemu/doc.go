// Package cudaemu is a CUDA driver and its GPUs in Go, for tests on machines that
// have neither. Kernels are executed from their PTX by package ptx, which checks
// every access.
//
//	driver := cudaemu.New(cudaemu.Device{Memory: 64 << 20})
//	ctx, err := driver.NewContext(0)
//	module, err := ctx.Load(text)
//	scale, err := module.Function("scale")
//	x, err := ctx.Alloc(4 * n)
//	err = ctx.Launch(nil, scale, ptx.Shape{Grid: ptx.Dim3{X: 8, Y: 1, Z: 1}, Block: ptx.Dim3{X: 256, Y: 1, Z: 1}}, []uint64{x, n})
//	err = ctx.Synchronize() // a fault of the kernel comes out here
//
// # Where it is stricter than a GPU
//
// Work is queued and runs only when something waits for it: a result that is read
// too early is never there by luck. Work on streams that nothing orders stays queued
// when another is waited for, or with Reorder runs before it. Fresh memory holds
// NaNs, and reading it is a fault; addresses are not used a second time, so a pointer
// to freed memory is always noticed. A kernel that races, diverges at a barrier or
// leaves its memory ends the launch with a [ptx.Fault] that names the thread and the
// line, where a GPU would give a wrong number now and then.
//
// # Where it is like one
//
// After a fault every call returns that fault until the context is closed. Freeing
// memory and copying without a stream wait for what was queued. The results have the
// driver's numbers, see [Result], and a module that the emulator cannot execute is
// refused when it is loaded.
//
// # What it cannot show
//
// How fast anything is. What a GPU makes of memory that several threads touch, beyond
// telling that they do. The last bits of approximate instructions. Whether the real
// driver accepts the PTX: it knows more than the emulator does, but it may know it
// differently. Errors that only hardware has: a lost device, a full page table.
//
// [Stats] counts launches, bytes and allocations, from which the tables in
// docs/benchmarks.md are made; [Module.Executed] tells which instructions the tests
// have reached.
package cudaemu
