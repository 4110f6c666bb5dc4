package ptx

import "fmt"

// record says who touched four bytes: bit by bit, from the top,
//
//	segment 36 | bytes 4 | thread 11 | warp epoch 11 | other blocks 1 | strong 1
//
// A segment is the time of one block between two barriers. Segments are numbered
// through, over all launches, so a record with a smaller one than the launch's first
// is history, and one with a smaller one than the block's first is another block's.
// Two accesses of one segment are in order if one thread makes both, or one warp
// with a bar.warp.sync between (the warp epoch counts those).
type record uint64

const (
	segmentShift = 28
	bytesShift   = 24
	threadShift  = 13
	epochShift   = 2
	otherBlocks  = record(2) // of a reader: blocks before this one have read as well
	strongAccess = record(1)

	byHost = record(1) << bytesShift // a copy from the host: before any segment

	// Readers of which only the warp, or nothing, is known.
	warpReaders = 1024 // + the warp's index
	manyReaders = 2047
)

func (r record) segment() record { return r >> segmentShift << segmentShift }
func (r record) thread() int     { return int(r >> threadShift & 2047) }
func (r record) epoch() record   { return r >> epochShift & 2047 }

func (r record) warp() int {
	if t := r.thread(); t >= warpReaders {
		return t - warpReaders
	}
	return r.thread() / warpSize
}

// me returns the record of an access by a lane.
func (b *block) me(w *warp, lane int, in *instr, addr uint64) record {
	bytes := record(15)
	if in.size < 4 {
		bytes = (1<<in.size - 1) << (addr & 3)
	}
	r := b.segment | bytes<<bytesShift | record(w.index*warpSize+lane)<<threadShift | (w.epoch&2047)<<epochShift
	if in.strong {
		r |= strongAccess
	}
	return r
}

// low returns the first record that matters in a space: shared memory is new with
// each block.
func (b *block) low(s space) record {
	if s == shared {
		return b.blockLow
	}
	return b.launchLow
}

// unordered reports whether nothing orders an earlier access, old, before me. Records
// before low do not matter.
func (b *block) unordered(old, me, low record) bool {
	if old < low || old&me&strongAccess != 0 {
		return false
	}
	if s := old.segment(); s < b.blockLow {
		return true // another block's
	} else if s < me.segment() {
		return false // a barrier lies between
	}
	switch {
	case old.thread() == me.thread():
		return false
	case old&me&(15<<bytesShift) == 0:
		return false // other bytes
	case old.thread() != manyReaders && old.warp() == me.warp() && old.epoch() != me.epoch():
		return false // a barrier of the warp lies between
	}
	return true
}

// merge returns the record of readers old and me together.
func (b *block) merge(old, me, low record) record {
	if old < low {
		return me
	}
	others := old & otherBlocks
	me &^= strongAccess &^ old // strong only if all are
	if s := old.segment(); s < b.blockLow {
		return me | otherBlocks
	} else if s < me.segment() || old.thread() == me.thread() {
		return me | others
	}
	me |= old & (15 << bytesShift)
	who := record(manyReaders)
	if old.thread() != manyReaders && old.warp() == me.warp() {
		if old.epoch() != me.epoch() {
			return me | others
		}
		who = warpReaders + record(me.warp())
	}
	return me&^(2047<<threadShift) | who<<threadShift | others
}

// place is where an address lies.
type place struct {
	space space
	data  []byte
	cells []cell // nil for local memory, which no other thread sees
	off   uint64
	addr  uint64 // as the instruction gave it
}

// locate finds n bytes at addr. The error says what lies there instead.
func (b *block) locate(w *warp, lane int, s space, addr, n uint64) (place, error) {
	given := addr
	if s == generic {
		switch {
		case addr-sharedWindow < windowSize:
			s, addr = shared, addr-sharedWindow
		case addr-localWindow < windowSize:
			s, addr = local, addr-localWindow
		default:
			s = global
		}
	}
	switch s {
	case shared:
		if n > uint64(len(b.shared)) || addr > uint64(len(b.shared))-n {
			return place{}, fmt.Errorf("%d bytes at %#x of the %d bytes of shared memory%s", n, addr, len(b.shared), b.hint(addr))
		}
		return place{s, b.shared, b.machine.cells[:], addr, given}, nil
	case local:
		if n > b.kernel.local || addr > b.kernel.local-n {
			return place{}, fmt.Errorf("%d bytes at %#x of the %d bytes of local memory%s", n, addr, b.kernel.local, b.hint(addr))
		}
		return place{s, w.local[lane], nil, addr, given}, nil
	}
	a := b.machine.Memory.find(addr, n)
	if a == nil {
		return place{}, b.machine.Memory.outside(addr, n)
	}
	return place{global, a.data, a.cells, addr - a.base, given}, nil
}

// hint names the space that an address would fit.
func (b *block) hint(addr uint64) string {
	if _, _, ok := b.machine.Memory.Range(addr); ok {
		return "; it is an address of global memory"
	}
	if addr-sharedWindow < windowSize || addr-localWindow < windowSize {
		return "; it is a generic address"
	}
	return ""
}

// access executes ld, st, atom and red.
func (b *block) access(w *warp, in *instr, pc int32, lanes []uint8) error {
	if in.kind != kindAtomic && in.size == 4 && in.f == nil && !in.strong && !in.readOnly && (in.space == shared || in.space == global) {
		return b.accessWords(w, in, pc, lanes)
	}
	for _, l := range lanes {
		if err := b.accessLane(w, in, pc, int(l)); err != nil {
			return err
		}
	}
	return nil
}

// accessLane executes any access of one lane.
func (b *block) accessLane(w *warp, in *instr, pc int32, lane int) error {
	addr := w.columns[in.a][lane] + in.offset
	n := in.size * uint64(max(len(in.regs), 1))
	p, err := b.locate(w, lane, in.space, addr, n)
	if err != nil {
		return b.fault(w, lane, pc, OutOfBounds, addr, in.verb()+" of "+err.Error())
	}
	if addr%n != 0 {
		return b.fault(w, lane, pc, Misaligned, addr, fmt.Sprintf("%s of %d bytes at %#x", in.verb(), n, addr))
	}
	if p.cells != nil {
		for off := p.off; off < p.off+n; off += 4 - off%4 {
			if err := b.checkCell(w, in, pc, lane, p, off); err != nil {
				return err
			}
		}
	}
	switch in.kind {
	case kindLoad:
		for i, r := range in.regs {
			if r < 0 {
				continue
			}
			v := load(p.data[p.off+uint64(i)*in.size:], in.size)
			if in.f != nil {
				v = in.f(v, 0, 0)
			}
			w.columns[r][lane] = v
		}
	case kindStore:
		for i, r := range in.regs {
			store(p.data[p.off+uint64(i)*in.size:], in.size, w.columns[r][lane])
		}
	case kindAtomic:
		old := load(p.data[p.off:], in.size)
		store(p.data[p.off:], in.size, in.f(old, w.columns[in.b][lane], w.columns[in.c][lane]))
		if in.d >= 0 {
			w.columns[in.d][lane] = old
		}
	}
	return nil
}

// verb names the access.
func (in *instr) verb() string {
	switch in.kind {
	case kindLoad:
		return "read"
	case kindStore:
		return "write"
	}
	return "atomic"
}

// checkCell checks the access to the four bytes around off, and records it.
func (b *block) checkCell(w *warp, in *instr, pc int32, lane int, p place, off uint64) error {
	c := &p.cells[off/4]
	me, low := b.me(w, lane, in, off), b.low(p.space)
	addr := p.addr + off - p.off
	if in.kind != kindStore {
		written := c.w != 0
		if p.space == shared {
			written = c.w >= b.blockLow
		}
		if !written && !b.machine.AllowUninitialised {
			return b.fault(w, lane, pc, Uninitialised, addr, fmt.Sprintf("%s of 4 bytes of %v memory at %#x that nobody has written", in.verb(), p.space, addr))
		}
	}
	if in.readOnly && c.w >= b.launchLow {
		return b.fault(w, lane, pc, Race, addr, fmt.Sprintf("read by ld.global.nc of 4 bytes at %#x that this launch has written", addr))
	}
	if b.unordered(c.w, me, low) {
		return b.race(w, pc, lane, in, p.space, addr, "wrote", c.w)
	}
	if in.kind == kindLoad {
		c.r = b.merge(c.r, me, low)
		return nil
	}
	if c.r >= low && (b.unordered(c.r, me, low) || c.r&otherBlocks != 0 && c.r&me&strongAccess == 0) {
		return b.race(w, pc, lane, in, p.space, addr, "read", c.r)
	}
	c.w = me
	return nil
}

// race describes an access that nothing orders after that of old.
func (b *block) race(w *warp, pc int32, lane int, in *instr, s space, addr uint64, did string, old record) error {
	who := "another block"
	switch t := old.thread(); {
	case old.segment() < b.blockLow || old&otherBlocks != 0:
	case t == manyReaders:
		who = "several threads of the block"
	case t >= warpReaders:
		who = fmt.Sprintf("several threads of warp %d", t-warpReaders)
	default:
		who = fmt.Sprintf("thread %v", b.shape.Block.position(t))
	}
	return b.fault(w, lane, pc, Race, addr, fmt.Sprintf("%s of 4 bytes of %v memory at %#x that %s %s, with nothing to order the two", in.verb(), s, addr, who, did))
}

// accessWords executes ld and st of 32-bit values, alone or in vectors, in shared
// and global memory: the common case of accessLane. It looks at a cell twice only
// where this launch, or in shared memory this segment, has touched it before.
func (b *block) accessWords(w *warp, in *instr, pc int32, lanes []uint8) error {
	n := 4 * uint64(len(in.regs))
	data, cells, base := b.shared, b.machine.cells[:], uint64(0)
	low, written := b.segment, b.blockLow
	if in.space == global {
		data, cells = nil, nil
		low, written = b.launchLow, 1
		if a := b.machine.Memory.last; a != nil {
			data, cells, base = a.data, a.cells, a.base
		}
	}
	addrs := &w.columns[in.a]
	self := b.me(w, 0, in, 0)
	for _, l := range lanes {
		addr := addrs[l&31] + in.offset
		off := addr - base
		if off >= uint64(len(data)) || uint64(len(data))-off < n {
			p, err := b.locate(w, int(l), in.space, addr, n)
			if err != nil {
				return b.fault(w, int(l), pc, OutOfBounds, addr, in.verb()+" of "+err.Error())
			}
			data, cells, base, off = p.data, p.cells, addr-p.off, p.off
		}
		if addr&(n-1) != 0 {
			return b.fault(w, int(l), pc, Misaligned, addr, fmt.Sprintf("%s of %d bytes at %#x", in.verb(), n, addr))
		}
		me := self + record(l)<<threadShift
		for i, r := range in.regs {
			at := off + 4*uint64(i)
			c := &cells[at>>2]
			if in.kind == kindLoad {
				switch {
				case c.w-written >= low-written:
					if err := b.checkCell(w, in, pc, int(l), place{in.space, data, cells, off, addr}, at); err != nil {
						return err
					}
				case c.r < low:
					c.r = me
				default:
					c.r = b.merge(c.r, me, b.low(in.space))
				}
				if r >= 0 {
					w.columns[r][l&31] = load(data[at:], 4)
				}
				continue
			}
			if c.w >= low || c.r >= low {
				if err := b.checkCell(w, in, pc, int(l), place{in.space, data, cells, off, addr}, at); err != nil {
					return err
				}
			}
			c.w = me
			store(data[at:], 4, w.columns[r][l&31])
		}
	}
	return nil
}
