package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/nn/train"
	"github.com/wengert-ml/wengert/tensor"
)

// commands is the command line: a field a command.
type commands struct {
	Analogy   analogyCommand   `cmd:"" help:"Complete an analogy with word vectors: king is to man as queen is to ?"`
	Convert   convertCommand   `cmd:"" help:"Write parameters in another format: safetensors, .npz, the book's .pkl, word2vec's."`
	Cooccur   cooccurCommand   `cmd:"" help:"Count which words of a text stand near which (chapter 2)."`
	CudaEnv   cudaEnvCommand   `cmd:"" name:"cuda-env" help:"Print what a shell has to set for building with -tags cuda, and write what that names."`
	Data      dataCommand      `cmd:"" help:"Print or write the data sets that are generated."`
	Devices   devicesCommand   `cmd:"" help:"List what can be computed on: the processor and the GPUs."`
	Eval      evalCommand      `cmd:"" help:"Measure a model: word vectors by similarities and analogies, a language model by its perplexity."`
	Generate  generateCommand  `cmd:"" help:"Let a language model write (chapter 7)."`
	Gradcheck gradcheckCommand `cmd:"" help:"Compare the tape's gradients with differences."`
	Gradflow  gradflowCommand  `cmd:"" help:"Show how gradients vanish and explode over time (chapter 6)."`
	Graph     graphCommand     `cmd:"" help:"Draw the computational graph of a formula (appendix A)."`
	Inspect   inspectCommand   `cmd:"" help:"Show what a file of parameters holds."`
	Similar   similarCommand   `cmd:"" help:"Print the words with the most similar vectors."`
	Train     trainCommand     `cmd:"" help:"Train a model."`
	Translate translateCommand `cmd:"" help:"Answer questions with a trained sequence-to-sequence model: dates into ISO form."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
	Wordnet   wordnetCommand   `cmd:"" help:"Look words up in WordNet: synonyms, hypernyms, similarity (chapter 2)."`
}

// trainCommand has a field for each model.
type trainCommand struct {
	Addition    additionCommand       `cmd:"" help:"Sums of numbers, digit by digit: sequence to sequence (chapter 7)."`
	BetterRNNLM betterRNNLMCommand    `cmd:"" name:"better-rnnlm" help:"A language model of two LSTM layers with dropout and tied weights (chapter 6)."`
	CBOW        cbowCommand           `cmd:"" name:"cbow" help:"Word vectors: a word from its neighbours, by negative sampling (chapter 4)."`
	Classifier  classifierCommand     `cmd:"" help:"Texts into classes by their words: what word vectors are worth (section 4.4.1)."`
	Count       countCommand          `cmd:"" help:"Word vectors by counting: co-occurrences, PPMI, SVD (chapter 2)."`
	Date        dateCommand           `cmd:"" help:"Dates into ISO form: a sequence-to-sequence model with attention (chapter 8)."`
	GNMT        gnmtCommand           `cmd:"" name:"gnmt" help:"Dates into ISO form by a deep model in the manner of GNMT (section 8.5.1)."`
	NTM         ntmCommand            `cmd:"" name:"ntm" help:"A Neural Turing Machine that copies or recalls sequences (section 8.5)."`
	RNNLM       rnnlmCommand          `cmd:"" name:"rnnlm" help:"A recurrent language model: RNN, LSTM or GRU (chapters 5 and 6)."`
	Seq2seq     seq2seqCommand        `cmd:"" name:"seq2seq" help:"Pairs of texts of your own: sequence to sequence (section 7.5)."`
	SimpleCBOW  simpleCBOWCommand     `cmd:"" name:"simple-cbow" help:"Word vectors: a word from its neighbours, by softmax, for small texts (chapter 3)."`
	SimpleSkip  simpleSkipgramCommand `cmd:"" name:"simple-skipgram" help:"Word vectors: the neighbours from a word, by softmax, for small texts (chapter 3)."`
	Skipgram    skipgramCommand       `cmd:"" name:"skipgram" help:"Word vectors: the neighbours from a word, by negative sampling (chapter 4)."`
	Sort        sortCommand           `cmd:"" help:"Letters into the order of the alphabet: sequence to sequence (section 7.5)."`
	Spiral      spiralCommand         `cmd:"" help:"Three arms of a spiral: a classifier with one hidden layer (chapter 1)."`
	Transformer transformerCommand    `cmd:"" help:"Attention alone: dates into ISO form, or a language model (section 8.5)."`
}

// session is what a command works with, so that a test can stand in for a terminal.
type session struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	err io.Writer

	config configuration // the command line, once it is parsed
}

func main() {
	os.Exit(run(&session{ctx: context.Background(), in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Args[1:]))
}

// run executes a command line and returns the exit status: 2 for a mistake in it,
// 1 for any other failure.
func run(s *session, args []string) (status int) {
	defer func() {
		if r := recover(); r != nil {
			status = s.fail(mistake(r))
		}
	}()
	exited := -1
	parser, err := kong.New(&commands{},
		kong.Name("wengert"),
		kong.Description("Deep learning on a tape: the models of Deep Learning from Scratch 2 in Go."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(s.out, s.err),
		kong.Vars{"formulas": formulaNames()},
		kong.Exit(func(code int) { exited = code }),
	)
	if err != nil {
		return s.fail(err)
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help has been printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(s.err, "wengert: %v; wengert --help lists commands and flags\n", err)
		return 2
	}
	s.config = newConfiguration(parsed)
	if err := parsed.Run(s); err != nil {
		return s.fail(err)
	}
	return 0
}

func (s *session) fail(err error) int {
	fmt.Fprintf(s.err, "wengert: %v\n", err)
	var usage *usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// usageError is a mistake in the command line that the parser cannot see.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

// mistake turns the panics that speak to people into errors. Any other panic is a
// defect of the program and is let through.
func mistake(r any) error {
	switch e := r.(type) {
	case *tensor.ShapeError:
		return e
	case *tensor.StaleError:
		return e
	case *autograd.AnomalyError:
		return e
	case *backend.Error:
		return e
	}
	panic(r)
}

// stopped reports whether training ended by Ctrl-C.
func stopped(err error) bool { return errors.Is(err, train.ErrStopped) }
