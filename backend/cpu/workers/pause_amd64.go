package workers

// pause tells the processor n times that it waits in a loop: 40 to 140 cycles each,
// which the other hyperthread has to itself.
//
//go:noescape
func pause(n uint32)
