//go:build !race

package autograd_test

// raceEnabled says whether the race detector is on, which allocates and is slow.
const raceEnabled = false
