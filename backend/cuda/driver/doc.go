// Package driver is what package cuda asks of a CUDA driver: a few calls, so that a
// GPU and the emulator of package cudaemu look the same from above.
//
//	ctx, err := d.Open(0)
//	module, err := ctx.Load(ptx)
//	add, err := module.Function("add")
//	x, err := ctx.Alloc(4 * n)
//	err = ctx.Launch(add, [3]int{8, 1, 1}, [3]int{256, 1, 1}, 0, []uint64{uint64(x), uint64(n)})
//	err = ctx.Synchronize() // a fault of the kernel comes out here
//
// A [Context] has one stream: what is queued on it runs in order.
package driver
