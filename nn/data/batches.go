package data

import (
	"fmt"
	"iter"
)

// Shuffler puts n elements in random order by calls of swap. *rand.Rand of
// math/rand/v2 is one, and so is [RandomState].
type Shuffler interface {
	Shuffle(n int, swap func(i, j int))
}

// Perm returns the integers 0 .. n-1 in random order.
func Perm(n int, s Shuffler) []int {
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	s.Shuffle(n, func(i, j int) { perm[i], perm[j] = perm[j], perm[i] })
	return perm
}

// Split puts 0 .. n-1 in random order; the last held are the test set, the others
// the train set. The book's split of 50,000 is Split(50_000, 5_000,
// NewRandomState(1984)). It panics where held is not in [0, n].
func Split(n, held int, s Shuffler) (train, test []int) {
	if held < 0 || held > n {
		panic(fmt.Sprintf("data.Split: %d of %d examples held for the test; want 0 to %d", held, n, n))
	}
	perm := Perm(n, s)
	return perm[:n-held], perm[n-held:]
}

// Batches walks over the indices 0 .. N-1 of independent examples in mini-batches,
// each epoch in a new random order. It holds one permutation and yields parts of
// it, so a batch makes no garbage. Not for several goroutines at once.
type Batches struct {
	// DropLast leaves out the last batch of an epoch where it is smaller than the
	// others, as the book does.
	DropLast bool

	// Compound makes an epoch shuffle the order of the epoch before instead of
	// 0 .. N-1, as the book's Trainer does, which rearranges its arrays. The order
	// then depends on all epochs before.
	Compound bool

	size int
	perm []int
}

// NewBatches returns the batches of n examples, size to a batch. It panics where
// n is negative or size below 1.
func NewBatches(n, size int) *Batches {
	if n < 0 || size < 1 {
		panic(fmt.Sprintf("data.NewBatches: %d examples in batches of %d; want batches of 1 or more", n, size))
	}
	b := &Batches{size: size, perm: make([]int, n)}
	b.sort()
	return b
}

// Len returns the number of batches in an epoch.
func (b *Batches) Len() int {
	if b.DropLast {
		return len(b.perm) / b.size
	}
	return (len(b.perm) + b.size - 1) / b.size
}

// Epoch shuffles at once and returns the epoch's batches with their numbers from
// 0. Every index appears in exactly one batch (see DropLast), and the order is a
// function of s alone (see Compound). A nil s leaves the order 0 .. N-1.
//
// A batch may be read until the next call of Epoch, and must not be changed. To
// resume within an epoch, make s as it was made for it and skip the batches done:
//
//	for i, idx := range batches.Epoch(rngOf(seed, epoch)) {
//		if i < done {
//			continue
//		}
//		...
//	}
func (b *Batches) Epoch(s Shuffler) iter.Seq2[int, []int] {
	if s == nil || !b.Compound {
		b.sort()
	}
	if s != nil {
		s.Shuffle(len(b.perm), func(i, j int) { b.perm[i], b.perm[j] = b.perm[j], b.perm[i] })
	}
	return func(yield func(int, []int) bool) {
		for i := range b.Len() {
			end := min((i+1)*b.size, len(b.perm))
			if !yield(i, b.perm[i*b.size:end:end]) {
				return
			}
		}
	}
}

func (b *Batches) sort() {
	for i := range b.perm {
		b.perm[i] = i
	}
}

// Gather copies the rows idx of src [N, width] to dst [len(idx), width], the flat
// arrays of a batch. It panics where dst has another length or an index is not in
// [0, N).
func Gather[T any](dst, src []T, width int, idx []int) {
	checkLen("data.Gather: dst", len(dst), len(idx), width)
	src = src[:len(src):len(src)] // rows behind the end are out of range, whatever the capacity
	for i, row := range idx {
		copy(dst[i*width:(i+1)*width], src[row*width:(row+1)*width])
	}
}

// checkLen panics unless a buffer of n elements is exactly [rows, width].
func checkLen(what string, n, rows, width int) {
	if n != rows*width {
		panic(fmt.Sprintf("%s has %d elements; want [%d %d], which are %d", what, n, rows, width, rows*width))
	}
}
