package bookfile_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/bookfile"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/pickle"
	"github.com/wengert-ml/wengert/nn/safetensors"
)

// models are those that the book saves, with the architecture that a file names.
func models() map[string]any {
	in := func() *nn.Init { return nn.NewInit(reference.New(), 1) }
	const v, d, h = 7, 3, 5
	return map[string]any{
		"rnnlm/lstm":        rnnlm.New(in(), rnnlm.Config{Vocab: v, Embed: d, Hidden: h}),
		"rnnlm/gru":         rnnlm.New(in(), rnnlm.Config{Vocab: v, Embed: d, Hidden: h, Cell: rnnlm.GRU}),
		"rnnlm/rnn":         rnnlm.New(in(), rnnlm.Config{Vocab: v, Embed: d, Hidden: h, Cell: rnnlm.RNN}),
		"rnnlm/better":      rnnlm.NewBetter(in(), v, h, 0.5),
		"seq2seq/plain":     seq2seq.New(in(), seq2seq.Config{Arch: seq2seq.Plain, Vocab: v, Embed: d, Hidden: h}),
		"seq2seq/peeky":     seq2seq.New(in(), seq2seq.Config{Arch: seq2seq.WithPeeking, Vocab: v, Embed: d, Hidden: h}),
		"seq2seq/attention": seq2seq.New(in(), seq2seq.Config{Arch: seq2seq.WithAttention, Vocab: v, Embed: d, Hidden: h}),
	}
}

// file is a model as it is saved here.
func file(t *testing.T, architecture string, model any) *safetensors.File {
	f := &safetensors.File{Metadata: map[string]string{"architecture": architecture}}
	for _, p := range nn.Params(model) {
		x, err := safetensors.FromFloat32(p.Name, safetensors.F16, slices.Clone(p.Data.Shape()), p.Data.Floats())
		require.NoError(t, err)
		f.Tensors = append(f.Tensors, x)
	}
	return f
}

// A model that goes into the book's list comes back from it, told by its shapes alone.
func TestModels(t *testing.T) {
	for architecture, model := range models() {
		t.Run(architecture, func(t *testing.T) {
			f := file(t, architecture, model)
			list, err := bookfile.List(f, false)
			require.NoError(t, err)
			arrays, err := pickle.Arrays(list)
			require.NoError(t, err)
			if architecture == "rnnlm/better" {
				require.Len(t, arrays, 9)
				assert.Equal(t, []int{5, 7}, arrays[7].Shape, "the tied weights transposed")
				assert.Equal(t, arrays[0].Values[1], arrays[7].Values[7])
			}
			back, err := bookfile.Params(list)
			require.NoError(t, err)
			assert.Equal(t, f, back)
		})
	}
}

// Names tell the order, which a file of NumPy's need not have, nor metadata.
func TestListOrdersByName(t *testing.T) {
	for architecture, model := range models() {
		t.Run(architecture, func(t *testing.T) {
			f := file(t, architecture, model)
			want, err := bookfile.List(f, false)
			require.NoError(t, err)
			bare := &safetensors.File{Tensors: slices.Clone(f.Tensors)}
			slices.Reverse(bare.Tensors)
			got, err := bookfile.List(bare, false)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
}

func TestVectors(t *testing.T) {
	f := &safetensors.File{Metadata: map[string]string{"architecture": "wordvec", "vocabulary": `["you","say","größe"]`}}
	x, err := safetensors.FromFloat32("vectors", safetensors.F32, []int{3, 2}, []float32{1, 2, 3, 4, 5, 6})
	require.NoError(t, err)
	f.Tensors = append(f.Tensors, x)
	d, err := bookfile.List(f, true)
	require.NoError(t, err)
	assert.Equal(t, int64(1), d.(*pickle.Dict).Get("word_to_id").(*pickle.Dict).Get("say"))
	back, err := bookfile.Params(d)
	require.NoError(t, err)
	assert.Equal(t, f, back)
}

func TestComplaints(t *testing.T) {
	array := func(shape ...int) *pickle.Array {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return &pickle.Array{DType: pickle.Float32, Shape: shape, Values: make([]float32, n)}
	}
	other := array(2, 3)
	other.Values[1] = 1
	noWords, noArray := new(pickle.Dict), new(pickle.Dict)
	noWords.Set("word_vecs", array(2, 2))
	noWords.Set("id_to_word", new(pickle.Dict))
	noArray.Set("W", int64(1))
	for _, c := range []struct {
		v    any
		want string
	}{
		{pickle.NewList(array(3, 2), array(2)), "a list of 2 arrays of shapes [[3 2] [2]]: the parameters of no model of the book"},
		{pickle.NewList("W"), "element 0 of the list is a str; want an array"},
		{pickle.NewList(array(3, 2), array(1), array(1), array(1), array(1), array(1), array(1), array(3, 2), array(3)), "array 7 is [3 2] and array 0 is [3 2]"},
		{pickle.NewList(array(3, 2), array(1), array(1), array(1), array(1), array(1), array(1), other, array(3)), "array 7 is not array 0 transposed"},
		{noWords, "id_to_word has no word 0 of 2"},
		{noArray, "a dictionary with the keys [W]; want word_vecs"},
	} {
		_, err := bookfile.Params(c.v)
		assert.ErrorContains(t, err, c.want)
	}
}

func ExampleParams() {
	be := reference.New()
	m := rnnlm.New(nn.NewInit(be, 1984), rnnlm.Config{Vocab: 4, Embed: 2, Hidden: 3})
	list := pickle.NewList()
	for _, p := range nn.Params(m) { // what the book's code would have saved
		list.Items = append(list.Items, &pickle.Array{DType: pickle.Float16, Shape: p.Data.Shape(), Values: p.Data.Floats()})
	}
	f, err := bookfile.Params(list)
	fmt.Println(f.Metadata["architecture"], f.Tensors[1].Name, f.Tensors[1].Shape, err)
	// Output: rnnlm/lstm Layer.Cells.0.Wx [2 12] <nil>
}
