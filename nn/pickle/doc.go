// Package pickle reads and writes the part of Python's pickle format that parameters
// are kept in: numbers, strings, lists, tuples, dictionaries and NumPy arrays. The
// parameters that come with Deep Learning from Scratch 2 are such files.
//
//	v, err := pickle.ReadFile("BetterRnnlm.pkl")
//	arrays, err := pickle.Arrays(v)               // a list of arrays, as the book saves models
//	words := v.(*pickle.Dict).Get("word_to_id")   // a dictionary, as it saves word vectors
//
// # Safe
//
// A pickle is a program: Python's own reader calls whatever functions the file names,
// so a file from a stranger can do anything. This reader calls nothing. It knows the
// constructors of NumPy arrays by name and refuses every other, and every opcode that
// it does not know; it takes no memory on the word of a length, and its errors say at
// which byte a file is wrong.
//
// # Values
//
//	Python              Go
//	None, True, int     nil, bool, int64
//	float, str, bytes   float64, string, []byte
//	list, tuple         *List, Tuple
//	dict                *Dict, in its order
//	numpy.ndarray       *Array
//
// Read read.go for the opcodes, array.go for NumPy's side of them.
package pickle
