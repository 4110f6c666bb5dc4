package ptx

import (
	"maps"
	"slices"
)

// FastMnemonics returns the instructions that have a loop of their own.
func FastMnemonics() []string { return slices.Sorted(maps.Keys(fastKinds)) }
