package cudaenv

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/wengert-ml/wengert/internal/atomicfile"
)

// Module is whose header is used, in the version of go.mod.
const Module = "gorgonia.org/cu@v0.9.6"

// Env is what to set when building with the tag cuda.
type Env struct {
	CFlags, LDFlags string
}

// Write writes the header and the library below dir, and returns the flags that name
// them. It runs the go command, which may download the module.
func Write(dir string) (Env, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Env{}, err
	}
	if strings.ContainsAny(dir, " '\"\\") {
		return Env{}, fmt.Errorf("%s: compilers' flags are separated by spaces, so the folder may have neither those nor quotes", dir)
	}
	module, err := download()
	if err != nil {
		return Env{}, err
	}
	source, err := os.ReadFile(filepath.Join(module, "cmd", "genlib", "cuda.h"))
	if err != nil {
		return Env{}, err
	}
	header, err := Header(source)
	if err != nil {
		return Env{}, err
	}
	include, lib := filepath.Join(dir, "include"), filepath.Join(dir, "lib")
	for path, content := range map[string][]byte{
		filepath.Join(include, "cuda.h"): header,
		filepath.Join(lib, "libcuda.so"): []byte("/* an empty script of the linker: the program itself has the functions */\n"),
	} {
		if err := write(path, content); err != nil {
			return Env{}, err
		}
	}
	return Env{CFlags: "-O2 -I" + include, LDFlags: "-O2 -L" + lib}, nil
}

// write writes a file unless it is there: a new date would have cgo compile again.
func write(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.WriteFile(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// download returns the folder of Module.
func download() (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", Module).Output()
	var answer struct{ Dir, Error string }
	if json.Unmarshal(out, &answer) == nil && answer.Error != "" {
		return "", fmt.Errorf("go mod download %s: %s", Module, answer.Error)
	}
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("go mod download %s: %s", Module, bytes.TrimSpace(exit.Stderr))
		}
		return "", fmt.Errorf("the go command is needed to find %s: %w", Module, err)
	}
	return answer.Dir, nil
}

// Functions of the second version, by their names without "cu" and "_v2".
var secondVersions = strings.Fields(`
	DeviceTotalMem CtxCreate CtxDestroy CtxPopCurrent CtxPushCurrent ModuleGetGlobal MemGetInfo MemAlloc MemAllocPitch
	MemFree MemGetAddressRange MemAllocHost MemHostGetDevicePointer MemcpyHtoD MemcpyDtoH MemcpyDtoD MemcpyDtoA
	MemcpyAtoD MemcpyHtoA MemcpyAtoH MemcpyAtoA MemcpyHtoAAsync MemcpyAtoHAsync Memcpy2D Memcpy2DUnaligned Memcpy3D
	MemcpyHtoDAsync MemcpyDtoHAsync MemcpyDtoDAsync Memcpy2DAsync Memcpy3DAsync MemsetD8 MemsetD16 MemsetD32
	MemsetD2D8 MemsetD2D16 MemsetD2D32 ArrayCreate ArrayGetDescriptor Array3DCreate Array3DGetDescriptor
	TexRefSetAddress TexRefGetAddress StreamDestroy EventDestroy LinkCreate LinkAddData LinkAddFile MemHostRegister
	DevicePrimaryCtxRelease DevicePrimaryCtxReset DevicePrimaryCtxSetFlags`)

// Header returns cuda.h, of the header that the module carries.
func Header(source []byte) ([]byte, error) {
	begin := bytes.Index(source, []byte("typedef uint32_t cuuint32_t"))
	if begin < 0 {
		return nil, fmt.Errorf("the header of %s is not the one that is known", Module)
	}
	var b bytes.Buffer
	b.WriteString("#pragma once\n#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n#define CUDA_VERSION 11000\n")
	for _, f := range secondVersions {
		fmt.Fprintf(&b, "#define cu%[1]s cu%[1]s_v2\n", f)
	}
	b.WriteString("#define cuTexRefSetAddress2D cuTexRefSetAddress2D_v3\n")
	b.WriteString("#define CU_TRSF_READ_AS_INTEGER 0x01\n#define CU_TRSF_NORMALIZED_COORDINATES 0x02\n")
	b.Write(source[begin:])
	return b.Bytes(), nil
}
