package wordvec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"

	"github.com/wengert-ml/wengert/internal/atomicfile"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/safetensors"
)

// Architecture is what [Vectors.SaveSafetensors] writes to the metadata of a file
// under the key "architecture".
const Architecture = "wordvec"

// Open reads the file at path: safetensors or the word2vec tool's binary or text
// format, by the end of its name (.safetensors, .bin, any other).
func Open(path string) (*Vectors, error) {
	if filepath.Ext(path) == ".safetensors" {
		return openSafetensors(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open word vectors: %w", err)
	}
	defer f.Close()
	if filepath.Ext(path) == ".bin" {
		return ReadBinary(f, path)
	}
	return ReadText(f, path)
}

// Save writes the file at path, whole or not at all, in the format that [Open]
// expects by its name.
func (v *Vectors) Save(path string) error {
	write := v.WriteText
	switch filepath.Ext(path) {
	case ".safetensors":
		return v.SaveSafetensors(path, nil)
	case ".bin":
		write = v.WriteBinary
	}
	if err := atomicfile.WriteFile(path, 0o644, func(w io.Writer) error { return write(w) }); err != nil {
		return fmt.Errorf("save word vectors: %w", err)
	}
	return nil
}

// SaveSafetensors writes a tensor "vectors" [V, D] and, in the metadata, the words
// as a JSON list under the key "vocabulary", with metadata of the caller's. The file
// is written whole or not at all.
func (v *Vectors) SaveSafetensors(path string, metadata map[string]string) error {
	vocab, err := json.Marshal(v.Vocab)
	if err != nil {
		return fmt.Errorf("save word vectors to %s: %w", path, err)
	}
	t, err := safetensors.FromFloat32(tensorNames[0], safetensors.F32, []int{v.Vocab.Len(), v.D}, v.Values)
	if err != nil {
		return fmt.Errorf("save word vectors to %s: %w", path, err)
	}
	f := &safetensors.File{
		Metadata: map[string]string{"format": nn.FormatVersion, "architecture": Architecture, "vocabulary": string(vocab)},
		Tensors:  []safetensors.Tensor{t},
	}
	maps.Copy(f.Metadata, metadata)
	if err := f.WriteFile(path); err != nil {
		return fmt.Errorf("save word vectors: %w", err)
	}
	return nil
}

// tensorNames are where word vectors are in a safetensors file: those that this
// package writes, and the models of package word2vec and language models, whose
// input layer has a row for each word.
var tensorNames = []string{"vectors", "Embed.W", "In.W"}

func openSafetensors(path string) (*Vectors, error) {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open word vectors: %w", err)
	}
	v, err := fromSafetensors(f)
	if err != nil {
		return nil, fmt.Errorf("open word vectors %s: %w", path, err)
	}
	return v, nil
}

func fromSafetensors(f *safetensors.File) (*Vectors, error) {
	list, ok := f.Metadata["vocabulary"]
	if !ok {
		return nil, errors.New("its metadata has no \"vocabulary\", so nobody knows whose vectors these are")
	}
	vocab := new(data.Vocabulary)
	if err := json.Unmarshal([]byte(list), vocab); err != nil {
		return nil, err
	}
	t, ok := findTensor(f)
	if !ok {
		return nil, fmt.Errorf("it has none of the tensors %q", tensorNames)
	}
	if len(t.Shape) != 2 || t.Shape[0] != vocab.Len() {
		return nil, fmt.Errorf("tensor %q is %v; want a row for each of %d words", t.Name, t.Shape, vocab.Len())
	}
	values, err := t.Float32s()
	if err != nil {
		return nil, err
	}
	return New(vocab, t.Shape[1], values)
}

func findTensor(f *safetensors.File) (*safetensors.Tensor, bool) {
	for _, name := range tensorNames {
		if t, ok := f.Tensor(name); ok {
			return t, true
		}
	}
	return nil, false
}
