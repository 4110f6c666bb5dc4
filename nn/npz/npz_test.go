package npz_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/nn/npz"
	"github.com/wengert-ml/wengert/tensor"
)

func sample() []npz.Array {
	be := reference.New()
	return []npz.Array{
		{Name: "Embed.W", X: tensor.FromSlice(be, []float32{1, 2, 3, 4, 5, 6}, 2, 3)},
		{Name: "a/b", X: tensor.FromSlice(be, []float32{-1}, 1)},
	}
}

func same(t *testing.T, want, got []npz.Array) {
	t.Helper()
	require.Len(t, got, len(want))
	for i, a := range want {
		assert.Equal(t, a.Name, got[i].Name)
		assert.Equal(t, a.X.Shape(), got[i].X.Shape())
		assert.Equal(t, a.X.Floats(), got[i].X.Floats())
	}
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	require.NoError(t, npz.WriteFile(path, sample()))
	got, err := npz.ReadFile(reference.New(), path)
	require.NoError(t, err)
	same(t, sample(), got)
}

// NumPy reads what is written; what it writes, compressed or not, is read.
func TestNumPy(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import numpy").Run() != nil {
		t.Skip("no python3 with NumPy")
	}
	dir := t.TempDir()
	there := filepath.Join(dir, "there.npz")
	require.NoError(t, npz.WriteFile(there, sample()))
	for _, save := range []string{"savez", "savez_compressed"} {
		back := filepath.Join(dir, save+".npz")
		out, err := exec.Command(python, "-c", `
import sys, numpy as np
z = np.load(sys.argv[1])
assert z.files == ["Embed.W", "a/b"], z.files
assert (z["Embed.W"] == np.arange(1, 7, dtype=np.float32).reshape(2, 3)).all()
getattr(np, sys.argv[3])(sys.argv[2], **{k: z[k].astype(np.float16) for k in z.files})
`, there, back, save).CombinedOutput()
		require.NoError(t, err, string(out))
		got, err := npz.ReadFile(reference.New(), back)
		require.NoError(t, err)
		same(t, sample(), got)
	}
}

func TestErrors(t *testing.T) {
	be := reference.New()
	_, err := npz.ReadFile(be, "none.npz")
	assert.ErrorContains(t, err, "read npz: open none.npz")
	_, err = npz.ReadFile(be, "npz.go")
	assert.ErrorContains(t, err, "read npz npz.go: zip")
	var b bytes.Buffer
	assert.ErrorContains(t, npz.Write(&b, append(sample(), sample()...)), `two arrays are named "Embed.W"`)
	b.Reset()
	require.NoError(t, npz.Write(&b, nil))
	_, err = npz.Read(be, bytes.NewReader(b.Bytes()), int64(b.Len()))
	assert.ErrorContains(t, err, "the archive is empty")
}
