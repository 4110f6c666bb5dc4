// Package reference is a whole backend in float64 and plain loops.
//
// It is the oracle of the conformance suite (package backendtest), the backend
// that gradient checks run on, where a central difference is good to eight
// digits instead of three, and the one to read before writing another:
//
//	be := reference.New()
//	buf, err := be.Alloc(backend.F32, 6)
//	x := &backend.View{Buf: buf, Layout: backend.Contiguous(2, 3)}
//	err = be.UploadFloat64(x, []float64{1, 2, 3, 4, 5, 6})
//	be.Unary(backend.Log, x, x, 0, 0)
//	err = be.DownloadFloat64(logs, x) // never rounded to float32
//
// F32, F16 and BF16 are all held as float64. Results in F32 are not rounded;
// Convert rounds to the grid of F16 or BF16, so that what is stored there is
// what a real half would hold. I32 is held as int32.
//
// Nothing is fast and nothing is fused: every element is found by
// [backend.Layout.At], and no optional interface for a fused kernel is offered,
// since composition is what this backend is for.
//
// There is one file: reference.go reads from top to bottom in the order of
// [backend.Backend].
package reference
