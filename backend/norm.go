package backend

// Normer is offered by a backend that squares and sums in one pass.
type Normer interface {
	Backend

	// SumSquares writes the sum of the squares of src [...], which is contiguous, to
	// dst, which has one element.
	SumSquares(dst, src *View)
}
