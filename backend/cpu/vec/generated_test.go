package vec

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The assembly is what the generator of this commit writes: the stamp in it is
// the hash of the generator's source.
func TestGeneratedIsUpToDate(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "internal", "gen", "vec")
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("a downloaded module comes without the generator")
	}
	h := sha256.New()
	for _, name := range append(files, filepath.Join(dir, "go.mod")) {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		h.Write(text)
	}
	for _, name := range []string{"avx2_amd64.s", "avx2_amd64.go", "avx512_amd64.s", "avx512_amd64.go"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		lines := strings.SplitN(string(text), "\n", 3)
		assert.Regexp(t, `^// Code generated .* DO NOT EDIT\.$`, lines[0], name)
		assert.Equal(t, fmt.Sprintf("// Generator: sha256 %x", h.Sum(nil)), lines[1], "%s: run go generate ./backend/cpu/vec", name)
	}
}

// Registers 16 to 31 and 512-bit registers need AVX-512: in an AVX2 function
// they stop the program on the machines it is for.
func TestAVX2UsesItsRegisters(t *testing.T) {
	text, err := os.ReadFile("avx2_amd64.s")
	require.NoError(t, err)
	require.Contains(t, string(text), "TEXT ·expAVX2(SB)")
	assert.Empty(t, regexp.MustCompile(`\b([XY](1[6-9]|2\d|3[01])|Z\d+|K[0-7])\b`).FindAllString(string(text), -1))
	assert.NotRegexp(t, `(?m)^// Requires:.*AVX512`, string(text))
}
