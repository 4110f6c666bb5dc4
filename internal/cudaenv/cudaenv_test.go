package cudaenv

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// root is the repository.
const root = "../.."

func TestVersionIsThatOfGoMod(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	file, err := modfile.Parse("go.mod", raw, nil)
	require.NoError(t, err)
	var versions []string
	for _, r := range file.Require {
		versions = append(versions, r.Mod.String())
	}
	assert.Contains(t, versions, Module)
}

func TestHeaderHasVersionsBack(t *testing.T) {
	header, err := Header([]byte("#include <version.h>\ntypedef uint32_t cuuint32_t;\nint cuMemAlloc(void);\n"))
	require.NoError(t, err)
	text := string(header)
	assert.Contains(t, text, "#define cuMemAlloc cuMemAlloc_v2\n")
	assert.NotContains(t, text, "version.h")
	assert.True(t, strings.HasSuffix(text, "int cuMemAlloc(void);\n"))

	_, err = Header([]byte("int cuMemAlloc(void);\n"))
	assert.ErrorContains(t, err, "not the one that is known")
}

func TestFolderWithASpace(t *testing.T) {
	_, err := Write(filepath.Join(t.TempDir(), "a b"))
	assert.ErrorContains(t, err, "spaces")
}

func TestNothingIsWrittenAgain(t *testing.T) {
	dir := t.TempDir()
	_, err := Write(dir)
	require.NoError(t, err)
	old, err := os.Stat(filepath.Join(dir, "include", "cuda.h"))
	require.NoError(t, err)
	_, err = Write(dir)
	require.NoError(t, err)
	again, err := os.Stat(filepath.Join(dir, "include", "cuda.h"))
	require.NoError(t, err)
	assert.True(t, os.SameFile(old, again))
}

// A module of somebody else's that imports this one builds with -tags cuda, from a
// module cache that nobody can write to, and runs on a machine without a driver.
func TestModuleOutside(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles for a quarter of a minute")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("skipped: there is no C compiler")
	}
	const path, version = "github.com/wengert-ml/wengert", "v0.0.0-20060102150405-000000000000"
	dir, proxy := t.TempDir(), t.TempDir()
	env, err := Write(dir)
	require.NoError(t, err)
	publish(t, proxy, module.Version{Path: path, Version: version})

	user, cache := t.TempDir(), t.TempDir()
	downloads := filepath.Join(goEnv(t, "GOMODCACHE"), "cache", "download")
	proxies := "file://" + proxy + ",file://" + downloads + "," + goEnv(t, "GOPROXY")
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = user
		cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "CGO_CFLAGS="+env.CFlags, "CGO_LDFLAGS="+env.LDFlags, "GOMODCACHE="+cache, "GOFLAGS=", "GOWORK=off",
			"GONOSUMDB=*", "GOPROXY="+proxies)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s %v: %s", name, args, out)
		return string(out)
	}
	t.Cleanup(func() { run("go", "clean", "-modcache") })
	require.NoError(t, os.WriteFile(filepath.Join(user, "main.go"), []byte(`package main

import (
	"fmt"

	"`+path+`/backend/cuda"
)

func main() {
	_, err := cuda.Devices()
	fmt.Println(err)
}
`), 0o644))
	run("go", "mod", "init", "example.com/user")
	run("go", "get", path+"/backend/cuda@"+version)
	run("go", "build", "-tags", "cuda", "-o", "program")
	info, err := buildinfo.ReadFile(filepath.Join(user, "program"))
	require.NoError(t, err)
	assert.Contains(t, info.String(), path+"\t"+version)
	stat, err := os.Stat(filepath.Join(cache, path+"@"+version, "go.mod"))
	require.NoError(t, err)
	assert.Zero(t, stat.Mode()&0o222, "the cache is read-only")
	out := run("./program")
	assert.True(t, strings.HasPrefix(out, "<nil>") || strings.Contains(out, "cuda: there is no NVIDIA driver"), out)
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// publish puts the repository into a folder that serves as a module proxy.
func publish(t *testing.T, proxy string, m module.Version) {
	t.Helper()
	at := filepath.Join(proxy, m.Path, "@v")
	require.NoError(t, os.MkdirAll(at, 0o755))
	raw, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(at, m.Version+".mod"), raw, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(at, m.Version+".info"), []byte(`{"Version": "`+m.Version+`"}`), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(at, "list"), []byte(m.Version+"\n"), 0o644))
	archive, err := os.Create(filepath.Join(at, m.Version+".zip"))
	require.NoError(t, err)
	require.NoError(t, zip.CreateFromDir(archive, m, root))
	require.NoError(t, archive.Close())
}
