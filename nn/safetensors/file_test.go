package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestReadsReferenceFile(t *testing.T) {
	f, err := ReadFile("testdata/reference.safetensors")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"config": `{"hidden": 256, "note": "<é>"}`}, f.Metadata)

	names := []string{}
	for _, ts := range f.Tensors {
		names = append(names, ts.Name)
	}
	assert.Equal(t, []string{"i64", "f64", "empty", "f32", `name with "quotes", <&> and 漢字`, "i32", "bf16", "f16", "u8", "bool"}, names)

	inf, negZero := float32(math.Inf(1)), float32(math.Copysign(0, -1))
	for _, tc := range []struct {
		name  string
		dtype DType
		shape []int
		want  []float32
	}{
		{"f64", F64, []int{}, []float32{1.0 / 3}},
		{"i64", I64, []int{3}, []float32{-(1 << 40), 1 << 24, 7}}, // the first two round
		{"f32", F32, []int{2, 3}, []float32{1.5, -2.25, 0.1, inf, negZero, 1e-40}},
		{"i32", I32, []int{2}, []float32{-5, 1 << 31}},
		{"f16", F16, []int{3}, []float32{1.5, -65504, 0x1p-24}},
		{"bf16", BF16, []int{3, 1}, []float32{1, -2, 3.140625}},
		{"empty", F32, []int{0, 4}, []float32{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ts, ok := f.Tensor(tc.name)
			require.True(t, ok)
			assert.Equal(t, tc.dtype, ts.DType)
			assert.Equal(t, tc.shape, ts.Shape)
			got, err := ts.Float32s()
			require.NoError(t, err)
			assert.Equal(t, bitsOf(tc.want), bitsOf(got), "got %v, want %v", got, tc.want)
		})
	}
	ts, ok := f.Tensor("u8")
	require.True(t, ok)
	assert.Equal(t, []byte{0, 255, 7}, ts.Data)
	_, err = ts.Float32s()
	require.EqualError(t, err, `tensor "u8": U8 cannot be read as float32; want F32, F16, BF16, F64, I32 or I64`)
	_, ok = f.Tensor("no such")
	assert.False(t, ok)
}

// bitsOf makes -0 and 0, and one NaN and another, differ.
func bitsOf(values []float32) []uint32 {
	b := make([]uint32, len(values))
	for i, v := range values {
		b[i] = math.Float32bits(v)
	}
	return b
}

func TestWritesWhatReferenceWrites(t *testing.T) {
	want, err := os.ReadFile("testdata/reference.safetensors")
	require.NoError(t, err)
	f, err := Read(bytes.NewReader(want), int64(len(want)))
	require.NoError(t, err)
	assert.Equal(t, string(want), string(written(t, f)))
}

func written(t require.TestingT, f *File) []byte {
	var buf bytes.Buffer
	n, err := f.WriteTo(&buf)
	require.NoError(t, err)
	require.EqualValues(t, buf.Len(), n)
	return buf.Bytes()
}

func TestEmptyFile(t *testing.T) {
	b := written(t, &File{})
	assert.Equal(t, "\x08\x00\x00\x00\x00\x00\x00\x00{}      ", string(b))
	f, err := Read(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	assert.Equal(t, &File{}, f)
}

// Written and read again, a file is the same in every bit and in its order;
// its data begin at a multiple of 8 and every tensor at a multiple of its elements.
func TestRoundTrip(t *testing.T) {
	dtypes := []DType{F64, F32, F16, BF16, C64, I64, I32, I16, I8, U64, U32, U16, U8, Bool,
		F8E4M3, F8E5M2, F8E8M0, F8E4M3FNUZ, F8E5M2FNUZ, F6E2M3, F6E3M2, F4}
	rapid.Check(t, func(t *rapid.T) {
		f := &File{}
		if meta := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata"); len(meta) > 0 {
			f.Metadata = meta
		}
		names := rapid.SliceOfNDistinct(rapid.String(), 0, 6, rapid.ID).Draw(t, "names")
		for _, name := range names {
			ts := Tensor{Name: name, DType: rapid.SampledFrom(dtypes).Draw(t, "dtype")}
			ts.Shape = rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "shape")
			if ts.DType.Bits()%8 != 0 {
				ts.Shape = append(ts.Shape, 4) // whole bytes
			}
			size, err := byteSize(ts.DType, ts.Shape)
			require.NoError(t, err)
			ts.Data = rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "data")
			f.Tensors = append(f.Tensors, ts)
		}

		b := written(t, f)
		got, err := Read(bytes.NewReader(b), int64(len(b)))
		require.NoError(t, err)
		require.Equal(t, f, got)

		n := int(binary.LittleEndian.Uint64(b))
		require.Zero(t, n%8)
		_, spans, err := parseHeader(b[8 : 8+n])
		require.NoError(t, err)
		for i, s := range spans {
			require.Zero(t, s.begin%max(1, f.Tensors[i].DType.Bits()/8), "%s at %d", f.Tensors[i].DType, s.begin)
		}
	})
}

func TestWriteAndReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs", "best.safetensors")
	w, err := FromFloat32("W", F32, []int{2}, []float32{1, 2})
	require.NoError(t, err)
	f := &File{Metadata: map[string]string{"step": "7"}, Tensors: []Tensor{w}}
	require.NoError(t, f.WriteFile(path))
	got, err := ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, f, got)

	bad := &File{Tensors: []Tensor{w, w}}
	require.EqualError(t, bad.WriteFile(path), "write "+path+`: tensor "W" appears twice`)
	got, err = ReadFile(path)
	require.NoError(t, err, "the good file must survive")
	assert.Equal(t, f, got)
}

func TestReadFileErrors(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadFile(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadFile(dir)
	require.EqualError(t, err, "read safetensors "+dir+": it is a folder")

	whole, err := os.ReadFile("testdata/reference.safetensors")
	require.NoError(t, err)
	path := filepath.Join(dir, "cut.safetensors")
	for n := range whole { // cut off anywhere
		require.NoError(t, os.WriteFile(path, whole[:n], 0o644))
		_, err := ReadFile(path)
		require.ErrorContains(t, err, "read safetensors "+path+": truncated: ", "%d bytes", n)
	}
}

// fileOf puts the length before a header and size bytes after it.
func fileOf(header string, size int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, size)...)
}

func TestReadRefuses(t *testing.T) {
	const a = `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	for _, tc := range []struct {
		name   string
		header string
		size   int // of the data
		want   string
	}{
		{"empty-header", ``, 0, `header does not begin with {`},
		{"leading-space", ` {}`, 0, `header does not begin with {`},
		{"array", `[]`, 0, `header does not begin with {`},
		{"not-utf8", "{\"\xff\":1}", 0, `header is not UTF-8`},
		{"json-ends", `{"a":{"dtype":`, 0, `header: tensor "a": dtype: bad JSON near byte 14: unexpected EOF`},
		{"json-syntax", `{"a" 1}`, 0, `header: tensor "a": bad JSON near byte`},
		{"trailing-comma", `{` + a + `,}`, 8, `header: bad JSON near byte`},
		{"text-after", `{` + a + `} x`, 8, `header: something other than spaces follows the closing }`},
		{"second-object", `{}{}`, 0, `header: something other than spaces`},
		{"zero-padding", "{}\x00\x00", 0, `header: something other than spaces`},
		{"not-an-object", `{"a":7}`, 0, `header: tensor "a": got 7, want {`},
		{"null", `{"a":null}`, 0, `header: tensor "a": got null, want {`},
		{"no-dtype", `{"a":{"shape":[2],"data_offsets":[0,8]}}`, 8, `header: tensor "a": dtype is missing`},
		{"no-shape", `{"a":{"dtype":"F32","Shape":[2],"data_offsets":[0,8]}}`, 8, `header: tensor "a": shape is missing`},
		{"no-offsets", `{"a":{"dtype":"F32","shape":[2]}}`, 8, `header: tensor "a": data_offsets is missing`},
		{"dtype-number", `{"a":{"dtype":32,"shape":[2],"data_offsets":[0,8]}}`, 8, `header: tensor "a": dtype: got 32, want a string`},
		{"unknown-dtype", `{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}`, 8, `header: tensor "a": unknown dtype "F31"`},
		{"shape-string", `{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}`, 8, `header: tensor "a": shape: got "2", want [`},
		{"size-null", `{"a":{"dtype":"F32","shape":[null],"data_offsets":[0,0]}}`, 0, `header: tensor "a": shape: got null, want an integer`},
		{"size-string", `{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}`, 8, `header: tensor "a": shape: got "2", want an integer`},
		{"size-fraction", `{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}`, 8, `header: tensor "a": shape: got 2.0, want an integer`},
		{"size-negative", `{"a":{"dtype":"F32","shape":[3,-2],"data_offsets":[0,8]}}`, 8, `header: tensor "a": shape [3 -2]: axis 1 has the negative size -2`},
		{"size-beyond-int", `{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}`, 8, `header: tensor "a": shape: 99999999999999999999 overflows`},
		{"count-overflows", `{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}`, 8, `header: tensor "a": shape [2147483647 2147483647 2147483647]: too many elements, their count overflows`},
		{"count-wraps-to-fit", `{"a":{"dtype":"U8","shape":[2147483647,2147483647,4,2],"data_offsets":[0,8]}}`, 8, `too many elements`},
		{"part-of-a-byte", `{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}`, 2, `header: tensor "a": shape [3]: its F4 elements take 12 bits`},
		{"one-offset", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}`, 8, `header: tensor "a": data_offsets: got [8], want begin and end`},
		{"negative-offset", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}`, 8, `header: tensor "a": data_offsets: got [-8 0], want 0 <= begin <= end`},
		{"offsets-swapped", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, 8, `header: tensor "a": data_offsets: got [8 0], want 0 <= begin <= end`},
		{"wrong-size", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,7]}}`, 7, `header: tensor "a": F32 [2] takes 8 bytes, data_offsets [0 7] hold 7`},
		{"field-twice", `{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8, `header: tensor "a": field "dtype" appears twice`},
		{"name-twice", `{` + a + `,` + a + `}`, 8, `header: tensor "a" appears twice`},
		{"name-twice-escaped", `{` + a + `,"\u0061":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}`, 8, `header: tensor "a" appears twice`},
		{"metadata-twice", `{"__metadata__":{},"__metadata__":{}}`, 0, `header: tensor "__metadata__" appears twice`},
		{"metadata-key-twice", `{"__metadata__":{"k":"1","k":"2"}}`, 0, `header: __metadata__: key "k" appears twice`},
		{"metadata-number", `{"__metadata__":{"k":1}}`, 0, `header: __metadata__: "k": got 1, want a string`},
		{"overlap", `{` + a + `,"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12, `tensor "b": its bytes 4 to 12 overlap those of tensor "a", which end at 8`},
		{"same-bytes", `{` + a + `,"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8, `tensor "b": its bytes 0 to 8 overlap those of tensor "a", which end at 8`},
		{"empty-inside", `{` + a + `,"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}`, 8, `tensor "b": its bytes 4 to 4 overlap`},
		{"hole", `{` + a + `,"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}`, 20, `tensor "b": its bytes begin at 12, but those of tensor "a" end at 8`},
		{"hole-first", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12, `tensor "a": its bytes begin at 4, but those of the header end at 0`},
		{"data-missing", `{` + a + `}`, 7, `truncated: tensor "a" ends at byte 8 of the data, of which 7 are there`},
		{"data-follow", `{` + a + `}`, 9, `1 bytes follow the end of tensor "a"`},
		{"huge-data", `{"a":{"dtype":"U8","shape":[576460752303423488],"data_offsets":[0,576460752303423488]}}`, 0, `truncated: tensor "a" ends at byte 576460752303423488`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := fileOf(tc.header, tc.size)
			_, err := Read(bytes.NewReader(b), int64(len(b)))
			require.Error(t, err)
			assert.Contains(t, err.Error(), tc.want)
		})
	}
}

func TestReadRefusesHugeHeader(t *testing.T) {
	for _, n := range []uint64{maxHeader + 1, math.MaxInt64, math.MaxUint64} {
		b := binary.LittleEndian.AppendUint64(nil, n)
		_, err := Read(bytes.NewReader(b), math.MaxInt64) // a size that would allow it
		require.EqualError(t, err, fmt.Sprintf("the header would have %d bytes, more than the 100000000 allowed; it may be no safetensors file", n))
	}
	b := binary.LittleEndian.AppendUint64(nil, maxHeader)
	_, err := Read(bytes.NewReader(b), int64(len(b)))
	require.EqualError(t, err, "truncated: the header has 100000000 bytes, of which 0 are there")
}

func TestReadAllows(t *testing.T) {
	for _, tc := range []struct{ name, header string }{
		{"data-in-another-order", `{"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`},
		{"empty-tensors-between", `{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"c":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},"d":{"dtype":"F32","shape":[7,0],"data_offsets":[4,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}`},
		{"spaces", `{ "a" : { "shape" : [ 8 ] , "dtype" : "U8" , "data_offsets" : [ 0 , 8 ] } }    `},
		{"unknown-field", `{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8],"later":{"x":[1]}}}`},
		{"metadata-last", `{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"__metadata__":{"k":"v"}}`},
		{"empty-name", `{"":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := fileOf(tc.header, 8)
			for i := range 8 {
				b[len(b)-8+i] = byte(i)
			}
			f, err := Read(bytes.NewReader(b), int64(len(b)))
			require.NoError(t, err)
			all := map[string]bool{}
			for _, ts := range f.Tensors {
				all[string(ts.Data)] = true
			}
			assert.True(t, all["\x00\x01\x02\x03\x04\x05\x06\x07"] || all["\x00\x01\x02\x03"] && all["\x04\x05\x06\x07"], "got %v", f.Tensors)
		})
	}
}

func TestTensorsDoNotGrowIntoEachOther(t *testing.T) {
	f, err := ReadFile("testdata/reference.safetensors")
	require.NoError(t, err)
	first, second := &f.Tensors[0], &f.Tensors[1]
	before := string(second.Data)
	_ = append(first.Data, 1, 2, 3)
	assert.Equal(t, before, string(second.Data))
}

// A reader that fails or ends before the size it was said to have.
func TestReadPassesOnReadErrors(t *testing.T) {
	b := fileOf(`{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}`, 8)
	for n := range b {
		_, err := Read(bytes.NewReader(b[:n]), int64(len(b)))
		require.True(t, errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF), "%d bytes: %v", n, err)
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, tc := range []struct {
		name string
		file File
		want string
	}{
		{"data-too-short", File{Tensors: []Tensor{{"a", F32, []int{2, 3}, make([]byte, 20)}}}, `tensor "a": F32 [2 3] takes 24 bytes, Data has 20`},
		{"unknown-dtype", File{Tensors: []Tensor{{"a", "f32", []int{1}, make([]byte, 4)}}}, `tensor "a": unknown dtype "f32"`},
		{"negative-size", File{Tensors: []Tensor{{"a", F32, []int{-1}, nil}}}, `tensor "a": shape [-1]: axis 0 has the negative size -1`},
		{"name-twice", File{Tensors: []Tensor{{"a", U8, nil, []byte{1}}, {"a", U8, nil, []byte{1}}}}, `tensor "a" appears twice`},
		{"reserved-name", File{Tensors: []Tensor{{"__metadata__", U8, nil, []byte{1}}}}, `tensor "__metadata__": the name is reserved`},
		{"name-not-utf8", File{Tensors: []Tensor{{"\xff", U8, nil, []byte{1}}}}, `tensor "\xff": the name is not UTF-8`},
		{"metadata-not-utf8", File{Metadata: map[string]string{"k": "\xff"}}, `__metadata__: "k: \xff" is not UTF-8`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var buf strings.Builder
			n, err := tc.file.WriteTo(&buf)
			require.EqualError(t, err, tc.want)
			assert.Zero(t, n)
			assert.Empty(t, buf.String(), "bytes were written before the error")
		})
	}
}

// FuzzRead: no input makes Read panic, and what it accepts can be written and
// read again with the same content.
func FuzzRead(f *testing.F) {
	reference, err := os.ReadFile("testdata/reference.safetensors")
	require.NoError(f, err)
	f.Add(reference)
	f.Add(reference[:100])
	f.Add(fileOf(`{}`, 0))
	f.Add(fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  `, 8))
	f.Add(fileOf(`{"__metadata__":{"k":"v"},"a":{"dtype":"F4","shape":[1,2],"data_offsets":[0,1]},"b":{"dtype":"I64","shape":[],"data_offsets":[1,9]}}`, 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for i := range file.Tensors {
			file.Tensors[i].Float32s()
		}
		b = written(t, file)
		again, err := Read(bytes.NewReader(b), int64(len(b)))
		require.NoError(t, err)
		if len(file.Metadata) == 0 {
			file.Metadata = nil // an empty map is not written
		}
		require.Equal(t, file, again)
	})
}
