package data

import "fmt"

// Windows are the examples of word2vec in running text: each word that has Size
// neighbours on both sides is a target, and those neighbours are its context.
// Examples are cut out as they are asked for; the 930,000 of the Penn Treebank
// would be 37 MB at Size 5.
type Windows struct {
	Size int
	ids  []int32
}

// NewWindows returns the windows of size words on each side over ids. It panics
// where size is below 1.
func NewWindows(ids []int32, size int) Windows {
	if size < 1 {
		panic(fmt.Sprintf("data.NewWindows: window of %d words; want 1 or more", size))
	}
	return Windows{Size: size, ids: ids[:len(ids):len(ids)]}
}

// Len returns the number of examples, len(ids) - 2 Size, or 0.
func (w Windows) Len() int { return max(0, len(w.ids)-2*w.Size) }

// Batch copies the examples idx, B of them, to the caller's buffers: the contexts
// in the order of the text to contexts [B, 2 Size], the words in their middle to
// targets [B]. It panics where a buffer has another length or an index is not in
// [0, Len).
func (w Windows) Batch(idx []int, contexts, targets []int32) {
	checkLen("Windows.Batch: contexts", len(contexts), len(idx), 2*w.Size)
	checkLen("Windows.Batch: targets", len(targets), len(idx), 1)
	for i, at := range idx {
		window := w.ids[at : at+2*w.Size+1]
		context := contexts[i*2*w.Size : (i+1)*2*w.Size]
		copy(context, window[:w.Size])
		copy(context[w.Size:], window[w.Size+1:])
		targets[i] = window[w.Size]
	}
}
