// Package plot draws the pictures of the command line: how the loss fell, what
// a classifier learnt, where attention looked, which words are neighbours.
//
// Each picture is a struct that is filled in and saved. The end of the name
// says whether a PNG (144 dots per inch) or an SVG is written, and it is
// written whole or not at all:
//
//	err := plot.Curves{
//		Title:  "spiral",
//		XLabel: "epoch",
//		YLabel: "loss",
//		Series: []plot.Series{{Name: "train", Y: losses}},
//	}.Save("runs/spiral/loss.png")
//
// The pictures are [Curves], [Decision], [Attention], [Panels] and [Scatter]. They share
// a white background, one font and a palette that readers with any kind of
// colour vision can tell apart; dashes and marker shapes repeat what colours
// say, so a grey print loses nothing.
//
// A picture that cannot be drawn is an error and never a panic: training should
// not end because of one.
//
// Read style.go for what they share, then any of the five. What is drawn is
// drawn by gonum.org/v1/plot.
package plot
