package kernels

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPTXIsFresh(t *testing.T) {
	sum := sha256.Sum256([]byte(Source))
	assert.Contains(t, PTX, "// sources sha256 "+hex.EncodeToString(sum[:])+"\n", "kernels.cu or prelude.h was changed: run compile.sh")
}

func TestPTXIsWhatClangMakes(t *testing.T) {
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("skipped: there is no clang-19")
	}
	out := filepath.Join(t.TempDir(), "kernels.ptx")
	text, err := exec.Command("./compile.sh", out).CombinedOutput()
	require.NoError(t, err, "%s", text)
	fresh, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.True(t, PTX == string(fresh), "kernels.ptx is stale: run compile.sh")
}
