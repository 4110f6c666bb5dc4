package lm

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// Text is a model of the words of a vocabulary, as a file keeps it.
type Text struct {
	Model        Model // its parameters are those that [nn.Params] finds
	Vocab        *data.Vocabulary
	Architecture string // names the network: "rnnlm/lstm"
	Config       any    // what the network is built from; JSON can hold it
}

// Save writes the model to a safetensors file, with what [Open] needs and metadata
// of the caller's, such as seed and epoch.
func (t *Text) Save(path string, metadata map[string]string) error {
	config, err := json.Marshal(t.Config)
	if err != nil {
		return fmt.Errorf("save model to %s: %w", path, err)
	}
	vocab, err := json.Marshal(t.Vocab)
	if err != nil {
		return fmt.Errorf("save model to %s: %w", path, err)
	}
	m := map[string]string{"architecture": t.Architecture, "config": string(config), "vocabulary": string(vocab)}
	maps.Copy(m, metadata)
	return nn.Save(path, t.Model, m)
}

// Builder returns the network that an architecture and a configuration name, for a
// number of words. It is an error if it knows no such architecture or the
// configuration does not fit.
type Builder func(architecture string, config []byte, words int) (Model, error)

// Open reads a file that Save wrote: build makes the model, whose values then come
// from the file.
func Open(path string, build Builder) (*Text, error) {
	c, err := nn.Open(path)
	if err != nil {
		return nil, err
	}
	t := &Text{Vocab: new(data.Vocabulary), Architecture: c.Metadata["architecture"], Config: json.RawMessage(c.Metadata["config"])}
	if _, ok := c.Metadata["vocabulary"]; !ok {
		return nil, fmt.Errorf("model %s: its architecture is %q and it has no vocabulary; want a language model", path, t.Architecture)
	}
	if err := json.Unmarshal([]byte(c.Metadata["vocabulary"]), t.Vocab); err != nil {
		return nil, fmt.Errorf("model %s: read its vocabulary: %w", path, err)
	}
	if t.Model, err = build(t.Architecture, []byte(c.Metadata["config"]), t.Vocab.Len()); err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	return t, c.Load(t.Model)
}
