package backend

// Forgetter is offered by a backend that can tell when memory is read that nobody has
// written since it was handed out, as an emulated device can.
type Forgetter interface {
	Backend

	// Forget says that nobody wants what buf holds any more, though it is not freed: it
	// is written before it is read again. It comes in order with the kernels.
	Forget(buf Buffer)
}
