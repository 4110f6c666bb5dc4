package tensor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/internal/half"
)

// The .npy format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
const (
	npyMagic     = "\x93NUMPY"
	npyAlign     = 64      // the elements start at a multiple of it
	npyMaxHeader = 1 << 16 // of a plain array it is about 100 bytes
	npyChunk     = 1 << 16 // bytes read at once, so that a false size costs no memory
)

// The parts of the Python dictionary that is an .npy header.
var (
	npyDescr   = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	npyFortran = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`'shape'\s*:\s*\(([^)]*)\)`)
)

// npyTypes decode one element of a type, named as in a header without its byte
// order. The digit is the size in bytes.
var npyTypes = map[string]func(o binary.ByteOrder, b []byte) float64{
	"f2": func(o binary.ByteOrder, b []byte) float64 { return float64(half.FromF16(o.Uint16(b))) },
	"f4": func(o binary.ByteOrder, b []byte) float64 { return float64(math.Float32frombits(o.Uint32(b))) },
	"f8": func(o binary.ByteOrder, b []byte) float64 { return math.Float64frombits(o.Uint64(b)) },
	"i1": func(_ binary.ByteOrder, b []byte) float64 { return float64(int8(b[0])) },
	"i2": func(o binary.ByteOrder, b []byte) float64 { return float64(int16(o.Uint16(b))) },
	"i4": func(o binary.ByteOrder, b []byte) float64 { return float64(int32(o.Uint32(b))) },
	"i8": func(o binary.ByteOrder, b []byte) float64 { return float64(int64(o.Uint64(b))) },
	"u1": func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) },
	"u2": func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint16(b)) },
	"u4": func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint32(b)) },
	"u8": func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint64(b)) },
	"b1": func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) },
}

// SaveNpy writes x [...] to a file that NumPy's load reads. The file is whole or
// not there.
func (x *Tensor) SaveNpy(path string) error {
	return atomicfile.WriteFile(path, 0o666, x.WriteNpy)
}

// WriteNpy writes x [...] in NumPy's .npy format, version 1.0: float32, little
// endian, C order. The error is one of w or a [*backend.Error].
func (x *Tensor) WriteNpy(w io.Writer) (err error) {
	defer backend.Catch(&err)
	var shape strings.Builder
	for _, n := range x.Shape() {
		fmt.Fprintf(&shape, "%d, ", n) // a Python tuple of one keeps its comma
	}
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", strings.TrimSuffix(shape.String(), " "))
	const before = len(npyMagic) + 4 // version and length
	head += strings.Repeat(" ", npyAlign-1-(before+len(head))%npyAlign) + "\n"

	b := make([]byte, 0, before+len(head)+4*x.Len())
	b = append(b, npyMagic...)
	b = append(b, 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(head)))
	b = append(b, head...)
	for _, v := range x.Floats() {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	_, err = w.Write(b)
	return err
}

// LoadNpy reads a file that NumPy's save has written, as [ReadNpy] does: [...].
func LoadNpy(be backend.Backend, path string) (*Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	x, err := ReadNpy(be, f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return x, nil
}

// ReadNpy reads one array [...] in NumPy's .npy format, versions 1.0 to 3.0, and
// nothing behind it. Elements may be floats of 2, 4 or 8 bytes, integers or booleans,
// in either byte order and in C or Fortran order; they are rounded to float32
// unless the backend computes in float64. What is not such a file is an error
// that says what was expected; so is a failure of the backend.
func ReadNpy(be backend.Backend, r io.Reader) (x *Tensor, err error) {
	defer backend.Catch(&err)
	h, err := readNpyHeader(r)
	if err != nil {
		return nil, fmt.Errorf("npy header: %w", err)
	}
	data, err := h.read(r)
	if err != nil {
		return nil, fmt.Errorf("npy elements: %w", err)
	}
	if !h.fortran {
		return FromFloat64(be, data, h.shape...), nil
	}
	axes := make([]int, len(h.shape)) // the first axis runs fastest: the transpose lies in C order
	for i := range axes {
		axes[i] = len(axes) - 1 - i
	}
	slices.Reverse(h.shape)
	return FromFloat64(be, data, h.shape...).Permute(axes...).Clone(), nil
}

// npyHeader says what follows it.
type npyHeader struct {
	decode  func(o binary.ByteOrder, b []byte) float64
	order   binary.ByteOrder
	size    int // bytes of an element
	fortran bool
	shape   []int
}

func readNpyHeader(r io.Reader) (*npyHeader, error) {
	var start [len(npyMagic) + 2]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, fmt.Errorf("want the 6 bytes \\x93NUMPY and a version: %w", truncated(err))
	}
	if !bytes.HasPrefix(start[:], []byte(npyMagic)) {
		return nil, fmt.Errorf("the file starts with %q; want %q, as numpy.save writes it", start[:len(npyMagic)], npyMagic)
	}
	major := start[len(npyMagic)]
	if major < 1 || major > 3 {
		return nil, fmt.Errorf("version %d.%d of the format; want 1.0, 2.0 or 3.0", major, start[len(npyMagic)+1])
	}
	length := make([]byte, 4)
	digits := length
	if major == 1 {
		digits = length[:2]
	}
	if _, err := io.ReadFull(r, digits); err != nil {
		return nil, fmt.Errorf("want its length: %w", truncated(err))
	}
	n := binary.LittleEndian.Uint32(length)
	if n > npyMaxHeader {
		return nil, fmt.Errorf("it is %d bytes long; want at most %d", n, npyMaxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("want %d bytes: %w", n, truncated(err))
	}
	return parseNpyHeader(string(text))
}

// truncated says what an end of file means here.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// parseNpyHeader reads a dictionary such as
//
//	{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
func parseNpyHeader(text string) (*npyHeader, error) {
	descr, fortran, shape := npyDescr.FindStringSubmatch(text), npyFortran.FindStringSubmatch(text), npyShape.FindStringSubmatch(text)
	if descr == nil || fortran == nil || shape == nil {
		return nil, fmt.Errorf("%q; want {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } or the like; arrays of records and objects cannot be read", strings.TrimSpace(text))
	}
	h := &npyHeader{order: binary.LittleEndian, fortran: fortran[1] == "True"}
	kind := strings.TrimLeft(descr[1], "<>|=")
	if strings.HasPrefix(descr[1], ">") {
		h.order = binary.BigEndian
	}
	if h.decode = npyTypes[kind]; h.decode == nil || len(descr[1])-len(kind) > 1 {
		return nil, fmt.Errorf("elements of type '%s'; want floats of 2, 4 or 8 bytes, integers or booleans: save x.astype('float32')", descr[1])
	}
	h.size = int(kind[1] - '0')

	elements := 1
	for _, s := range strings.Split(shape[1], ",") {
		if s = strings.TrimSpace(s); s == "" { // behind the last comma, and in ()
			continue
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("a size %q in shape (%s); want a whole number of 0 or more", s, shape[1])
		}
		h.shape = append(h.shape, n)
		if n > 0 && elements > math.MaxInt/8/n {
			return nil, fmt.Errorf("shape (%s) has more elements than memory can hold", shape[1])
		}
		elements *= n
	}
	if len(h.shape) > backend.MaxRank {
		return nil, fmt.Errorf("shape (%s) has %d axes; want at most %d", shape[1], len(h.shape), backend.MaxRank)
	}
	return h, nil
}

// read decodes the elements as they lie in the file.
func (h *npyHeader) read(r io.Reader) ([]float64, error) {
	n := 1
	for _, d := range h.shape {
		n *= d
	}
	per := npyChunk / h.size
	data := make([]float64, 0, min(n, per))
	chunk := make([]byte, min(n, per)*h.size)
	for len(data) < n {
		b := chunk[:min(n-len(data), per)*h.size]
		if got, err := io.ReadFull(r, b); err != nil {
			return nil, fmt.Errorf("want %d of %d bytes each, got %d: %w", n, h.size, len(data)+got/h.size, truncated(err))
		}
		for ; len(b) > 0; b = b[h.size:] {
			data = append(data, h.decode(h.order, b[:h.size]))
		}
	}
	return data, nil
}
