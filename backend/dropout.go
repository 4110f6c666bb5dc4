package backend

// Dropouter is offered by a backend that draws, compares and scales in one pass.
type Dropouter interface {
	Backend

	// Dropout writes src/(1-p) to dst where the uniform number of the element is at
	// least p, else 0. The numbers are those of Random with Uniform, key and
	// counter. dst and src are contiguous and of one shape; dst may be src; 0 <= p < 1.
	Dropout(dst, src *View, p float64, key, counter uint64)
}
