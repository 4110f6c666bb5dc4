package npz

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/tensor"
)

// Array is a named array.
type Array struct {
	Name string
	X    *tensor.Tensor // [...]
}

// suffix ends the name of every array in the archive.
const suffix = ".npy"

// ReadFile reads the arrays of the file at path, in its order, to a backend. Errors name
// the array that is wrong.
func ReadFile(be backend.Backend, path string) ([]Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read npz: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read npz: %w", err)
	}
	arrays, err := Read(be, f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read npz %s: %w", path, err)
	}
	return arrays, nil
}

// Read reads the arrays of an archive of size bytes.
func Read(be backend.Backend, r io.ReaderAt, size int64) ([]Array, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	if len(z.File) == 0 {
		return nil, errors.New("the archive is empty; want arrays")
	}
	seen := map[string]bool{}
	var arrays []Array
	for _, entry := range z.File {
		name, ok := strings.CutSuffix(entry.Name, suffix)
		if !ok {
			return nil, fmt.Errorf("%q: want names that end in %s", entry.Name, suffix)
		}
		if seen[name] {
			return nil, fmt.Errorf("two arrays are named %q", name)
		}
		seen[name] = true
		x, err := read(be, entry)
		if err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
		arrays = append(arrays, Array{name, x})
	}
	return arrays, nil
}

func read(be backend.Backend, entry *zip.File) (*tensor.Tensor, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return tensor.ReadNpy(be, r)
}

// WriteFile writes arrays to path, whole or not at all.
func WriteFile(path string, arrays []Array) error {
	return atomicfile.WriteFile(path, 0o644, func(w io.Writer) error { return Write(w, arrays) })
}

// Write writes arrays, uncompressed as np.savez does. It is an error if two have one
// name.
func Write(w io.Writer, arrays []Array) error {
	z := zip.NewWriter(w)
	seen := map[string]bool{}
	for _, a := range arrays {
		if seen[a.Name] {
			return fmt.Errorf("write npz: two arrays are named %q", a.Name)
		}
		seen[a.Name] = true
		entry, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + suffix, Method: zip.Store})
		if err != nil {
			return fmt.Errorf("write npz: %w", err)
		}
		if err := a.X.WriteNpy(entry); err != nil {
			return fmt.Errorf("write npz: array %q: %w", a.Name, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write npz: %w", err)
	}
	return nil
}
