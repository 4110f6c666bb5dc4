package textclass_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/autograd/gradtest"
	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/models/textclass"
	"github.com/wengert-ml/wengert/nn"
	"github.com/wengert-ml/wengert/nn/data"
	"github.com/wengert-ml/wengert/nn/optim"
)

// animals is three texts of different lengths about two classes.
func animals() (*data.Vocabulary, *data.Labelled) {
	v := data.NewVocabulary("a", "cat", "dog", "purrs", "barks")
	texts, err := data.NewLabelled([]data.LabelledText{
		{Words: []string{"a", "cat", "purrs"}, Class: "cat"},
		{Words: []string{"dog"}, Class: "dog"},
		{Words: []string{"a", "dog", "barks", "barks"}, Class: "dog"},
	}, v, nil)
	if err != nil {
		panic(err)
	}
	return v, texts
}

func TestGradients(t *testing.T) {
	v, texts := animals()
	m := textclass.New(nn.NewInit(reference.New(), 3), v.Len(), 3, 2)
	r := textclass.Reader{Texts: texts}
	gradtest.Model(t, nn.Params(m), func(tape *autograd.Tape) autograd.Var { return m.Loss(r.Batch(tape, []int{0, 1, 2})) })
}

// The scores are those of the mean of the words' vectors, however much a batch is
// filled up.
func TestForwardIsTheMean(t *testing.T) {
	v, texts := animals()
	m := textclass.New(nn.NewInit(reference.New(), 3), v.Len(), 2, 2)
	m.Use([]float32{1, 0, 0, 1, 2, 2, 4, 0, -1, 3})
	w, b := m.Out.W.Data.Float64s(), m.Out.B.Data.Float64s()
	tape := autograd.NewTape(reference.New())
	r := textclass.Reader{Texts: texts}
	got := m.Forward(r.Batch(tape, []int{2, 0, 1})).Value()
	require.Equal(t, []int{3, 2}, got.Shape())
	for i, mean := range [][2]float64{{(1 + 2 - 1 - 1) / 4.0, (0 + 2 + 3 + 3) / 4.0}, {5 / 3.0, 1 / 3.0}, {2, 2}} {
		for c := range 2 {
			assert.InDelta(t, mean[0]*w[c]+mean[1]*w[2+c]+b[c], got.Float64s()[2*i+c], 1e-6, "text %d, class %d", i, c)
		}
	}
}

func TestFrozenVectorsStay(t *testing.T) {
	v, texts := animals()
	be := cpu.New()
	m := textclass.New(nn.NewInit(be, 1), v.Len(), 4, 2)
	before := m.Embed.W.Data.Floats()
	m.Embed.W.Frozen = true
	train(m, autograd.NewTape(be), texts, 5)
	assert.Equal(t, before, m.Embed.W.Data.Floats())
	m.Embed.W.Frozen = false
	train(m, autograd.NewTape(be), texts, 5)
	assert.NotEqual(t, before, m.Embed.W.Data.Floats())
	assert.Panics(t, func() { m.Use(before[1:]) })
}

func train(m *textclass.Classifier, tape *autograd.Tape, texts *data.Labelled, steps int) {
	opt := &optim.Adam{Params: nn.Params(m), LR: 0.05}
	r := textclass.Reader{Texts: texts}
	for range steps {
		tape.Backward(m.Loss(r.Batch(tape, []int{0, 1, 2})))
		opt.Step()
		tape.Reset()
	}
}

// Vectors that know more words than have labels are of use: those of two kinds lie
// apart, and one word of each kind has a label.
func TestVectorsHelp(t *testing.T) {
	v := data.NewVocabulary("cat", "kitten", "tiger", "car", "lorry", "bus")
	text := func(word, class string) data.LabelledText {
		return data.LabelledText{Words: []string{word}, Class: class}
	}
	some, err := data.NewLabelled([]data.LabelledText{text("cat", "animal"), text("car", "vehicle")}, v, nil)
	require.NoError(t, err)
	others, err := data.NewLabelled([]data.LabelledText{text("kitten", "animal"), text("tiger", "animal"), text("lorry", "vehicle"), text("bus", "vehicle")}, v, some.Classes)
	require.NoError(t, err)
	be := cpu.New()
	m := textclass.New(nn.NewInit(be, 1), v.Len(), 2, 2)
	m.Use([]float32{1, 0.1, 0.9, 0.2, 1.2, -0.1, -1, 0, -0.8, 0.1, -1.1, 0.2})
	opt := &optim.Adam{Params: nn.Params(m), LR: 0.05}
	tape, r := autograd.NewTape(be), textclass.Reader{Texts: some}
	for range 100 {
		tape.Backward(m.Loss(r.Batch(tape, []int{0, 1})))
		opt.Step()
		tape.Reset()
	}
	accuracy, err := m.Accuracy(be, others)
	require.NoError(t, err)
	assert.Equal(t, 1.0, accuracy)
	m.Use(make([]float32, 12)) // which know nothing: all have the class of the larger bias
	accuracy, err = m.Accuracy(be, others)
	require.NoError(t, err)
	assert.Equal(t, 0.5, accuracy)
}

func TestWarmStepMakesNoGarbage(t *testing.T) {
	v, texts := animals()
	be := cpu.Config{Threads: 1}.New()
	m := textclass.New(nn.NewInit(be, 1), v.Len(), 4, 2)
	opt := &optim.Adam{Params: nn.Params(m), LR: 0.05}
	tape, r := autograd.NewTape(be), textclass.Reader{Texts: texts}
	batch := []int{0, 1, 2}
	step := func() {
		tape.Backward(m.Loss(r.Batch(tape, batch)))
		opt.Step()
		tape.Reset()
	}
	for range 3 {
		step()
	}
	assert.Zero(t, testing.AllocsPerRun(20, step))
}

func ExampleClassifier() {
	vocab := data.NewVocabulary("good", "great", "bad", "awful", "film")
	texts, _ := data.NewLabelled([]data.LabelledText{
		{Words: strings.Fields("good film"), Class: "praise"},
		{Words: strings.Fields("bad film"), Class: "blame"},
	}, vocab, nil)
	be := cpu.New()
	m := textclass.New(nn.NewInit(be, 1984), vocab.Len(), 3, texts.Classes.Len())
	r := textclass.Reader{Texts: texts}
	tape := autograd.NewTape(be)
	fmt.Println(m.Forward(r.Batch(tape, []int{0, 1})).Shape(), nn.Count(m), "parameters")
	// Output: [2 2] 23 parameters
}
