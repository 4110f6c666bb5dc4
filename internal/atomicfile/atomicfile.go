package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// WriteFile calls write with a buffered writer and makes what it wrote the
// content of the file path, with permissions perm (before umask).
//
// The bytes go to a temporary file in the same folder, which is synced to disk
// and then renamed to path: whoever opens path, even after a crash, sees the
// old content or the new, never a part. If anything fails, write's own error
// or a panic in it included, the temporary file is removed and path is as it was.
//
// The folder of path, and those above it, are made if they are missing; they
// stay if a later step fails. A symbolic link is followed and stays a link.
// What exists at path must be a regular file: a folder, a device or a pipe is
// an error and left alone. Permissions of an older file are not kept.
//
// Errors say what was being done and name path; errors.Is and errors.As see
// the cause.
func WriteFile(path string, perm fs.FileMode, write func(w io.Writer) error) (err error) {
	target, err := resolve(path)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return fmt.Errorf("write %s: make its folder: %w", path, err)
	}
	temp, err := create(target, perm)
	if err != nil {
		return fmt.Errorf("write %s: make a temporary file beside it: %w", path, err)
	}
	renamed := false
	defer func() {
		if renamed {
			return
		}
		temp.Close() // Windows removes no open file; a second Close does no harm
		if rmErr := os.Remove(temp.Name()); rmErr != nil && err != nil {
			err = fmt.Errorf("%w (and its temporary file stays: %w)", err, rmErr)
		}
	}()

	buf := bufio.NewWriterSize(temp, 64<<10)
	if err := write(buf); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	// Without the sync a crash could keep the rename and lose the data.
	if err := temp.Sync(); err != nil {
		return fmt.Errorf("write %s: sync to disk: %w", path, err)
	}
	if err := temp.Close(); err != nil {
		return fmt.Errorf("write %s: close: %w", path, err)
	}
	if err := os.Rename(temp.Name(), target); err != nil {
		return fmt.Errorf("write %s: put the new file in its place: %w", path, err)
	}
	renamed = true
	return nil
}

// resolve follows symbolic links, so that a rename replaces the file and not
// the link, and refuses what a rename must not replace: as root, renaming over
// /dev/stdout would break the machine.
func resolve(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, nil
	case err != nil:
		return "", err
	case info.IsDir():
		return "", errors.New("it is a folder; give the name of a file")
	case !info.Mode().IsRegular():
		return "", errors.New("it is not a regular file, so it cannot be replaced; give another name")
	}
	return filepath.EvalSymlinks(path)
}

// create opens a new file beside target. It differs from os.CreateTemp in the
// permissions: those are 0600 whatever the umask, and a checkpoint should be
// readable by whom its owner's other files are.
func create(target string, perm fs.FileMode) (*os.File, error) {
	for {
		name := target + "." + strconv.FormatUint(uint64(rand.Uint32()), 36) + ".tmp"
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}
