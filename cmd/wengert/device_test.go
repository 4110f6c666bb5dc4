package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend/cuda"
)

func TestDevices(t *testing.T) {
	out := start(t).ok("devices")
	assert.Regexp(t, `^cpu     .+, \d+ threads, (avx512|avx2|generic) kernels\n`, out)
	if gpus, err := cuda.Devices(); err == nil {
		assert.Contains(t, out, gpus[0].Name)
	} else {
		assert.Contains(t, out, "\ncuda    none: "+err.Error()+"\n")
	}
}

// Without a GPU, auto says so and takes the processor.
func TestAuto(t *testing.T) {
	w := start(t)
	w.ok("train", "spiral", "--epochs", "1", "--backend", "auto")
	if _, err := cuda.Devices(); err != nil {
		assert.Contains(t, w.err.String(), "computing on the CPU: "+err.Error()+"\n")
	}
	auto, err := os.ReadFile(filepath.Join("runs", "spiral", "best.safetensors"))
	require.NoError(t, err)
	assert.NotEmpty(t, auto)
}

func TestCudaEnv(t *testing.T) {
	w := start(t)
	out := w.ok("cuda-env", "--dir", "cuda")
	dir, err := filepath.Abs("cuda")
	require.NoError(t, err)
	assert.Equal(t, "export CGO_ENABLED=1\nexport CGO_CFLAGS='-O2 -I"+dir+"/include'\nexport CGO_LDFLAGS='-O2 -L"+dir+"/lib'\n", out)
	assert.FileExists(t, filepath.Join("cuda", "include", "cuda.h"))
	assert.FileExists(t, filepath.Join("cuda", "lib", "libcuda.so"))

	assert.Equal(t, 1, w.run("cuda-env", "--dir", "a b"))
	assert.Contains(t, w.err.String(), "wengert: ")
}
