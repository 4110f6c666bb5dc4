package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// names lists the folder, so that a forgotten temporary file is seen.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	got := []string{}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	return got
}

func TestWriteFile(t *testing.T) {
	big := strings.Repeat("0123456789", 100_000) // more than the buffer holds
	for _, tc := range []struct {
		name    string
		path    string
		old     string
		content string
	}{
		{name: "new", path: "a.txt", content: "hello"},
		{name: "empty", path: "a.txt", content: ""},
		{name: "large", path: "a.txt", content: big},
		{name: "replaces", path: "a.txt", old: "an older and longer content", content: "new"},
		{name: "makes-folders", path: "runs/date/a.txt", content: "hello"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), tc.path)
			if tc.old != "" {
				require.NoError(t, os.WriteFile(path, []byte(tc.old), 0o644))
			}
			require.NoError(t, WriteFile(path, 0o644, text(tc.content)))
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.True(t, string(got) == tc.content, "content of %d bytes differs from the %d written", len(got), len(tc.content))
			assert.Equal(t, []string{"a.txt"}, names(t, filepath.Dir(path)))
		})
	}
}

func TestWriteFileInWorkingFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, WriteFile("a.txt", 0o644, text("x")))
	assert.Equal(t, []string{"a.txt"}, names(t, "."))
}

func TestFailedWriteLeavesOldFile(t *testing.T) {
	broken := errors.New("the disk is full")
	half := func(w io.Writer) error {
		io.WriteString(w, strings.Repeat("half", 100_000))
		return broken
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	require.NoError(t, WriteFile(path, 0o644, text("old")))

	err := WriteFile(path, 0o644, half)
	require.ErrorIs(t, err, broken)
	assert.Equal(t, "write "+path+": the disk is full", err.Error())

	assert.Panics(t, func() {
		WriteFile(path, 0o644, func(w io.Writer) error {
			io.WriteString(w, "half")
			panic("a bug")
		})
	})

	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(got))
	assert.Equal(t, []string{"a.txt"}, names(t, dir))
}

func TestOldContentIsReadableWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	require.NoError(t, WriteFile(path, 0o644, text("old")))
	err := WriteFile(path, 0o644, func(w io.Writer) error {
		io.WriteString(w, strings.Repeat("new", 100_000))
		got, err := os.ReadFile(path)
		assert.Equal(t, "old", string(got))
		return err
	})
	require.NoError(t, err)
}

func TestUnwritable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("old"), 0o644))
	notCalled := func(io.Writer) error {
		t.Error("write was called")
		return nil
	}
	for _, tc := range []struct {
		name, path, want string
	}{
		{"folder", dir, "write " + dir + ": it is a folder; give the name of a file"},
		{"below-a-file", filepath.Join(file, "a.txt"), "write " + filepath.Join(file, "a.txt") + ": "},
		{"two-below-a-file", filepath.Join(file, "b", "a.txt"), "write " + filepath.Join(file, "b", "a.txt") + ": "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := WriteFile(tc.path, 0o644, notCalled)
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), tc.want), "got %q, want the start %q", err, tc.want)
			assert.Equal(t, []string{"file"}, names(t, dir))
		})
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "js" {
		t.Run("device", func(t *testing.T) {
			require.ErrorContains(t, WriteFile(os.DevNull, 0o644, notCalled), "not a regular file")
		})
	}
}

func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "js" {
		t.Skip("no permission bits on " + runtime.GOOS)
	}
	dir := t.TempDir()
	for _, perm := range []fs.FileMode{0o600, 0o644} {
		ours, std := filepath.Join(dir, "ours"), filepath.Join(dir, "std")
		require.NoError(t, WriteFile(ours, perm, text("x")))
		os.Remove(std)
		require.NoError(t, os.WriteFile(std, []byte("x"), perm)) // the umask applies to both alike
		a, err := os.Stat(ours)
		require.NoError(t, err)
		b, err := os.Stat(std)
		require.NoError(t, err)
		assert.Equal(t, b.Mode(), a.Mode())
	}
}

func TestSymbolicLinkStays(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(target, []byte("old"), 0o644))
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	require.NoError(t, WriteFile(link, 0o644, text("new")))
	got, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Equal(t, "new", string(got))
	assert.Equal(t, []string{"link", "target"}, names(t, dir))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&fs.ModeSymlink, "the link was replaced")
}
