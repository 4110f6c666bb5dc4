package backend

// Holder is offered by a backend that can prepare a matrix for many products with it, as
// the weights of a recurrent layer are multiplied with at every time step.
type Holder interface {
	Backend

	// Hold says that y [K, N] is about to be the right factor of several products with
	// so many rows, and does not change until Release. Products with it have the same
	// bits as without.
	Hold(y *View, rows int)

	// Release ends a Hold of the same view.
	Release(y *View)
}
