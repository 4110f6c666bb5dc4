package nn_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/safetensors"
	"github.com/wengert-ml/wengert/tensor"
)

// The metadata says how to build the model that the values go into.
func ExampleSave() {
	dir, err := os.MkdirTemp("", "models")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")

	be := cpu.New()
	net := nn.NewLinear(nn.NewInit(be, 1), 2, 3)
	if err := nn.Save(path, net, map[string]string{"arch": "linear 2 3"}); err != nil {
		fmt.Println(err)
		return
	}

	other := nn.NewLinear(nn.NewInit(be, 2), 2, 3)
	metadata, err := nn.Load(path, other)
	fmt.Println(metadata["arch"], err)
	x := autograd.NewTape(be).Full(1, 1, 2)
	fmt.Println(net.Forward(x).Sub(other.Forward(x)))
	// Output:
	// linear 2 3 <nil>
	// [[0. 0. 0.]]
}

// A file that does not fit says where, and leaves the model alone.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "models")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")

	in := nn.NewInit(cpu.New(), 1)
	if err := nn.Save(path, nn.NewLinear(in, 2, 3), nil); err != nil {
		fmt.Println(err)
		return
	}
	_, err = nn.Load(path, nn.NewLinear(in, 2, 4))
	fmt.Println(strings.ReplaceAll(err.Error(), path, "net.safetensors"))
	// Output:
	// load model from net.safetensors: parameter "W" is [2 3] in the file and [2 4] in the model
}

// tied is a language model whose table also scores.
type tied struct {
	Embed *nn.Embedding
	LSTM  *nn.LSTM
	Table *autograd.Param // Embed.W
}

func newTied(seed uint64) *tied {
	in := nn.NewInit(cpu.New(), seed)
	m := &tied{Embed: nn.NewEmbedding(in, 7, 3), LSTM: nn.NewLSTM(in, 3, 3)}
	m.Table = m.Embed.W
	return m
}

func values(model any) [][]float32 {
	var all [][]float32
	for _, p := range nn.Params(model) {
		all = append(all, p.Data.Floats())
	}
	return all
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "er", "net.safetensors")
	net, other := newTied(1), newTied(2)
	require.NoError(t, nn.Save(path, net, map[string]string{"vocab": "a b c"}))
	require.NotEqual(t, values(net), values(other))

	tape := autograd.NewTape(other.Table.Data.Backend())
	loss := tape.Param(other.Table).Sum()
	tape.Backward(loss)
	metadata, err := nn.Load(path, other)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"format": nn.FormatVersion, "vocab": "a b c"}, metadata)
	assert.Equal(t, values(net), values(other))
	assert.Same(t, other.Table, other.Embed.W, "still tied")
	assert.True(t, other.Table.Grad.IsZero(), "gradients are of the values before")
	assert.Contains(t, panicText(t, func() { tape.Backward(loss) }), "was updated between its use and Backward")

	file, err := safetensors.ReadFile(path)
	require.NoError(t, err)
	var names []string
	for _, x := range file.Tensors {
		names = append(names, x.Name)
	}
	assert.ElementsMatch(t, []string{"Embed.W", "LSTM.Cells.0.Wx", "LSTM.Cells.0.Wh", "LSTM.Cells.0.B"}, names, "the tied table once")
}

// A file goes to another backend and back.
func TestLoadOnAnotherBackend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	net := nn.NewLinear(nn.NewInit(cpu.New(), 1), 2, 3)
	require.NoError(t, nn.Save(path, net, nil))
	other := nn.NewLinear(nn.NewInit(reference.New(), 2), 2, 3)
	_, err := nn.Load(path, other)
	require.NoError(t, err)
	assert.Equal(t, values(net), values(other))
}

// A part of a model is saved under its own names, whatever was walked before.
func TestSaveAPart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.safetensors")
	net := newTied(1)
	nn.Params(net)
	require.NoError(t, nn.Save(path, net.LSTM, nil))
	fresh := nn.NewLSTM(nn.NewInit(cpu.New(), 2), 3, 3)
	_, err := nn.Load(path, fresh)
	require.NoError(t, err)
	assert.Equal(t, values(net.LSTM), values(fresh))

	whole := newTied(3)
	nn.Params(whole)
	_, err = nn.Load(path, whole.LSTM)
	require.NoError(t, err, "into a part of a model")
	assert.Equal(t, values(net.LSTM), values(whole.LSTM))
}

// The metadata is there before the model.
func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	require.NoError(t, nn.Save(path, newTied(1), map[string]string{"hidden": "3"}))
	c, err := nn.Open(path)
	require.NoError(t, err)
	assert.Equal(t, "3", c.Metadata["hidden"])
	net := newTied(2)
	require.NoError(t, c.Load(net))
	assert.Equal(t, values(newTied(1)), values(net))
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "net.safetensors")
	in := nn.NewInit(cpu.New(), 1)
	require.NoError(t, nn.Save(path, struct{ A, B *nn.Linear }{nn.NewLinear(in, 2, 3), nn.NewLinear(in, 3, 4)}, nil))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o666))
		return path
	}
	fits := func() any { return struct{ A, B *nn.Linear }{nn.NewLinear(in, 2, 3), nn.NewLinear(in, 3, 4)} }
	for _, c := range []struct {
		name, path string
		model      any
		want       []string
	}{
		{"shape", path, struct{ A, B *nn.Linear }{nn.NewLinear(in, 2, 3), nn.NewLinear(in, 3, 5)},
			[]string{"load model from " + path + `: parameter "B.W" is [3 4] in the file and [3 5] in the model`}},
		{"lacking in the file", path, struct{ A, B, C *nn.Linear }{nn.NewLinear(in, 2, 3), nn.NewLinear(in, 3, 4), nn.NewLinear(in, 1, 1)},
			[]string{"load model from " + path + `: the file lacks parameter "C.W"`}},
		{"lacking in the model", path, struct{ A *nn.Linear }{nn.NewLinear(in, 2, 3)},
			[]string{"load model from " + path + `: the file has a parameter "B.`, `that the model lacks`}},
		{"no file", filepath.Join(dir, "none"), fits(), []string{"open model: ", "none"}},
		{"truncated", write("truncated", whole[:len(whole)-5]), fits(), []string{"open model: ", "truncated"}},
		{"truncated/header", write("header", whole[:20]), fits(), []string{"open model: ", "header"}},
		{"empty", write("empty", nil), fits(), []string{"open model: ", "empty"}},
		{"not a model", write("text", []byte("The quick brown fox jumps over the lazy dog.")), fits(), []string{"open model: ", "text"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := values(c.model)
			_, err := nn.Load(c.path, c.model)
			require.Error(t, err)
			for _, want := range c.want {
				assert.Contains(t, err.Error(), want)
			}
			assert.Equal(t, before, values(c.model), "the model is untouched")
		})
	}
}

func TestSaveErrors(t *testing.T) {
	dir := t.TempDir()
	net := newTied(1)
	t.Run("a file where a folder should be", func(t *testing.T) {
		inTheWay := filepath.Join(dir, "file")
		require.NoError(t, os.WriteFile(inTheWay, nil, 0o666))
		err := nn.Save(filepath.Join(inTheWay, "net.safetensors"), net, nil)
		require.Error(t, err)
		assert.Contains(t, err.Error(), "save model: ")
		assert.Contains(t, err.Error(), inTheWay)
	})
	t.Run("a folder that cannot be written", func(t *testing.T) {
		locked := filepath.Join(dir, "locked")
		require.NoError(t, os.Mkdir(locked, 0o555))
		if f, err := os.CreateTemp(locked, ""); err == nil {
			f.Close()
			t.Skip("this user, or this system, may write everywhere")
		}
		err := nn.Save(filepath.Join(locked, "net.safetensors"), net, nil)
		require.Error(t, err)
		assert.Contains(t, err.Error(), "save model: ")
	})
	t.Run("two parameters of one name", func(t *testing.T) {
		path := filepath.Join(dir, "twice.safetensors")
		a, b := autograd.NewParam(tensor.Zeros(cpu.New(), 1)), autograd.NewParam(tensor.Zeros(cpu.New(), 1))
		a.Name, b.Name = "same", "same"
		err := nn.Save(path, []*autograd.Param{a, b}, nil)
		require.Error(t, err)
		assert.Contains(t, err.Error(), `"same" appears twice`)
		assert.NoFileExists(t, path)
	})
	t.Run("an older file stays", func(t *testing.T) {
		path := filepath.Join(dir, "old.safetensors")
		require.NoError(t, nn.Save(path, net, nil))
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Error(t, nn.Save(path, net, map[string]string{"bad": "\xff"}))
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, before, after)
	})
}
