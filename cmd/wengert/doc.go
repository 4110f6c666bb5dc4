// Command wengert trains and uses the models of Deep Learning from Scratch 2.
//
//	wengert train date              learn to turn any way of writing a date into ISO form
//	wengert translate "sep 27, 1994"
//	wengert train spiral            the classifier of chapter 1
//	wengert train rnnlm             a recurrent language model (chapters 5 and 6)
//	wengert train transformer       attention alone, on dates or on text (section 8.5)
//	wengert train ntm               a network that learns to use a memory (section 8.5)
//	wengert generate                let it write
//	wengert graph lstm              draw a computational graph (appendix A)
//	wengert data english            what the artificial English looks like
//	wengert gradcheck               the tape's gradients against differences
//	wengert gradflow                how gradients vanish and explode over time (chapter 6)
//	wengert train count             word vectors from counts (chapter 2)
//	wengert similar you             words like it, in vectors that were trained
//	wengert analogy king man queen  what is to queen as man is to king
//	wengert cooccur                 who stands beside whom in a text
//	wengert wordnet car dog         how near two meanings are
//	wengert version
//
// wengert --help and wengert train date --help list the flags. A mistake in the
// command line ends with status 2, any other failure with status 1, both with one
// sentence that says what to do. Ctrl-C stops training after the step under way
// and saves; a second Ctrl-C ends it at once.
//
// main.go is the table of commands; each command has a file of its own.
package main
