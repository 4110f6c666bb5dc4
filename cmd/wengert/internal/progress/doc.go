// Package progress shows on a terminal how far an epoch is.
//
//	bar := progress.New(os.Stderr, len(samples), "epoch 1/3")
//	for batch := range batches {
//		loss := step(batch)
//		bar.Step(len(batch), loss)
//	}
//	bar.Done()
//	fmt.Println("epoch 1: loss 0.0312, 99.8 % right")
//
// draws one line, which Done removes to make room for the caller's:
//
//	epoch 1/3  loss 0.0312  5124 samples/s  4s left  64% |███████████████         |
//
// Where the output is no terminal (a file, a pipe, CI) nothing is written at
// all, so what remains there are the caller's lines.
//
// There is one type, [Bar]; it is in progress.go. The bar itself is drawn by
// github.com/schollz/progressbar.
package progress
