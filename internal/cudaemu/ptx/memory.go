package ptx

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Addresses of global memory. Each allocation has a span of its own that is never
// given out again, with unmapped bytes around it, so that an address that runs past
// an end, or is used after Free, never meets other memory.
const (
	globalBase  = uint64(0x7000_0000_0000)
	granularity = 512     // of addresses, as cuMemAlloc aligns them
	redZone     = 1 << 16 // unmapped bytes after each allocation
)

// Poison fills memory that nobody has written: as a float32 it is a NaN.
const Poison = 0xff

// Memory is the global memory of a device.
type Memory struct {
	// Size is the most that may be allocated, in bytes; 0 means 1 GiB.
	Size uint64

	used  uint64
	next  uint64
	live  []*allocation // by address
	freed []span        // the most recent ones, for messages
	last  *allocation   // that of the last access
}

type span struct{ base, size uint64 }

// allocation is one piece of global memory.
type allocation struct {
	base  uint64
	data  []byte
	cells []cell
}

// cell is what the checks know of four bytes: who wrote them last, and who read
// them. See [record].
type cell struct{ w, r record }

// Limit returns how many bytes can be allocated in all.
func (m *Memory) Limit() uint64 {
	if m.Size == 0 {
		return 1 << 30
	}
	return m.Size
}

// Used returns how many bytes are allocated.
func (m *Memory) Used() uint64 { return m.used }

// Live returns how many allocations there are.
func (m *Memory) Live() int { return len(m.live) }

// Alloc returns the address of n > 0 poisoned bytes, and false where they do not fit.
func (m *Memory) Alloc(n uint64) (addr uint64, ok bool) {
	if n == 0 || n > m.Limit() || m.used+n > m.Limit() {
		return 0, false
	}
	if m.next == 0 {
		m.next = globalBase
	}
	a := &allocation{base: m.next, data: make([]byte, n), cells: make([]cell, (n+3)/4)}
	fill(a.data, Poison)
	m.live = append(m.live, a) // addresses only grow, so the order holds
	m.used += n
	m.next += (n + redZone + granularity - 1) / granularity * granularity
	return a.base, true
}

// Free gives back the allocation that begins at addr, and reports whether one does.
func (m *Memory) Free(addr uint64) bool {
	i, ok := slices.BinarySearchFunc(m.live, addr, func(a *allocation, addr uint64) int {
		return compare(a.base, addr)
	})
	if !ok {
		return false
	}
	a := m.live[i]
	m.live = slices.Delete(m.live, i, i+1)
	m.used -= uint64(len(a.data))
	m.freed = append(m.freed, span{a.base, uint64(len(a.data))})
	if len(m.freed) > 1024 {
		m.freed = slices.Delete(m.freed, 0, 512)
	}
	m.last = nil
	return true
}

// Range returns the allocation that holds addr: its first address and size in bytes.
func (m *Memory) Range(addr uint64) (base, size uint64, ok bool) {
	a := m.find(addr, 1)
	if a == nil {
		return 0, 0, false
	}
	return a.base, uint64(len(a.data)), true
}

// Write copies p from the host to addr. The error says what lies there instead.
func (m *Memory) Write(addr uint64, p []byte) error {
	dst, err := m.Bytes(addr, uint64(len(p)))
	if err != nil {
		return err
	}
	copy(dst, p)
	return m.Initialise(addr, uint64(len(p)))
}

// Initialise marks n bytes as written by the host.
func (m *Memory) Initialise(addr, n uint64) error {
	if n == 0 {
		return nil
	}
	a := m.find(addr, n)
	if a == nil {
		return m.outside(addr, n)
	}
	off := addr - a.base
	for i := off / 4; i < (off+n+3)/4; i++ {
		a.cells[i].w = byHost
	}
	return nil
}

// Forget makes the n bytes at addr what those of Alloc are: poisoned, and written by
// nobody. addr and n are multiples of 4.
func (m *Memory) Forget(addr, n uint64) error {
	if n == 0 {
		return nil
	}
	if (addr|n)%4 != 0 {
		return fmt.Errorf("%d bytes at %#x are forgotten; want multiples of 4", n, addr)
	}
	a := m.find(addr, n)
	if a == nil {
		return m.outside(addr, n)
	}
	off := addr - a.base
	fill(a.data[off:off+n], Poison)
	clear(a.cells[off/4 : (off+n)/4])
	return nil
}

// Written reports whether the n bytes at addr are allocated and all written.
func (m *Memory) Written(addr, n uint64) bool {
	a := m.find(addr, n)
	if a == nil {
		return false
	}
	off := addr - a.base
	for i := off / 4; i < (off+n+3)/4; i++ {
		if a.cells[i].w == 0 {
			return false
		}
	}
	return true
}

// CopyState gives n bytes at dst the state of those at src: written or not.
func (m *Memory) CopyState(dst, src, n uint64) error {
	if (dst|src)%4 != 0 {
		return m.Initialise(dst, n)
	}
	if n == 0 {
		return nil
	}
	to, from := m.find(dst, n), m.find(src, n)
	if to == nil {
		return m.outside(dst, n)
	}
	if from == nil {
		return m.outside(src, n)
	}
	for i := range (n + 3) / 4 {
		w := record(0)
		if from.cells[(src-from.base)/4+i].w != 0 {
			w = byHost
		}
		to.cells[(dst-to.base)/4+i].w = w
	}
	return nil
}

// Bytes returns the n bytes at addr themselves.
func (m *Memory) Bytes(addr, n uint64) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	a := m.find(addr, n)
	if a == nil {
		return nil, m.outside(addr, n)
	}
	return a.data[addr-a.base:][:n], nil
}

// find returns the allocation that holds all n bytes at addr, nil if there is none.
func (m *Memory) find(addr, n uint64) *allocation {
	if a := m.last; a != nil && a.holds(addr, n) {
		return a
	}
	i, ok := slices.BinarySearchFunc(m.live, addr, func(a *allocation, addr uint64) int {
		return compare(a.base, addr)
	})
	if !ok {
		i--
	}
	if i < 0 || !m.live[i].holds(addr, n) {
		return nil
	}
	m.last = m.live[i]
	return m.last
}

func (a *allocation) holds(addr, n uint64) bool {
	off := addr - a.base
	return off < uint64(len(a.data)) && n <= uint64(len(a.data))-off
}

// outside describes n bytes at addr that are in no allocation.
func (m *Memory) outside(addr, n uint64) error {
	for _, s := range slices.Backward(m.freed) {
		if addr-s.base < s.size {
			return fmt.Errorf("%d bytes at %#x, in memory that was freed: %d bytes into what were %d bytes at %#x", n, addr, addr-s.base, s.size, s.base)
		}
	}
	i, _ := slices.BinarySearchFunc(m.live, addr, func(a *allocation, addr uint64) int {
		return compare(a.base, addr)
	})
	if i < len(m.live) && m.live[i].base == addr {
		return fmt.Errorf("%d bytes at %#x, where only %d are allocated", n, addr, len(m.live[i].data))
	}
	if i > 0 {
		a := m.live[i-1]
		if off := addr - a.base; off < uint64(len(a.data))+redZone {
			return fmt.Errorf("%d bytes at %#x, which is %d bytes into an allocation of %d bytes at %#x", n, addr, off, len(a.data), a.base)
		}
	}
	if i < len(m.live) {
		a := m.live[i]
		if before := a.base - addr; before < redZone {
			return fmt.Errorf("%d bytes at %#x, which is %d bytes before an allocation of %d bytes at %#x", n, addr, before, len(a.data), a.base)
		}
	}
	return fmt.Errorf("%d bytes at %#x, where nothing is allocated", n, addr)
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func fill(p []byte, v byte) {
	for i := range p {
		p[i] = v
	}
}

// load returns the little-endian value of size bytes at the front of p.
func load(p []byte, size uint64) uint64 {
	switch size {
	case 4:
		return uint64(binary.LittleEndian.Uint32(p))
	case 8:
		return binary.LittleEndian.Uint64(p)
	case 2:
		return uint64(binary.LittleEndian.Uint16(p))
	}
	return uint64(p[0])
}

// store puts the size low bytes of v at the front of p.
func store(p []byte, size, v uint64) {
	switch size {
	case 4:
		binary.LittleEndian.PutUint32(p, uint32(v))
	case 8:
		binary.LittleEndian.PutUint64(p, v)
	case 2:
		binary.LittleEndian.PutUint16(p, uint16(v))
	default:
		p[0] = byte(v)
	}
}
