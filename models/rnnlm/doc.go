// Package rnnlm is language models: recurrent networks that predict each word of a
// text from the words before it, from Deep Learning from Scratch 2, chapters 5 and
// 6.
//
//	m := rnnlm.New(in, rnnlm.Config{Vocab: 10000, Embed: 100, Hidden: 100, Cell: rnnlm.LSTM})
//	var state nn.LSTMState // zeros
//	for range windows {
//		var loss autograd.Var
//		loss, state = m.Loss(tape, ids, targets, state)
//		tape.Backward(loss)
//		opt.Step()
//		tape.Reset(state.Vars()...) // the state goes on, its gradient stops
//	}
//
// e to the loss is the perplexity. [RNNLM] is the model of both chapters: its
// [Cell] is what changes between them. [BetterRNNLM] is the one that chapter 6
// arrives at. Windows of text are data.Streams's. Both are an [lm.Model], of which
// package lm measures the perplexity and generates text; [NewText] and
// [NewBetterText] keep one with its vocabulary in a file.
//
// Read rnnlm.go next, then better.go.
package rnnlm
