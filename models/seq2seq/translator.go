package seq2seq

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// Translator is a model with what it takes to use it on text: the vocabulary, the
// widths of question and answer, and whether questions are read from right to left.
type Translator struct {
	Model  Model
	Vocab  *data.Vocabulary
	Config Config
	Format Format
}

// Format is the form of questions and answers.
type Format struct {
	Question int    // characters of a padded question, T
	Answer   int    // characters of an answer, without its start mark
	Start    string // the start mark
	Reversed bool   // questions are read from right to left
}

// NewTranslator returns an untrained model, c.Arch's, for pairs of questions and
// answers; c.Vocab is filled in.
func NewTranslator(in *nn.Init, c Config, p *data.Pairs) *Translator {
	c.Arch, c.Vocab = cmp.Or(c.Arch, WithAttention), p.Vocab.Len()
	return &Translator{
		Model:  New(in, c),
		Vocab:  p.Vocab,
		Config: c,
		Format: Format{Question: p.TX, Answer: p.TT - 1, Start: p.Vocab.Token(p.T[0]), Reversed: p.Reversed},
	}
}

// Translation is an answer and where each of its characters looked.
type Translation struct {
	Question string      // as given, padded
	Answer   string      // without padding
	Weights  [][]float32 // [characters of the answer][characters of the question], in reading order; nil without attention
}

// Translate answers questions, all in one batch. The error names a question that
// is too long or has a character that the model never saw.
func (t *Translator) Translate(be backend.Backend, questions []string) ([]Translation, error) {
	if len(questions) == 0 {
		return nil, nil
	}
	width := t.Format.Question
	ids := make([]int32, 0, len(questions)*width)
	out := make([]Translation, len(questions))
	for i, q := range questions {
		padded, err := data.Pad(q, width)
		if err != nil {
			return nil, fmt.Errorf("translate: %w", err)
		}
		row, err := t.Vocab.Encode(data.Chars(padded))
		if err != nil {
			return nil, fmt.Errorf("translate %q: %w", q, err)
		}
		if t.Format.Reversed {
			slices.Reverse(row)
		}
		ids = append(ids, row...)
		out[i].Question = padded
	}
	tape := autograd.Config{Inference: true}.NewTape(be)
	err := autograd.Try(func() {
		answers, attended := t.Model.Generate(tape, tape.Ints(ids, len(questions), width), t.start(), t.Format.Answer)
		for i := range out {
			chars := t.Vocab.Decode(answers.Data()[i*t.Format.Answer : (i+1)*t.Format.Answer])
			out[i].Answer = strings.TrimRight(strings.Join(chars, ""), " ")
		}
		if !attended.IsZero() {
			t.look(out, attended.Floats())
		}
	})
	if err != nil {
		return nil, fmt.Errorf("translate: %w", err)
	}
	return out, nil
}

// look sets out each translation's part of the attention weights
// [N, characters of the answer, characters of the question].
func (t *Translator) look(out []Translation, weights []float32) {
	for i := range out {
		for range t.Format.Answer {
			row := weights[:t.Format.Question]
			weights = weights[t.Format.Question:]
			if t.Format.Reversed {
				slices.Reverse(row)
			}
			out[i].Weights = append(out[i].Weights, row)
		}
	}
}

func (t *Translator) start() int32 {
	id, _ := t.Vocab.ID(t.Format.Start)
	return id
}

// Right reports, for each example of p, whether the model gives exactly its
// answer: [N]. It works through batches of a size.
func (t *Translator) Right(be backend.Backend, p *data.Pairs, batch int) []bool {
	right := make([]bool, p.N)
	tape := autograd.Config{Inference: true}.NewTape(be)
	for from := 0; from < p.N; from += batch {
		n := min(batch, p.N-from)
		questions := tape.Ints(p.X[from*p.TX:(from+n)*p.TX], n, p.TX)
		answers, _ := t.Model.Generate(tape, questions, t.start(), p.TT-1)
		for i := range n {
			_, want := p.Row(from + i)
			right[from+i] = slices.Equal(answers.Data()[i*(p.TT-1):(i+1)*(p.TT-1)], want[1:])
		}
		tape.Reset()
	}
	return right
}

// Save writes the model to a safetensors file, with what [OpenTranslator] needs
// and metadata of the caller's, such as seed and step.
func (t *Translator) Save(path string, metadata map[string]string) error {
	config, err := json.Marshal(struct {
		Config
		Format
	}{t.Config, t.Format})
	if err != nil {
		return fmt.Errorf("save model to %s: %w", path, err)
	}
	vocab, err := json.Marshal(t.Vocab)
	if err != nil {
		return fmt.Errorf("save model to %s: %w", path, err)
	}
	m := map[string]string{"architecture": string(t.Config.Arch), "config": string(config), "vocabulary": string(vocab)}
	for k, v := range metadata {
		m[k] = v
	}
	return nn.Save(path, t.Model, m)
}

// OpenTranslator reads a file written by Save.
func OpenTranslator(be backend.Backend, path string) (*Translator, error) {
	c, err := nn.Open(path)
	if err != nil {
		return nil, err
	}
	bad := func(format string, args ...any) error {
		return fmt.Errorf("model %s: %s", path, fmt.Sprintf(format, args...))
	}
	var config struct {
		Config
		Format
	}
	config.Arch = Arch(c.Metadata["architecture"])
	if !config.Arch.known() {
		return nil, bad("its architecture is %q; want %q, %q or %q", string(config.Arch), Plain, WithPeeking, WithAttention)
	}
	if err := json.Unmarshal([]byte(c.Metadata["config"]), &config); err != nil {
		return nil, bad("read its configuration: %v", err)
	}
	t := &Translator{Config: config.Config, Format: config.Format, Vocab: new(data.Vocabulary)}
	if err := json.Unmarshal([]byte(c.Metadata["vocabulary"]), t.Vocab); err != nil {
		return nil, bad("read its vocabulary: %v", err)
	}
	if _, ok := t.Vocab.ID(t.Format.Start); !ok || t.Vocab.Len() != t.Config.Vocab {
		return nil, bad("a vocabulary of %d tokens does not fit its configuration, which wants %d and the start mark %q", t.Vocab.Len(), t.Config.Vocab, t.Format.Start)
	}
	if t.Config.Embed < 1 || t.Config.Hidden < 1 || t.Format.Question < 1 || t.Format.Answer < 1 {
		return nil, bad("sizes of 0 or less in its configuration")
	}
	t.Model = t.Config.Arch.build(nn.NewInit(be, 0), t.Config)
	if err := c.Load(t.Model); err != nil {
		return nil, err
	}
	return t, nil
}
