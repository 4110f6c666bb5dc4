package pickle_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/nn/pickle"
)

// eighths is what make.py calls rng: 12 numbers.
func eighths() []float32 {
	v := make([]float32, 12)
	for i := range v {
		v[i] = float32(i)/8 - 0.5
	}
	return v
}

// transposed is eighths seen from the other side.
func transposed() []float32 {
	v, t := eighths(), make([]float32, 0, 12)
	for j := range 4 {
		for i := range 3 {
			t = append(t, v[4*i+j])
		}
	}
	return t
}

// The files that NumPy wrote, in every protocol.
func TestReadsNumPy(t *testing.T) {
	v := eighths()
	for protocol := 2; protocol <= 5; protocol++ {
		t.Run(fmt.Sprint(protocol), func(t *testing.T) {
			list, err := pickle.ReadFile(fmt.Sprintf("testdata/params%d.pkl", protocol))
			require.NoError(t, err)
			arrays, err := pickle.Arrays(list)
			require.NoError(t, err)
			assert.Equal(t, []*pickle.Array{
				{DType: pickle.Float16, Shape: []int{3, 4}, Values: v},
				{DType: pickle.Float16, Shape: []int{4, 3}, Values: transposed()},
				{DType: pickle.Float32, Shape: []int{3, 4}, Values: v},
				{DType: pickle.Float64, Shape: []int{4}, Values: v[:4]},
				{DType: pickle.Float32, Shape: []int{0, 3}, Values: []float32{}},
				{DType: pickle.Float64, Shape: []int{}, Values: []float32{2.5}},
				{DType: pickle.Float32, Shape: []int{3, 4}, Values: v},
			}, arrays)

			words, err := pickle.ReadFile(fmt.Sprintf("testdata/words%d.pkl", protocol))
			require.NoError(t, err)
			d := words.(*pickle.Dict)
			assert.Equal(t, []any{"word_vecs", "word_to_id", "id_to_word", "other"}, d.Keys)
			assert.Equal(t, int64(2), d.Get("word_to_id").(*pickle.Dict).Get("größe"))
			assert.Equal(t, "say", d.Get("id_to_word").(*pickle.Dict).Get(int64(1)))
			assert.Nil(t, d.Get("nothing"))
			assert.Equal(t, []any{nil, true, false, int64(-1), int64(300), int64(70000), int64(1) << 40, -(int64(1) << 40), 0.25, "x", []byte{0, 255},
				pickle.Tuple{int64(1), int64(2)}, pickle.Tuple{int64(1), int64(2), int64(3), int64(4)}, int64(7), 0.5}, d.Get("other").(*pickle.List).Items)
		})
	}
}

// sample has all that can be written.
func sample() any {
	d := &pickle.Dict{}
	d.Set("word_vecs", &pickle.Array{DType: pickle.Float16, Shape: []int{3, 4}, Values: eighths()})
	d.Set(int64(3), pickle.NewList(nil, true, false, int64(-1), int64(1)<<40, 0.25, "größe", []byte{0, 255}, pickle.Tuple{int64(1), "x"}, pickle.Tuple{}, pickle.NewList()))
	d.Set("f4", &pickle.Array{DType: pickle.Float32, Shape: []int{12}, Values: eighths()})
	d.Set("f8", &pickle.Array{DType: pickle.Float64, Shape: []int{0, 2}, Values: []float32{}})
	return d
}

func TestWritesWhatItReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.pkl")
	require.NoError(t, pickle.WriteFile(path, sample()))
	back, err := pickle.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, sample(), back)
}

// What is written, NumPy reads as the same values; what NumPy writes of them is read
// as the same again.
func TestNumPyReadsWhatIsWritten(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import numpy").Run() != nil {
		t.Skip("no python3 with NumPy; testdata has files that it wrote")
	}
	dir := t.TempDir()
	there, back := filepath.Join(dir, "there.pkl"), filepath.Join(dir, "back.pkl")
	require.NoError(t, pickle.WriteFile(there, sample()))
	out, err := exec.Command(python, "-c", `
import pickle, sys, numpy as np
v = pickle.load(open(sys.argv[1], "rb"))
assert list(v) == ["word_vecs", 3, "f4", "f8"], v
want = np.arange(12, dtype=np.float32) / 8 - 0.5
assert v["word_vecs"].dtype == np.float16 and (v["word_vecs"] == want.reshape(3, 4)).all()
assert v["f4"].dtype == np.float32 and (v["f4"] == want).all()
assert v["f8"].dtype == np.float64 and v["f8"].shape == (0, 2)
assert v[3] == [None, True, False, -1, 2**40, 0.25, "größe", b"\x00\xff", (1, "x"), (), []], v[3]
pickle.dump(v, open(sys.argv[2], "wb"))
`, there, back).CombinedOutput()
	require.NoError(t, err, string(out))
	got, err := pickle.ReadFile(back)
	require.NoError(t, err)
	assert.Equal(t, sample(), got)
}

func TestRefuses(t *testing.T) {
	_, err := pickle.ReadFile("testdata/evil.pkl")
	assert.ErrorContains(t, err, "read pickle testdata/evil.pkl: at byte ")
	assert.ErrorContains(t, err, "the file calls builtins.print")
	_, err = pickle.ReadFile("testdata/none.pkl")
	assert.ErrorContains(t, err, "no such file")
	for name, c := range map[string]struct{ in, want string }{
		"empty":          {"", "truncated"},
		"text":           {"\x80\x03hello", "never remembered"},
		"opcode":         {"\x80\x03i", "opcode 0x69 is not one of those"},
		"protocol":       {"\x80\x06N.", "protocol 6"},
		"two values":     {"NN.", "something is left"},
		"behind":         {"N.N", "something is left"},
		"nothing":        {".", "takes more than there is"},
		"open list":      {"](N.", "left behind the value"},
		"function":       {"cnumpy\nndarray\n.", "no data"},
		"long string":    {"X\xff\xff\xff\x7fab.", "truncated: 2147483647 bytes are wanted"},
		"huge string":    {"\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.", "truncated"},
		"forgotten":      {"h\x05.", "never remembered"},
		"key":            {"}](NNu.", "2 keys and values for a list"},
		"list as a key":  {"}(]Nu.", "a key is a list"},
		"huge array":     {"cnumpy.core.multiarray\n_frombuffer\n(C\x00cnumpy\ndtype\n(X\x02\x00\x00\x00f4tR(J\xff\xff\xff\x7fJ\xff\xff\xff\x7ftX\x01\x00\x00\x00CtR.", "an array of shape"},
		"empty array":    {"cnumpy.core.multiarray\n_reconstruct\n)R.", "without content"},
		"type":           {"cnumpy\ndtype\n(X\x02\x00\x00\x00O8tR.", `elements of type "O8"`},
		"large integer":  {"\x8a\x09123456789.", "9 bytes"},
		"call of number": {"NN\x85R.", "is called"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pickle.Read(bytes.NewReader([]byte(c.in)))
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, err = pickle.Arrays(&pickle.Dict{})
	assert.ErrorContains(t, err, "the file holds a dict; want a list of arrays")
	_, err = pickle.Arrays(pickle.NewList("x"))
	assert.ErrorContains(t, err, "element 0 of the list is a str")
	for _, v := range []any{struct{}{}, &pickle.Array{DType: pickle.Float32, Shape: []int{2}, Values: []float32{1}}, &pickle.Array{DType: pickle.Int32, Shape: []int{1}, Values: []float32{1}}} {
		assert.Error(t, pickle.Write(&bytes.Buffer{}, v))
	}
}

// A list that is referred to twice is one list, also while it grows.
func TestSharedList(t *testing.T) {
	v, err := pickle.Read(bytes.NewReader([]byte("](]q\x01(K\x01eh\x01e.")))
	require.NoError(t, err)
	items := v.(*pickle.List).Items
	require.Len(t, items, 2)
	assert.Same(t, items[0], items[1])
	assert.Equal(t, []any{int64(1)}, items[0].(*pickle.List).Items)
}

// Whatever the bytes, reading returns, and what it returns can be written if it is
// data.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*.pkl")
	require.NoError(f, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := pickle.Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if a, ok := v.(*pickle.Array); ok {
			n := 1
			for _, d := range a.Shape {
				n *= d
			}
			assert.Len(t, a.Values, n)
		}
	})
}

func ExampleWrite() {
	var file bytes.Buffer
	params := pickle.NewList(&pickle.Array{DType: pickle.Float16, Shape: []int{2, 2}, Values: []float32{1, 2, 3, math.Pi}})
	if err := pickle.Write(&file, params); err != nil {
		fmt.Println(err)
		return
	}
	v, err := pickle.Read(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	arrays, err := pickle.Arrays(v)
	fmt.Println(arrays[0].Shape, arrays[0].Values, err)
	// Output: [2 2] [1 2 3 3.140625] <nil>
}
