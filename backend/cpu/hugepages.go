package cpu

import "unsafe"

// hugePage is the size of the large pages that Linux has beside those of 4 KiB.
const hugePage = 2 << 20

// inHugePages asks for large pages where all of one lies in s. A pass over a large
// operand then needs a five-hundredth of the translations of addresses, and so does a
// table whose rows are read in any order: a step of CBOW with a dense Adam, which goes
// through 12 MB, takes four fifths of the time. Where the system has a mind of its own,
// nothing changes.
func inHugePages[T float32 | int32 | uint16](s []T) {
	size := uintptr(len(s)) * unsafe.Sizeof(T(0))
	if size < hugePage {
		return
	}
	first := unsafe.Pointer(unsafe.SliceData(s))
	before := -uintptr(first) % hugePage
	if size < before+hugePage {
		return
	}
	adviseHuge(unsafe.Slice((*byte)(unsafe.Add(first, before)), (size-before)/hugePage*hugePage))
}
