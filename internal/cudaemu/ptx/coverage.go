package ptx

import (
	"maps"
	"slices"
)

// Executed returns how many threads have executed each instruction of the module, by
// mnemonic. Those that no thread has reached are there with 0.
func (m *Module) Executed() map[string]uint64 {
	counts := map[string]uint64{}
	for _, name := range slices.Sorted(maps.Keys(m.Kernels)) {
		for _, in := range m.Kernels[name].code {
			counts[in.name] += in.count
		}
	}
	return counts
}
