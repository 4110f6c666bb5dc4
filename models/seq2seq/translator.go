package seq2seq

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/models/beam"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
)

// Translator is a model with what it takes to use it on text: the vocabulary, the
// widths of question and answer, and whether questions are read from right to left.
type Translator struct {
	Model        Model // its parameters are those that [nn.Params] finds
	Vocab        *data.Vocabulary
	Architecture string // names the network: "seq2seq/attention"
	Config       any    // what the network is built from; JSON can hold it
	Format       Format
}

// Format is the form of questions and answers.
type Format struct {
	Question int    // characters of a padded question, T
	Answer   int    // characters of an answer, without its start mark
	Start    string // the start mark
	Reversed bool   // questions are read from right to left
}

// FormatOf returns the form of pairs of questions and answers.
func FormatOf(p *data.Pairs) Format {
	return Format{Question: p.TX, Answer: p.TT - 1, Start: p.Vocab.Token(p.T[0]), Reversed: p.Reversed}
}

// NewTranslator returns an untrained model, c.Arch's, for pairs of questions and
// answers; c.Vocab is filled in.
func NewTranslator(in *nn.Init, c Config, p *data.Pairs) *Translator {
	c.Arch, c.Vocab = cmp.Or(c.Arch, WithAttention), p.Vocab.Len()
	return &Translator{Model: New(in, c), Vocab: p.Vocab, Architecture: string(c.Arch), Config: c, Format: FormatOf(p)}
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
	ids, out, err := t.encode(questions)
	if len(out) == 0 {
		return nil, err
	}
	tape := autograd.Config{Inference: true}.NewTape(be)
	err = autograd.Try(func() {
		answers, attended := t.Model.Generate(tape, tape.Ints(ids, len(questions), t.Format.Question), t.start(), t.Format.Answer)
		for i := range out {
			out[i].Answer = t.text(answers.Data()[i*t.Format.Answer : (i+1)*t.Format.Answer])
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

// Answer is one of several answers to a question.
type Answer struct {
	Text    string  // without padding
	LogProb float64 // the logarithm of its probability, in nats
	Score   float64 // what the search rated it by
}

// Search seeks several answers to each of questions, the best first, where the model
// is a [Starter]. The errors are those of Translate.
func (t *Translator) Search(be backend.Backend, s beam.Search, questions []string) ([][]Answer, error) {
	m, ok := t.Model.(Starter)
	if !ok {
		return nil, fmt.Errorf("search for answers: the model %s writes one answer alone", t.Architecture)
	}
	ids, asked, err := t.encode(questions)
	if len(asked) == 0 {
		return nil, err
	}
	answers := make([][]Answer, len(questions))
	tape := autograd.Config{Inference: true}.NewTape(be)
	err = autograd.Try(func() {
		d := m.Start(tape, tape.Ints(ids, len(questions), t.Format.Question))
		for i, found := range s.Run(tape, d, len(questions), t.start(), beam.NoEnd, t.Format.Answer) {
			for _, f := range found { // padding is no part of an answer's length
				text := t.text(f.IDs)
				answers[i] = append(answers[i], Answer{text, f.LogProb, s.Score(f.LogProb, utf8.RuneCountInString(text)+1)})
			}
			slices.SortStableFunc(answers[i], func(a, b Answer) int { return cmp.Compare(b.Score, a.Score) })
		}
	})
	if err != nil {
		return nil, fmt.Errorf("search for answers: %w", err)
	}
	return answers, nil
}

// text is an answer as people read it.
func (t *Translator) text(ids []int32) string {
	return strings.TrimRight(strings.Join(t.Vocab.Decode(ids), ""), " ")
}

// encode returns questions as ids [N, T], and padded as translations without an answer.
func (t *Translator) encode(questions []string) (ids []int32, out []Translation, err error) {
	for _, q := range questions {
		padded, err := data.Pad(q, t.Format.Question)
		if err != nil {
			return nil, nil, fmt.Errorf("translate: %w", err)
		}
		row, err := t.Vocab.Encode(data.Chars(padded))
		if err != nil {
			return nil, nil, fmt.Errorf("translate %q: %w", q, err)
		}
		if t.Format.Reversed {
			slices.Reverse(row)
		}
		ids = append(ids, row...)
		out = append(out, Translation{Question: padded})
	}
	return ids, out, nil
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
	m := map[string]string{"architecture": t.Architecture}
	for key, value := range map[string]any{"config": t.Config, "form": t.Format, "vocabulary": t.Vocab} {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("save model to %s: %w", path, err)
		}
		m[key] = string(text)
	}
	maps.Copy(m, metadata)
	return nn.Save(path, t.Model, m)
}

// Builder returns the network that an architecture and a configuration name, for a
// number of tokens. It is an error if it knows no such architecture or the
// configuration does not fit.
type Builder func(architecture string, config []byte, tokens int) (Model, error)

// Build is a [Builder] for the models of this package.
func Build(in *nn.Init, architecture string, config []byte, tokens int) (Model, error) {
	c := Config{Arch: Arch(architecture)}
	if !c.Arch.known() {
		return nil, fmt.Errorf("its architecture is %q; want one of %q", architecture, archs)
	}
	if err := json.Unmarshal(config, &c); err != nil {
		return nil, fmt.Errorf("read its configuration: %w", err)
	}
	if c.Vocab != tokens || c.Embed < 1 || c.Hidden < 1 {
		return nil, fmt.Errorf("its configuration is %s for a vocabulary of %d tokens; want as many tokens and widths of 1 or more", config, tokens)
	}
	return c.Arch.build(in, c), nil
}

// OpenTranslator reads a file written by Save: build makes the model, whose values
// then come from the file.
func OpenTranslator(path string, build Builder) (*Translator, error) {
	c, err := nn.Open(path)
	if err != nil {
		return nil, err
	}
	config := []byte(c.Metadata["config"])
	t := &Translator{Vocab: new(data.Vocabulary), Architecture: c.Metadata["architecture"], Config: json.RawMessage(config)}
	vocab, ok := c.Metadata["vocabulary"]
	if !ok {
		return nil, fmt.Errorf("model %s: its architecture is %q and it has no vocabulary; want a model that translates", path, t.Architecture)
	}
	if err := json.Unmarshal([]byte(vocab), t.Vocab); err != nil {
		return nil, fmt.Errorf("model %s: read its vocabulary: %w", path, err)
	}
	if t.Model, err = build(t.Architecture, config, t.Vocab.Len()); err != nil {
		return nil, fmt.Errorf("model %s: %w", path, err)
	}
	format, ok := c.Metadata["form"]
	if !ok { // the first files had it among the configuration
		format = string(config)
	}
	if err := json.Unmarshal([]byte(format), &t.Format); err != nil {
		return nil, fmt.Errorf("model %s: read the form of its questions: %w", path, err)
	}
	if _, ok := t.Vocab.ID(t.Format.Start); !ok || t.Format.Question < 1 || t.Format.Answer < 1 {
		return nil, fmt.Errorf("model %s: questions of %d characters, answers of %d, from the start mark %q; want 1 or more of both and a mark of its vocabulary", path, t.Format.Question, t.Format.Answer, t.Format.Start)
	}
	return t, c.Load(t.Model)
}
