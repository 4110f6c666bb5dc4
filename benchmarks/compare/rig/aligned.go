package rig

import "unsafe"

// aligned returns a copy of x that starts on a cache line, since every library
// compared is faster there and Go promises no more than 16 bytes.
func aligned(x []float32) []float32 {
	const line = 64
	raw := make([]float32, len(x)+line/4)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(raw)))) & (line - 1) / 4
	y := raw[skip : skip+len(x) : skip+len(x)]
	copy(y, x)
	return y
}
