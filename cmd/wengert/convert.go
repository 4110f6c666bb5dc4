package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/models/bookfile"
	"github.com/wengert-ml/wengert/models/wordvec"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/npz"
	"github.com/wengert-ml/wengert/nn/pickle"
	"github.com/wengert-ml/wengert/nn/safetensors"
	"github.com/wengert-ml/wengert/tensor"
)

// convertCommand writes parameters in another format.
type convertCommand struct {
	DType string `name:"dtype" default:"keep" enum:"keep,float32,float16" help:"How to store the parameters: ${enum}. keep leaves them as they are; .npz is float32, .bin and text have formats of their own."`
	Like  string `placeholder:"FILE" help:"A model of this program that the result is to be like: names and shapes must be its, and what it is built from is taken over."`
	From  string `arg:"" help:"The file to read."`
	To    string `arg:"" help:"The file to write."`
}

// Help is printed below the flags.
func (convertCommand) Help() string {
	return `The end of a file's name says its format:
  .safetensors  this program's models
  .npz          NumPy's arrays by name
  .pkl          the book's: a list of arrays, or word vectors
  .bin          the word2vec tool's binary format; any other name is its text format

Examples:
  wengert convert runs/rnnlm/best.safetensors Rnnlm.pkl
  wengert convert --like runs/date/best.safetensors AttentionSeq2seq.pkl date.safetensors
  wengert convert cbow_params.pkl vectors.bin
  wengert convert --dtype float16 model.safetensors half.safetensors`
}

// Run reads and writes.
func (c *convertCommand) Run(s *session) error {
	f, err := readParameters(c.From)
	if err != nil {
		return err
	}
	if c.Like != "" {
		like, err := safetensors.ReadFile(c.Like)
		if err != nil {
			return err
		}
		if err := imitate(f, like); err != nil {
			return fmt.Errorf("%s is not like %s: %w", c.From, c.Like, err)
		}
	}
	if dtype := (map[string]safetensors.DType{"float32": safetensors.F32, "float16": safetensors.F16})[c.DType]; dtype != "" {
		if err := store(f, dtype); err != nil {
			return err
		}
	}
	if err := writeParameters(c.To, f, c.DType); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s: %d parameters in %s\n", c.To, elements(f), describe(len(f.Tensors)))
	return err
}

func describe(arrays int) string {
	if arrays == 1 {
		return "1 array"
	}
	return fmt.Sprintf("%d arrays", arrays)
}

func elements(f *safetensors.File) (n int) {
	for i := range f.Tensors {
		n += volume(f.Tensors[i].Shape)
	}
	return n
}

// volume is the number of elements of a shape.
func volume(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// store changes how all tensors are stored.
func store(f *safetensors.File, dtype safetensors.DType) error {
	for i := range f.Tensors {
		t := &f.Tensors[i]
		values, err := t.Float32s()
		if err != nil {
			return err
		}
		if *t, err = safetensors.FromFloat32(t.Name, dtype, t.Shape, values); err != nil {
			return err
		}
	}
	return nil
}

// readParameters reads a file of any format.
func readParameters(path string) (*safetensors.File, error) {
	switch filepath.Ext(path) {
	case ".safetensors":
		return safetensors.ReadFile(path)
	case ".npz":
		arrays, err := npz.ReadFile(cpu.New(), path)
		if err != nil {
			return nil, err
		}
		f := new(safetensors.File)
		for _, a := range arrays {
			t, err := safetensors.FromFloat32(a.Name, safetensors.F32, slices.Clone(a.X.Shape()), a.X.Floats())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			f.Tensors = append(f.Tensors, t)
		}
		return f, nil
	case ".pkl":
		v, err := pickle.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f, err := bookfile.Params(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return f, nil
	}
	v, err := wordvec.Open(path)
	if err != nil {
		return nil, err
	}
	return vectorFile(v)
}

// vectorFile is word vectors as a file.
func vectorFile(v *wordvec.Vectors) (*safetensors.File, error) {
	vocab, err := json.Marshal(v.Vocab)
	if err != nil {
		return nil, err
	}
	t, err := safetensors.FromFloat32("vectors", safetensors.F32, []int{v.Vocab.Len(), v.D}, v.Values)
	return &safetensors.File{
		Metadata: map[string]string{"format": nn.FormatVersion, "architecture": wordvec.Architecture, "vocabulary": string(vocab)},
		Tensors:  []safetensors.Tensor{t},
	}, err
}

// imitate gives f what like is built from. Names and shapes must be the same.
func imitate(f, like *safetensors.File) error {
	if a := f.Metadata["architecture"]; a != "" && a != like.Metadata["architecture"] {
		return fmt.Errorf("it is a %s, not a %s", a, like.Metadata["architecture"])
	}
	for _, want := range like.Tensors {
		got, ok := f.Tensor(want.Name)
		switch {
		case !ok:
			return fmt.Errorf("it lacks the parameter %q", want.Name)
		case !slices.Equal(got.Shape, want.Shape):
			return fmt.Errorf("the parameter %q is %v, and %v there", want.Name, got.Shape, want.Shape)
		}
	}
	for _, got := range f.Tensors {
		if _, ok := like.Tensor(got.Name); !ok {
			return fmt.Errorf("it has a parameter %q too many", got.Name)
		}
	}
	f.Metadata = like.Metadata
	return nil
}

// writeParameters writes a file of any format.
func writeParameters(path string, f *safetensors.File, dtype string) error {
	switch filepath.Ext(path) {
	case ".safetensors":
		if f.Metadata == nil {
			f.Metadata = map[string]string{}
		}
		f.Metadata["format"] = nn.FormatVersion
		return f.WriteFile(path)
	case ".npz":
		arrays := make([]npz.Array, len(f.Tensors))
		be := cpu.New()
		for i := range f.Tensors {
			values, err := f.Tensors[i].Float32s()
			if err != nil {
				return err
			}
			arrays[i] = npz.Array{Name: f.Tensors[i].Name, X: tensor.FromSlice(be, values, f.Tensors[i].Shape...)}
		}
		return npz.WriteFile(path, arrays)
	case ".pkl":
		if strings.HasPrefix(f.Metadata["architecture"], "word2vec/") { // the book saves their vectors alone
			v, err := vectorsOf(f)
			if err != nil {
				return err
			}
			if f, err = vectorFile(v); err != nil {
				return err
			}
		}
		v, err := bookfile.List(f, dtype == "float32")
		if err != nil {
			return err
		}
		return pickle.WriteFile(path, v)
	}
	v, err := vectorsOf(f)
	if err != nil {
		return fmt.Errorf("write %s in the format of the word2vec tool: %w", path, err)
	}
	return v.Save(path)
}

// vectorsOf returns the word vectors in a file: its first matrix with a row for each
// word.
func vectorsOf(f *safetensors.File) (*wordvec.Vectors, error) {
	list, ok := f.Metadata["vocabulary"]
	if !ok {
		return nil, errors.New("the file does not say which words its vectors are of; --like a model that does")
	}
	vocab := new(data.Vocabulary)
	if err := json.Unmarshal([]byte(list), vocab); err != nil {
		return nil, fmt.Errorf("read its vocabulary: %w", err)
	}
	for i := range f.Tensors {
		if t := &f.Tensors[i]; len(t.Shape) == 2 && t.Shape[0] == vocab.Len() {
			values, err := t.Float32s()
			if err != nil {
				return nil, err
			}
			return wordvec.New(vocab, t.Shape[1], values)
		}
	}
	return nil, fmt.Errorf("no array has a row for each of its %d words", vocab.Len())
}
