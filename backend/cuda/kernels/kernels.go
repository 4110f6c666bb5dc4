package kernels

import _ "embed"

// PTX is the compiled text, for compute capability 7.0 and later: the driver compiles
// it for the device.
//
//go:embed kernels.ptx
var PTX string

// Source is kernels.cu after its prelude.h, which go test and the Go build cache thereby know of.
var Source = prelude + source

//go:embed prelude.h
var prelude string

//go:embed kernels.cu
var source string
