package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/wengert-ml/wengert/internal/atomicfile"
)

// maxHeader is the longest header in bytes, as in the reference implementation:
// a limit on what a hostile file can make a reader allocate and parse.
const maxHeader = 100_000_000

// File is the content of a safetensors file.
type File struct {
	// Metadata are strings beside the tensors, "__metadata__" in the header. An
	// empty map is not written.
	Metadata map[string]string

	// Tensors are in the order of the header. Names are unique.
	Tensors []Tensor
}

// Tensor returns the tensor called name, and whether there is one.
func (f *File) Tensor(name string) (t *Tensor, ok bool) {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i], true
		}
	}
	return nil, false
}

// ReadFile reads the file path. Errors name path and, where one is at fault,
// the tensor. No more memory than the size of the file is taken, and none for
// the data until the header has been checked against that size.
func ReadFile(path string) (*File, error) {
	f, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read safetensors %s: %w", path, err)
	}
	return f, nil
}

func readFile(path string) (*File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder")
	}
	return Read(file, info.Size())
}

// Read reads a file of size bytes from r. The tensors share one block of memory.
//
// It is an error, and says which tensor is wrong and why, if the file is longer
// or shorter than its header says; if the header is no JSON, larger than 100 MB
// or not of the format's structure; if a name or field appears twice; if a shape
// is negative, overflows or does not fit the tensor's bytes; or if the bytes of
// two tensors overlap or leave a hole.
func Read(r io.Reader, size int64) (*File, error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, fmt.Errorf("truncated: it has %d bytes, and the first 8 hold the length of the header", size)
	}
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return nil, fmt.Errorf("length of the header: %w", err)
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	if n > maxHeader {
		return nil, fmt.Errorf("the header would have %d bytes, more than the %d allowed; it may be no safetensors file", n, maxHeader)
	}
	rest := size - int64(len(prefix))
	if int64(n) > rest {
		return nil, fmt.Errorf("truncated: the header has %d bytes, of which %d are there", n, rest)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	f, spans, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	rest -= int64(n)
	if err := checkSpans(f.Tensors, spans, rest); err != nil {
		return nil, err
	}

	data := make([]byte, rest)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	for i, s := range spans {
		f.Tensors[i].Data = data[s.begin:s.end:s.end]
	}
	return f, nil
}

// WriteFile writes f to path, whole or not at all: an older file is replaced
// once all bytes are on disk. The folder of path is made if it is missing.
func (f *File) WriteFile(path string) error {
	return atomicfile.WriteFile(path, 0o644, func(w io.Writer) error {
		_, err := f.WriteTo(w)
		return err
	})
}

// WriteTo writes f to w and returns the number of bytes written. The header
// lists the tensors in the order of f.Tensors; their data follow in that order
// too, but those with wider elements first, so that each is aligned to the size
// of its elements. The same File always gives the same bytes.
//
// It is an error, before anything is written, if a name is used twice, is
// "__metadata__" or is not UTF-8, if a dtype is unknown, or if the length of
// Data does not fit dtype and shape.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	order := dataOrder(f.Tensors)
	spans := make([]span, len(f.Tensors))
	end := 0
	for _, i := range order {
		begin := end
		end += len(f.Tensors[i].Data)
		spans[i] = span{begin, end}
	}
	header, err := formatHeader(f, spans)
	if err != nil {
		return 0, err
	}
	written, err := io.Copy(w, bytes.NewReader(header))
	if err != nil {
		return written, fmt.Errorf("header: %w", err)
	}
	for _, i := range order {
		n, err := w.Write(f.Tensors[i].Data)
		written += int64(n)
		if err != nil {
			return written, fmt.Errorf("tensor %q: %w", f.Tensors[i].Name, err)
		}
	}
	return written, nil
}

// dataOrder returns the indices of tensors in the order of their data.
func dataOrder(tensors []Tensor) []int {
	order := make([]int, len(tensors))
	for i := range order {
		order[i] = i
	}
	alignment := func(i int) int { return max(8, tensors[i].DType.Bits()) }
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(alignment(j), alignment(i)) })
	return order
}
