package backend

// Basic returns be without its optional interfaces for fused kernels: what is
// composed of the methods of Backend then runs composed. Tests hold the two
// equal; benchmarks compare them. It keeps [Float64], [Collected] and [Forgetter], which
// say what be is and not what it does fast.
func Basic(be Backend) Backend {
	wide, isWide := be.(Float64)
	_, isCollected := be.(Collected)
	forgetter, forgets := be.(Forgetter)
	switch {
	case isWide && isCollected:
		return struct {
			Float64
			goMemory
		}{wide, goMemory{}}
	case isWide:
		return struct{ Float64 }{wide}
	case isCollected:
		return struct {
			Backend
			goMemory
		}{be, goMemory{}}
	case forgets:
		return struct{ Forgetter }{forgetter}
	}
	return struct{ Backend }{be}
}

// goMemory has the method of [Collected]. Embedding Collected itself would not
// do: a field of that name hides the method.
type goMemory struct{}

func (goMemory) Collected() {}
