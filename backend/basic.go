package backend

// Basic returns be without its optional interfaces for fused kernels: what is
// composed of the methods of Backend then runs composed. Tests hold the two
// equal; benchmarks compare them.
func Basic(be Backend) Backend {
	switch be := be.(type) {
	case Float64:
		return struct{ Float64 }{be}
	case Collected:
		return struct{ Collected }{be}
	}
	return struct{ Backend }{be}
}
