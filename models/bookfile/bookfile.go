package bookfile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/pickle"
	"github.com/wengert-ml/wengert/nn/safetensors"
)

// layout is how a model's parameters are called and what shapes they have, in letters
// that stand for the same number throughout.
type layout struct {
	architecture string
	names        []string
	shapes       [][]string
}

// tied is a parameter that the book lists again, transposed, before the last one.
const tied = "Embed.W"

var (
	encoder = []string{"Encoder.Embed.W", "Encoder.LSTM.Cells.0.Wx", "Encoder.LSTM.Cells.0.Wh", "Encoder.LSTM.Cells.0.B"}
	decoder = []string{"Decoder.Embed.W", "Decoder.LSTM.Cells.0.Wx", "Decoder.LSTM.Cells.0.Wh", "Decoder.LSTM.Cells.0.B", "Decoder.Out.W", "Decoder.Out.B"}
	reader  = [][]string{{"V", "D"}, {"D", "4H"}, {"H", "4H"}, {"4H"}}
)

// layouts are the models that the book saves, or may.
var layouts = []layout{
	{"rnnlm/lstm", []string{"Embed.W", "Layer.Cells.0.Wx", "Layer.Cells.0.Wh", "Layer.Cells.0.B", "Out.W", "Out.B"},
		[][]string{{"V", "D"}, {"D", "4H"}, {"H", "4H"}, {"4H"}, {"H", "V"}, {"V"}}},
	{"rnnlm/gru", []string{"Embed.W", "Layer.Cells.0.Wx", "Layer.Cells.0.Wh", "Layer.Cells.0.B", "Out.W", "Out.B"},
		[][]string{{"V", "D"}, {"D", "3H"}, {"H", "3H"}, {"3H"}, {"H", "V"}, {"V"}}},
	{"rnnlm/rnn", []string{"Embed.W", "Layer.Cells.0.Wx", "Layer.Cells.0.Wh", "Layer.Cells.0.B", "Out.W", "Out.B"},
		[][]string{{"V", "D"}, {"D", "H"}, {"H", "H"}, {"H"}, {"H", "V"}, {"V"}}},
	{"rnnlm/better", []string{tied, "LSTM.Cells.0.Wx", "LSTM.Cells.0.Wh", "LSTM.Cells.0.B", "LSTM.Cells.1.Wx", "LSTM.Cells.1.Wh", "LSTM.Cells.1.B", "B"},
		[][]string{{"V", "H"}, {"H", "4H"}, {"H", "4H"}, {"4H"}, {"H", "4H"}, {"H", "4H"}, {"4H"}, {"V"}}},
	{"seq2seq/plain", slices.Concat(encoder, decoder), slices.Concat(reader, reader, [][]string{{"H", "V"}, {"V"}})},
	{"seq2seq/attention", slices.Concat(encoder, decoder), slices.Concat(reader, reader, [][]string{{"2H", "V"}, {"V"}})},
	{"seq2seq/peeky", slices.Concat(encoder, decoder),
		slices.Concat(reader, [][]string{{"V", "D"}, {"H+D", "4H"}, {"H", "4H"}, {"4H"}, {"2H", "V"}, {"V"}})},
}

// fit reports whether shapes are the layout's.
func (l *layout) fit(shapes [][]int) bool {
	if len(shapes) != len(l.shapes) {
		return false
	}
	// V, D and H are where they stand alone; a first pass finds them.
	sizes := map[string]int{}
	for i, want := range l.shapes {
		if len(want) != len(shapes[i]) {
			return false
		}
		for j, letter := range want {
			if _, known := sizes[letter]; len(letter) == 1 && !known {
				sizes[letter] = shapes[i][j]
			}
		}
	}
	sizes["2H"], sizes["3H"], sizes["4H"], sizes["H+D"] = 2*sizes["H"], 3*sizes["H"], 4*sizes["H"], sizes["H"]+sizes["D"]
	for i, want := range l.shapes {
		for j, letter := range want {
			if shapes[i][j] != sizes[letter] {
				return false
			}
		}
	}
	return true
}

// Params returns what a pickle of the book's holds as a file of ours: the parameters of
// a model under their names, with its architecture in the metadata, or word vectors with
// their words. Elements keep their precision. The error says which shapes there are
// where they are those of no model.
func Params(v any) (*safetensors.File, error) {
	if d, ok := v.(*pickle.Dict); ok {
		return vectors(d)
	}
	arrays, err := pickle.Arrays(v)
	if err != nil {
		return nil, err
	}
	if arrays, err = untie(arrays); err != nil {
		return nil, err
	}
	shapes := make([][]int, len(arrays))
	for i, a := range arrays {
		shapes[i] = a.Shape
	}
	i := slices.IndexFunc(layouts, func(l layout) bool { return l.fit(shapes) })
	if i < 0 {
		return nil, fmt.Errorf("a list of %d arrays of shapes %v: the parameters of no model of the book", len(shapes), shapes)
	}
	f := &safetensors.File{Metadata: map[string]string{"architecture": layouts[i].architecture}}
	for k, name := range layouts[i].names {
		if err := add(f, name, arrays[k]); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// untie drops the second copy of tied weights, which must be the first one transposed.
func untie(arrays []*pickle.Array) ([]*pickle.Array, error) {
	n := len(arrays)
	if n != 9 || len(arrays[0].Shape) != 2 || len(arrays[7].Shape) != 2 {
		return arrays, nil
	}
	w, t := arrays[0], arrays[7]
	rows, cols := w.Shape[0], w.Shape[1]
	if t.Shape[0] != cols || t.Shape[1] != rows {
		return nil, fmt.Errorf("array 7 is %v and array 0 is %v; want one the other transposed, as tied weights are", t.Shape, w.Shape)
	}
	for i := range rows {
		for j := range cols {
			if t.Values[j*rows+i] != w.Values[i*cols+j] {
				return nil, errors.New("array 7 is not array 0 transposed, as tied weights are")
			}
		}
	}
	return append(slices.Clone(arrays[:7]), arrays[8]), nil
}

func add(f *safetensors.File, name string, a *pickle.Array) error {
	dtype := safetensors.F32
	if a.DType == pickle.Float16 {
		dtype = safetensors.F16
	}
	t, err := safetensors.FromFloat32(name, dtype, a.Shape, a.Values)
	f.Tensors = append(f.Tensors, t)
	return err
}

// vectors reads the dictionary that word vectors are saved as.
func vectors(d *pickle.Dict) (*safetensors.File, error) {
	a, isArray := d.Get("word_vecs").(*pickle.Array)
	ids, isDict := d.Get("id_to_word").(*pickle.Dict)
	if !isArray || !isDict || len(a.Shape) != 2 {
		return nil, fmt.Errorf("a dictionary with the keys %v; want word_vecs, a matrix, and id_to_word", d.Keys)
	}
	vocab := new(data.Vocabulary)
	for id := range a.Shape[0] {
		word, ok := ids.Get(int64(id)).(string)
		if !ok {
			return nil, fmt.Errorf("id_to_word has no word %d of %d", id, a.Shape[0])
		}
		if int(vocab.Add(word)) != id {
			return nil, fmt.Errorf("id_to_word has %q twice", word)
		}
	}
	list, err := vocab.MarshalJSON()
	if err != nil {
		return nil, err
	}
	f := &safetensors.File{Metadata: map[string]string{"architecture": wordvec.Architecture, "vocabulary": string(list)}}
	return f, add(f, "vectors", a)
}

// List returns what the book saves for a file of ours: the list of a model's arrays, or
// the dictionary of word vectors, in float16, or float32 if wide is set. The arrays of a
// model of the book are listed in the book's order, whatever theirs is in the file and
// whether or not its metadata say which model it is; those of another model stay in
// theirs.
func List(f *safetensors.File, wide bool) (any, error) {
	dtype := pickle.Float16
	if wide {
		dtype = pickle.Float32
	}
	array := func(t *safetensors.Tensor) (*pickle.Array, error) {
		values, err := t.Float32s()
		return &pickle.Array{DType: dtype, Shape: t.Shape, Values: values}, err
	}
	if t, ok := f.Tensor("vectors"); ok {
		return dictionary(f, t, array)
	}
	tensors, l := ordered(f)
	list := pickle.NewList()
	var first *pickle.Array
	for i, t := range tensors {
		a, err := array(t)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			first = a
		}
		if l != nil && l.architecture == "rnnlm/better" && i == len(tensors)-1 {
			list.Items = append(list.Items, transpose(first))
		}
		list.Items = append(list.Items, a)
	}
	return list, nil
}

// ordered returns the tensors of f in the order of the layout that has their names and
// shapes, and that layout, or as they are in the file, and nil.
func ordered(f *safetensors.File) ([]*safetensors.Tensor, *layout) {
	for i := range layouts {
		l := &layouts[i]
		var tensors []*safetensors.Tensor
		var shapes [][]int
		for _, name := range l.names {
			if t, ok := f.Tensor(name); ok {
				tensors, shapes = append(tensors, t), append(shapes, t.Shape)
			}
		}
		if len(tensors) == len(f.Tensors) && l.fit(shapes) {
			return tensors, l
		}
	}
	tensors := make([]*safetensors.Tensor, len(f.Tensors))
	for i := range tensors {
		tensors[i] = &f.Tensors[i]
	}
	return tensors, nil
}

func transpose(a *pickle.Array) *pickle.Array {
	rows, cols := a.Shape[0], a.Shape[1]
	t := &pickle.Array{DType: a.DType, Shape: []int{cols, rows}, Values: make([]float32, len(a.Values))}
	for i := range rows {
		for j := range cols {
			t.Values[j*rows+i] = a.Values[i*cols+j]
		}
	}
	return t
}

func dictionary(f *safetensors.File, t *safetensors.Tensor, array func(*safetensors.Tensor) (*pickle.Array, error)) (any, error) {
	vocab := new(data.Vocabulary)
	if err := vocab.UnmarshalJSON([]byte(f.Metadata["vocabulary"])); err != nil {
		return nil, fmt.Errorf("read its vocabulary: %w", err)
	}
	if len(t.Shape) != 2 || t.Shape[0] != vocab.Len() {
		return nil, fmt.Errorf("vectors are %v; want a row for each of %d words", t.Shape, vocab.Len())
	}
	a, err := array(t)
	if err != nil {
		return nil, err
	}
	words, ids := new(pickle.Dict), new(pickle.Dict)
	for id := range int64(vocab.Len()) {
		words.Set(vocab.Token(int32(id)), id)
		ids.Set(id, vocab.Token(int32(id)))
	}
	d := new(pickle.Dict)
	d.Set("word_vecs", a)
	d.Set("word_to_id", words)
	d.Set("id_to_word", ids)
	return d, nil
}
