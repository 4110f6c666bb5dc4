// Package safetensors reads and writes the file format of that name: named
// arrays with their shapes, and a map of strings beside them.
//
// A file is eight bytes with the length of a JSON header, the header, and the
// numbers, little-endian and in row-major order:
//
//	{"__metadata__": {"epoch": "3"},
//	 "Out.W": {"dtype": "F32", "shape": [10, 3], "data_offsets": [0, 120]}}
//
// Nothing in it is executed, its size is known before memory is taken, and
// Python, Rust and JavaScript read it, which is why checkpoints use it.
//
//	w, err := safetensors.FromFloat32("Out.W", safetensors.F16, []int{10, 3}, values)
//	f := &safetensors.File{Metadata: map[string]string{"epoch": "3"}, Tensors: []safetensors.Tensor{w}}
//	err = f.WriteFile("best.safetensors")
//
//	f, err = safetensors.ReadFile("best.safetensors")
//	t, ok := f.Tensor("Out.W")
//	values, err = t.Float32s()
//
// The three types to know are [File], [Tensor] and [DType]. The package knows
// nothing of package tensor: it moves bytes and []float32, and package nn puts
// them into parameters.
//
// Files are written as the reference implementation writes them, byte for byte
// if the tensors come in its order: header padded with spaces to a multiple of
// eight, data without holes, widest element type first so that every tensor is
// aligned. Reading trusts nothing: what a damaged or malicious file gets wrong
// is an error that names the tensor.
//
// Read file.go next, then header.go for the checks; half.go has the conversions.
//
// The format is described at https://github.com/huggingface/safetensors.
package safetensors
