// Package cuda is the backend for NVIDIA GPUs.
//
//	be, err := cuda.New(0)
//	if err != nil { // "cuda: ..."
//		return err
//	}
//	defer be.Close()
//
// A [Backend] is made by [New] or, with options, by [Config]. It reaches a GPU through
// package driver, a small interface that package emulated implements on the emulator of
// internal/cudaemu as well: go test runs every kernel that way, from the PTX that is
// committed, on machines that have neither a GPU nor a C compiler.
//
// # How it works
//
// One goroutine, locked to a thread of the system, talks to the driver. Methods only
// put launches in its queue, in the order of the calls; Upload, Download and Sync wait.
// All work is on one stream, so that freed memory may be handed out again at once, and
// memory is taken of the driver only where none of the size was freed (memory.go).
//
// The kernels are in package kernels: CUDA C++ without headers, compiled by clang 19.
// What is pointwise takes any strides; axes that lie behind one another in all operands
// are joined first (launch.go), so that most launches see one axis, and where neighbours
// lie side by side in all operands, a thread has four. Products come in tiles of three
// sizes, and those that are small but deep are cut in pieces (matmul.go). Reductions
// combine in a fixed order, in a second launch where there are many elements (reduce.go),
// and rows with equal ids are added in theirs (rows.go): the same call gives the same bits.
// An optimiser's calls for one parameter each become one launch for eight (update.go).
//
// Read cuda.go next, then kernels/kernels.cu.
package cuda
