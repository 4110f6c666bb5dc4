// Package bookfile knows how the code of Deep Learning from Scratch 2 saves its models:
// as a list of arrays without names, float16, in a pickle; word vectors as a dictionary.
//
//	v, err := pickle.ReadFile("AttentionSeq2seq.pkl")
//	f, err := bookfile.Params(v)           // the parameters by their names here
//	list, err := bookfile.List(f)          // and back
//
// The book's layers and those of package nn have the same orders: gates f, g, i, o in
// one matrix, the context above the hidden state, the encoder's state above the word
// vector. So a file's arrays are the parameters as they are, in the order in which
// [nn.Params] finds them; only the better language model lists its tied weights a second
// time, transposed. Which model a list is, its shapes tell.
package bookfile
