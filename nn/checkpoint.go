package nn

import (
	"fmt"
	"maps"
	"slices"

	"github.com/wengert-ml/wengert/nn/safetensors"
	"github.com/wengert-ml/wengert/tensor"
)

// FormatVersion is written to every checkpoint under the key "format".
const FormatVersion = "wengert/1"

// Save writes the parameters of a model to a file in the safetensors format, with
// metadata of the caller's (architecture, configuration, vocabulary ...). Each is
// named as [Params] names it, by its path from model, and a tied one is saved once. The file is written whole or not at all. It panics with
// a [*backend.Error] if the values cannot be read from the backend.
func Save(path string, model any, metadata map[string]string) error {
	f := &safetensors.File{Metadata: map[string]string{"format": FormatVersion}}
	maps.Copy(f.Metadata, metadata)
	for _, p := range find(model) {
		t, err := safetensors.FromFloat32(p.name, safetensors.F32, slices.Clone(p.Data.Shape()), p.Data.Floats())
		if err != nil {
			return fmt.Errorf("save model to %s: %w", path, err)
		}
		f.Tensors = append(f.Tensors, t)
	}
	if err := f.WriteFile(path); err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	return nil
}

// Checkpoint is a model file that was read: its metadata says how to build the
// model that its values then go into.
type Checkpoint struct {
	Metadata map[string]string
	file     *safetensors.File
	path     string
}

// Open reads a file written by [Save], or any safetensors file.
func Open(path string) (*Checkpoint, error) {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	return &Checkpoint{Metadata: f.Metadata, file: f, path: path}, nil
}

// Load copies the values of a checkpoint to the parameters of a model. Names and
// shapes must be the same on both sides; otherwise an error says which parameter
// differs and how, and the model is left as it was. Gradients are discarded.
func (c *Checkpoint) Load(model any) error {
	params := find(model)
	values := make([][]float32, len(params))
	known := map[string]bool{}
	for i, p := range params {
		known[p.name] = true
		v, err := c.values(p)
		if err != nil {
			return fmt.Errorf("load model from %s: %w", c.path, err)
		}
		values[i] = v
	}
	for _, t := range c.file.Tensors {
		if !known[t.Name] {
			return fmt.Errorf("load model from %s: the file has a parameter %q that the model lacks", c.path, t.Name)
		}
	}
	for i, p := range params {
		p.Update(func(data *tensor.Tensor) { data.Set(values[i]) })
	}
	return nil
}

func (c *Checkpoint) values(p named) ([]float32, error) {
	t, ok := c.file.Tensor(p.name)
	if !ok {
		return nil, fmt.Errorf("the file lacks parameter %q", p.name)
	}
	if !slices.Equal(t.Shape, p.Data.Shape()) {
		return nil, fmt.Errorf("parameter %q is %v in the file and %v in the model", p.name, t.Shape, p.Data.Shape())
	}
	return t.Float32s()
}

// Load is [Open] and [Checkpoint.Load] in one: it returns the metadata.
func Load(path string, model any) (metadata map[string]string, err error) {
	c, err := Open(path)
	if err != nil {
		return nil, err
	}
	return c.Metadata, c.Load(model)
}
