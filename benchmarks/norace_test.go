//go:build !race

package benchmarks

// raceEnabled says that the race detector is on, which allocates.
const raceEnabled = false
