package tensor_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sbinet/npyio/npy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/backend/backendtest"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/internal/remote"
	"github.com/wengert-ml/wengert/tensor"
)

func TestNpyRoundTrip(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		nan := math.NaN()
		for _, a := range []array{
			{nil, []float64{-0.25}},
			{[]int{0}, nil},
			{[]int{3, 0, 2}, nil},
			{[]int{4}, []float64{nan, math.Inf(-1), math.Copysign(0, -1), 0x1p-149}},
			count(2, 3),
			count(1, 2, 1, 3, 2, 2),
			randoms(seeded(18), -1, 1, 33, 65),
		} {
			var file bytes.Buffer
			require.NoError(t, w.put(a).WriteNpy(&file))
			elements := file.Len() - 4*len(a.data)
			assert.Zero(t, elements%64, "elements are aligned")
			rest := strings.NewReader("the next array")
			x, err := tensor.ReadNpy(w.be, io.MultiReader(iotest.HalfReader(&file), rest))
			require.NoError(t, err)
			assertArray(t, a, x, exactly)
			assert.Equal(t, 14, rest.Len(), "nothing behind the array is read")
		}
		var file bytes.Buffer
		require.NoError(t, w.put(count(2, 3)).T().WriteNpy(&file))
		x, err := tensor.ReadNpy(w.be, &file)
		require.NoError(t, err)
		assertArray(t, transposed(count(2, 3)), x, exactly, "a view")
	})
}

// Another implementation reads what is written here, and the other way round.
func TestNpyAgainstNpyio(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, tensor.Arange(reference.New(), 0, 6, 1).Reshape(2, 3).WriteNpy(&file))
	r, err := npy.NewReader(&file)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 3}, r.Header.Descr.Shape)
	assert.Equal(t, "<f4", r.Header.Descr.Type)
	assert.False(t, r.Header.Descr.Fortran)
	var data []float32
	require.NoError(t, r.Read(&data))
	assert.Equal(t, []float32{0, 1, 2, 3, 4, 5}, data)

	third := 1.0 / 3
	for _, v := range []any{
		[2][3]float64{{third, 1, 2}, {-3, 4, 5}}, [2][3]float32{{float32(third), 1, 2}, {-3, 4, 5}},
		[2][3]int64{{0, 1, 2}, {-3, 4, 5}}, [2][3]int32{{0, 1, 2}, {-3, 4, 5}}, [2][3]int8{{0, 1, 2}, {-3, 4, 5}},
	} {
		file.Reset()
		require.NoError(t, npy.Write(&file, v))
		x, err := tensor.ReadNpy(reference.New(), &file)
		require.NoError(t, err, "%T", v)
		want := array{[]int{2, 3}, []float64{0, 1, 2, -3, 4, 5}}
		switch v.(type) {
		case [2][3]float64:
			want.data[0] = third
		case [2][3]float32:
			want.data[0] = float64(float32(third))
		}
		assertArray(t, want, x, exactly, "%T", v)
	}
}

// npyFile builds a file by hand.
func npyFile(version byte, header string, elements any, order binary.AppendByteOrder) []byte {
	b := append([]byte("\x93NUMPY"), version, 0)
	if version == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(header)))
	}
	b = append(b, header...)
	b, err := binary.Append(b, order.(binary.ByteOrder), elements)
	if err != nil {
		panic(err)
	}
	return b
}

func TestReadNpyForms(t *testing.T) {
	little, big := binary.LittleEndian, binary.BigEndian
	rows := []float64{1, 2, 3, 4, 5, 6}
	tests := []struct {
		name string
		file []byte
		want array
	}{
		{"f4", npyFile(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", []float32{1, 2, 3, 4, 5, 6}, little), array{[]int{2, 3}, rows}},
		{"f8", npyFile(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", rows, little), array{[]int{2, 3}, rows}},
		{"fortran", npyFile(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n", rows, little), array{[]int{2, 3}, []float64{1, 3, 5, 2, 4, 6}}},
		{"fortran/three axes", npyFile(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (1, 2, 3), }\n", rows, little), array{[]int{1, 2, 3}, []float64{1, 3, 5, 2, 4, 6}}},
		{"fortran/vector", npyFile(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (6,), }\n", rows, little), array{[]int{6}, rows}},
		{"fortran/number", npyFile(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (), }\n", rows[:1], little), array{nil, []float64{1}}},
		{"big endian", npyFile(1, "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }\n", []float32{1.5, -2}, big), array{[]int{2}, []float64{1.5, -2}}},
		{"i8", npyFile(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }\n", []int64{-1, 1 << 40}, little), array{[]int{2}, []float64{-1, 1 << 40}}},
		{"i4, big", npyFile(1, "{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }\n", []int32{-1, 7}, big), array{[]int{2}, []float64{-1, 7}}},
		{"i2", npyFile(1, "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n", []int16{-1, 300}, little), array{[]int{2}, []float64{-1, 300}}},
		{"i1", npyFile(1, "{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }\n", []int8{-1, 7}, little), array{[]int{2}, []float64{-1, 7}}},
		{"u1", npyFile(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n", []uint8{255, 7}, little), array{[]int{2}, []float64{255, 7}}},
		{"u2", npyFile(1, "{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }\n", []uint16{65535}, little), array{[]int{1}, []float64{65535}}},
		{"u4", npyFile(1, "{'descr': '<u4', 'fortran_order': False, 'shape': (1,), }\n", []uint32{1 << 31}, little), array{[]int{1}, []float64{1 << 31}}},
		{"u8", npyFile(1, "{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }\n", []uint64{1 << 63}, little), array{[]int{1}, []float64{1 << 63}}},
		{"bool", npyFile(1, "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }\n", []bool{true, false}, little), array{[]int{2}, []float64{1, 0}}},
		{"version 2", npyFile(2, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", rows[:1], little), array{[]int{1}, []float64{1}}},
		{"version 3, other spacing and order", npyFile(3, "{'shape':(1 , 2),'fortran_order':False,'descr':'<f8'}", rows[:2], little), array{[]int{1, 2}, []float64{1, 2}}},
		{"more than one chunk", npyFile(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (150, 200), }\n", count(150, 200).data, little), count(150, 200)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x, err := tensor.ReadNpy(reference.New(), bytes.NewReader(tt.file))
			require.NoError(t, err)
			assertArray(t, tt.want, x, exactly)
		})
	}
}

func TestReadNpyErrors(t *testing.T) {
	little := binary.LittleEndian
	head := func(header string) []byte { return npyFile(1, header, []float32{}, little) }
	good := npyFile(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n", []float32{1, 2, 3}, little)
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "npy header: want the 6 bytes \\x93NUMPY and a version: unexpected EOF"},
		{"text", []byte("1 2 3\n4 5 6\n"), `npy header: the file starts with "1 2 3\n"; want "\x93NUMPY", as numpy.save writes it`},
		{"zip", []byte("PK\x03\x04......"), `npy header: the file starts with "PK\x03\x04.."; want "\x93NUMPY", as numpy.save writes it`},
		{"version", []byte("\x93NUMPY\x04\x01"), "npy header: version 4.1 of the format; want 1.0, 2.0 or 3.0"},
		{"no length", []byte("\x93NUMPY\x01\x00"), "npy header: want its length: unexpected EOF"},
		{"header cut off", good[:40], "npy header: want 58 bytes: unexpected EOF"},
		{"header too long", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), "npy header: it is 4294967295 bytes long; want at most 65536"},
		{"no dictionary", head("hello\n"), `npy header: "hello"; want {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } or the like; arrays of records and objects cannot be read`},
		{"records", head("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,), }\n"),
			`npy header: "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,), }"; want {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } or the like; arrays of records and objects cannot be read`},
		{"complex", head("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }\n"),
			"npy header: elements of type '<c8'; want floats of 2, 4 or 8 bytes, integers or booleans: save x.astype('float32')"},
		{"type twice marked", head("{'descr': '<<f4', 'fortran_order': False, 'shape': (3,), }\n"),
			"npy header: elements of type '<<f4'; want floats of 2, 4 or 8 bytes, integers or booleans: save x.astype('float32')"},
		{"size", head("{'descr': '<f4', 'fortran_order': False, 'shape': (3, x), }\n"), `npy header: a size "x" in shape (3, x); want a whole number of 0 or more`},
		{"negative size", head("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }\n"), `npy header: a size "-3" in shape (-3,); want a whole number of 0 or more`},
		{"axes", head("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1), }\n"), "npy header: shape (1, 1, 1, 1, 1, 1, 1) has 7 axes; want at most 6"},
		{"huge", head("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), }\n"), "npy header: shape (9999999999, 9999999999) has more elements than memory can hold"},
		{"huge but for a zero", head("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9999999999, 9999999999), }\n"), ""},
		{"no elements", good[:len(good)-12], "npy elements: want 3 of 4 bytes each, got 0: unexpected EOF"},
		{"elements cut off", good[:len(good)-1], "npy elements: want 3 of 4 bytes each, got 2: unexpected EOF"},
		{"a false size", head("{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999,), }\n"), "npy elements: want 999999999999 of 8 bytes each, got 0: unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x, err := tensor.ReadNpy(reference.New(), bytes.NewReader(tt.file))
			if tt.want == "" {
				require.NoError(t, err)
				assert.Zero(t, x.Len())
				return
			}
			assert.EqualError(t, err, tt.want)
			assert.Nil(t, x)
			if strings.HasSuffix(tt.want, "EOF") {
				assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
			}
		})
	}
	t.Run("reader", func(t *testing.T) {
		broken := errors.New("disk on fire")
		_, err := tensor.ReadNpy(reference.New(), io.MultiReader(bytes.NewReader(good[:70]), iotest.ErrReader(broken)))
		assert.ErrorIs(t, err, broken)
	})
	t.Run("memory", func(t *testing.T) {
		_, err := tensor.ReadNpy(backendtest.NewQuota(reference.New(), 8), bytes.NewReader(good))
		var oom *backend.OutOfMemory
		assert.ErrorAs(t, err, &oom)
	})
	t.Run("fault while writing", func(t *testing.T) {
		dev := remote.New(reference.New(), 1<<20)
		defer dev.Close()
		x := tensor.Ones(dev, 3)
		dev.Break()
		x.Fill(2)
		var file bytes.Buffer
		assert.ErrorIs(t, x.WriteNpy(&file), remote.ErrInjected)
		assert.Zero(t, file.Len())
	})
}

func TestSaveAndLoadNpy(t *testing.T) {
	be := reference.New()
	path := filepath.Join(t.TempDir(), "new", "x.npy")
	x := tensor.Arange(be, 0, 6, 1).Reshape(2, 3)
	require.NoError(t, x.SaveNpy(path))
	y, err := tensor.LoadNpy(be, path)
	require.NoError(t, err)
	assert.True(t, tensor.Equal(x, y))

	_, err = tensor.LoadNpy(be, path+".not")
	assert.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("hello, world"), 0o666))
	_, err = tensor.LoadNpy(be, path)
	assert.EqualError(t, err, "read "+path+`: npy header: the file starts with "hello,"; want "\x93NUMPY", as numpy.save writes it`)
	assert.Error(t, x.SaveNpy(filepath.Dir(path)), "a folder")
}

// Whatever the bytes are, ReadNpy returns a tensor or an error; and a tensor
// written again reads as the same.
func FuzzReadNpy(f *testing.F) {
	for _, header := range []string{
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n",
		"{'descr': '>f8', 'fortran_order': True, 'shape': (3,), }\n",
		"{'descr': '|b1', 'fortran_order': False, 'shape': (), }\n",
		"{'descr': '<i8', 'fortran_order': False, 'shape': (0, 3), }\n",
	} {
		f.Add(npyFile(1, header, make([]byte, 24), binary.LittleEndian))
		f.Add(npyFile(3, header, make([]byte, 7), binary.LittleEndian))
	}
	be := reference.New()
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := tensor.ReadNpy(be, bytes.NewReader(b))
		if err != nil {
			if x != nil || !strings.HasPrefix(err.Error(), "npy ") {
				t.Fatalf("%v, %v", x, err)
			}
			return
		}
		var file bytes.Buffer
		if err := x.WriteNpy(&file); err != nil {
			t.Fatal(err)
		}
		y, err := tensor.ReadNpy(be, &file)
		if err != nil {
			t.Fatal(err)
		}
		narrow := tensor.FromSlice(be, x.Floats(), x.Shape()...) // written as float32
		if diff := exactly.Diff(y, narrow); diff != "" {
			t.Fatal(diff)
		}
	})
}
