// Package ptx executes NVIDIA's PTX, the text that compilers emit for GPUs, on the
// processor, and checks each access to memory on the way. It is for tests.
//
//	memory := &ptx.Memory{}
//	module, err := ptx.Load(memory, text) // *SyntaxError: what the package does not know
//	machine := &ptx.Machine{Memory: memory}
//	x, _ := memory.Alloc(4 * n)
//	err = machine.Launch(module.Kernels["scale"], ptx.Shape{Grid: ptx.Dim3{X: 8, Y: 1, Z: 1}, Block: ptx.Dim3{X: 256, Y: 1, Z: 1}}, []uint64{x, n})
//
// [Load] decodes a text once: each instruction becomes a [Kernel]'s record with its
// operands resolved. It knows what clang 19 emits for .version 6.3 and .target sm_70,
// and refuses the rest with the line and the word it stumbled over. So a kernel that
// loads is executed exactly, or stops with a [*Fault].
//
// A register is a column of 32 values, one for each thread of a warp, and so are
// constants, parameters and special registers; an instruction loops over the threads
// that stand at it. Where threads part, those lowest in the code go first, and wait
// for the others where the paths meet again. Blocks run one after another, in an
// order that never changes.
//
// # What is checked
//
// Each launch against the limits of the device. Each access against the allocations:
// addresses are never used twice, and unmapped bytes lie between them, so an index
// that is one too large and a pointer to freed memory are both seen. Its alignment.
// Whether anybody wrote what is read. And whether another thread has touched the same
// bytes, one of the two writing, with no barrier between (of two blocks there never
// is one): four bytes of memory have a record of who wrote and who read them last.
// Barriers must be reached by all threads of the block, at the same instruction, and
// shuffles and votes by all the lanes they name. A launch that does not end runs into
// a limit.
//
// # What float32 does
//
// Sums, products, quotients, roots and fused multiply-adds are rounded as IEEE 754
// says, NaNs become the hardware's one NaN, and .ftz flushes. The approximate
// instructions (ex2, lg2, sin, cos, rsqrt, and the .approx forms) are computed in
// float64 and rounded: the hardware is less exact, by up to two units in the last
// place for most and more for sin and cos of large arguments.
//
// # What it cannot show
//
// Time, and whatever a kernel gains or loses by coalescing, bank conflicts and
// occupancy. The reordering of memory that a real GPU may do within the rules: a
// kernel that orders blocks by fences and atomics, which is allowed, is reported as a
// race. Races on which the last records of four bytes no longer tell: of several
// readers, only that there were several is kept.
//
// Read parse.go and body.go for the text, decode.go and alu.go for what each
// instruction means, machine.go for the order of things, access.go for the checks.
package ptx
