package main

import "github.com/wengert-ml/wengert/nn/data"

// corpusFlags say which text to read.
type corpusFlags struct {
	Corpus string `default:"english" enum:"english,opticks,ptb" help:"The text: ${enum}. english is artificial and generated, opticks comes with Go, ptb is looked for in the cache and else downloaded."`
	Data   string `placeholder:"PATH" help:"A text file, of which 80 % are trained on, or a folder with NAME.train.txt, NAME.valid.txt and NAME.test.txt, instead."`
	Least  int    `default:"0" placeholder:"N" help:"Number words by frequency, and make <unk> of those that appear fewer than N times; 0 numbers all by first appearance."`
}

// open returns the three parts of the text, which share one vocabulary.
func (c *corpusFlags) open(seed uint64) (train, valid, test *data.Corpus, err error) {
	name := c.Corpus
	switch c.Data {
	case "":
	case "english", "opticks", "ptb":
		name = "./" + c.Data // the file of that name
	default:
		name = c.Data
	}
	return data.Open(name, data.Options{Least: c.Least, Seed: seed})
}

// english reports whether the text is artificial English.
func (c *corpusFlags) english() bool { return c.Data == "" && c.Corpus == "english" }
