//go:build cuda && cudaemu && linux && cgo

package native

import _ "github.com/wengert-ml/wengert/internal/cudaemu/libcuda" // its C functions
