package transformer

import (
	"encoding/json"
	"fmt"

	"github.com/wengert-ml/wengert/models/lm"
	"github.com/wengert-ml/wengert/models/seq2seq"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// The names of architectures, as files have them.
const (
	encoderDecoder = "transformer/encoder-decoder"
	decoderOnly    = "transformer/lm"
)

// NewTranslator returns an untrained model for pairs of questions and answers. c.Vocab
// is filled in; c.Pad becomes the space, which fills questions and answers up, if they
// have one; and Learned positions become as many as there are.
func NewTranslator(in *nn.Init, c Config, p *data.Pairs) *seq2seq.Translator {
	c.Vocab = p.Vocab.Len()
	if pad, ok := p.Vocab.ID(" "); ok {
		c.Pad = []int32{pad}
	}
	if c.Positions == Learned {
		c.Context = max(p.TX, p.TT)
	}
	return &seq2seq.Translator{Model: NewEncoderDecoder(in, c), Vocab: p.Vocab, Architecture: encoderDecoder, Config: c, Format: seq2seq.FormatOf(p)}
}

// NewText returns a language model with fresh parameters together with its vocabulary,
// which sets c.Vocab.
func NewText(in *nn.Init, c Config, v *data.Vocabulary) *lm.Text {
	c.Vocab = v.Len()
	return &lm.Text{Model: NewLM(in, c), Vocab: v, Architecture: decoderOnly, Config: c}
}

// Translates reports whether an architecture is the EncoderDecoder's.
func Translates(architecture string) bool { return architecture == encoderDecoder }

// Writes reports whether an architecture is the LM's.
func Writes(architecture string) bool { return architecture == decoderOnly }

// Build is a [seq2seq.Builder] for the [EncoderDecoder].
func Build(in *nn.Init, architecture string, config []byte, tokens int) (seq2seq.Model, error) {
	c, err := read(architecture, encoderDecoder, config, tokens)
	if err != nil {
		return nil, err
	}
	return NewEncoderDecoder(in, c), nil
}

// BuildLM is an [lm.Builder] for the [LM].
func BuildLM(in *nn.Init, architecture string, config []byte, words int) (lm.Model, error) {
	c, err := read(architecture, decoderOnly, config, words)
	if err != nil {
		return nil, err
	}
	return NewLM(in, c), nil
}

func read(architecture, want string, config []byte, tokens int) (c Config, err error) {
	if architecture != want {
		return c, fmt.Errorf("its architecture is %q; want %q", architecture, want)
	}
	if err := json.Unmarshal(config, &c); err != nil {
		return c, fmt.Errorf("read its configuration: %w", err)
	}
	if c.Vocab != tokens {
		return c, fmt.Errorf("its configuration is for %d tokens and its vocabulary has %d", c.Vocab, tokens)
	}
	return c, c.Check()
}
