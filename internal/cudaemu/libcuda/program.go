//go:build cuda && cudaemu

package libcuda

// #include <stdlib.h>
// #include "program.h"
import "C"

import (
	"runtime"
	"unsafe"

	"github.com/wengert-ml/wengert/internal/cudaemu"
)

// program runs program.c: it loads text, adds 1 to words with a number of threads, and
// multiplies [1 3; 2 4] by the column [1 2]. It returns the step that failed and the
// driver's number. A file of tests cannot hold C, so it is here.
func program(text string, threads int, words []uint32) (product [2]float32, step string, result cudaemu.Result) {
	runtime.LockOSThread() // contexts belong to threads
	defer runtime.UnlockOSThread()
	ptx := C.CString(text)
	defer C.free(unsafe.Pointer(ptx))
	buffer := (*C.uint)(C.calloc(C.size_t(len(words)), 4)) // C keeps it while copies are queued
	defer C.free(unsafe.Pointer(buffer))
	inC := unsafe.Slice((*uint32)(unsafe.Pointer(buffer)), len(words))
	copy(inC, words)
	var where *C.char
	out := (*C.float)(C.calloc(2, 4))
	defer C.free(unsafe.Pointer(out))
	code := C.wengert_cudaemu_program(ptx, C.int(len(words)), C.int(threads), buffer, out, &where)
	copy(words, inC)
	copy(product[:], unsafe.Slice((*float32)(unsafe.Pointer(out)), 2))
	return product, C.GoString(where), cudaemu.Result(code)
}
