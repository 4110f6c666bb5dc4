package backend

// RowMixer is offered by a backend that multiplies and adds up rows of a table where they
// lie, without a copy of them: what embeddings of several words and negative sampling
// are made of.
//
// table and dst of ScatterProducts are [V, D]. ids [N·K] is of dtype I32, each in
// [0, V): K rows for each of N vectors. Everything is contiguous, and nothing overlaps.
type RowMixer interface {
	Backend

	// GatherDots writes the products of the rows with the vector that they are for,
	// x [N, D], to dst [N, K]:
	//
	//	dst[n, k] = table[ids[n, k]] · x[n]
	GatherDots(dst, table, x, ids *View)

	// GatherSums writes the sums of the rows, weighted by w [N, K], to dst [N, D]:
	//
	//	dst[n] = Σₖ w[n, k] table[ids[n, k]]
	GatherSums(dst, table, w, ids *View)

	// ScatterProducts adds products of vectors x [N, D] and weights w [N, K] to rows of
	// dst, in the order of ids:
	//
	//	dst[ids[n, k]] += w[n, k] x[n]
	ScatterProducts(dst, w, x, ids *View)
}
