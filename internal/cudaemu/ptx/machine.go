package ptx

import (
	"fmt"
	"math"
	"math/bits"
)

// Limits of an sm_70 device.
const (
	MaxThreads = 1024      // in a block
	MaxBlockZ  = 64        // threads of a block along z
	MaxGridX   = 1<<31 - 1 // blocks along x
	MaxGridYZ  = 1<<16 - 1 // blocks along y and z
	MaxShared  = 48 << 10  // bytes of shared memory, static and dynamic
	warpSize   = 32
)

// Machine executes kernels, one thread of the host for all of a device's. The order
// of everything is fixed: blocks in turn, warps in turn up to the next barrier, and
// in a warp the threads with the lowest line of PTX first. So a launch gives the
// same bits, and the same fault, every time.
type Machine struct {
	Memory *Memory

	// Limit is the number of instructions of warps after which a launch counts as
	// runaway; 0 means 1<<30.
	Limit int64

	// Backwards runs the last block first, which shows results that depend on the
	// order of blocks.
	Backwards bool

	// AllowUninitialised leaves out the check of reads that nobody has written: they
	// see [Poison].
	AllowUninitialised bool

	segment uint64 // the number of the last phase between two barriers; see record
	shared  [MaxShared]byte
	cells   [MaxShared / 4]cell
}

// Shape is the size of a launch.
type Shape struct {
	Grid   Dim3 // in blocks
	Block  Dim3 // in threads
	Shared int  // bytes of dynamic shared memory
}

// Launch runs a kernel to its end. Each parameter takes a slot of args, which it
// fills from the low end. The error is a [*LaunchError], or the [*Fault] of the
// first thread that did wrong; what ran before it has happened.
func (m *Machine) Launch(k *Kernel, s Shape, args []uint64) error {
	if err := m.Check(k, s, len(args)); err != nil {
		return err
	}
	b := newBlock(m, k, s, args)
	blocks := s.Grid.count()
	for i := range blocks {
		if m.Backwards {
			i = blocks - 1 - i
		}
		if err := b.run(s.Grid.position(i)); err != nil {
			return err
		}
	}
	return nil
}

// Check returns the [*LaunchError] of a launch that the device refuses.
func (m *Machine) Check(k *Kernel, s Shape, args int) error {
	refuse := func(format string, a ...any) error {
		return &LaunchError{Kernel: k.Name, Detail: fmt.Sprintf(format, a...)}
	}
	g, t := s.Grid, s.Block
	switch {
	case args != len(k.Params):
		return refuse("%d arguments; the kernel takes %d", args, len(k.Params))
	case min(g.X, g.Y, g.Z) < 1 || g.X > MaxGridX || max(g.Y, g.Z) > MaxGridYZ:
		return refuse("a grid of %v blocks; want 1 to (%d,%d,%d)", g, MaxGridX, MaxGridYZ, MaxGridYZ)
	case min(t.X, t.Y, t.Z) < 1 || max(t.X, t.Y) > MaxThreads || t.Z > MaxBlockZ || t.count() > MaxThreads:
		return refuse("a block of %v threads; want 1 to (%d,%d,%d), %d in all", t, MaxThreads, MaxThreads, MaxBlockZ, MaxThreads)
	case k.MaxThreads > 0 && t.count() > k.MaxThreads:
		return refuse("a block of %d threads; its .maxntid allows %d", t.count(), k.MaxThreads)
	case k.Required != Dim3{} && t != k.Required:
		return refuse("a block of %v threads; its .reqntid demands %v", t, k.Required)
	case s.Shared < 0 || int(alignUp(uint64(k.Shared), 16))+s.Shared > MaxShared:
		return refuse("%d bytes of static and %d of dynamic shared memory; want at most %d in all", k.Shared, s.Shared, MaxShared)
	}
	return nil
}

// column is one register of the 32 threads of a warp.
type column [warpSize]uint64

// block is the state of the block that is running. It is made once for a launch.
type block struct {
	machine   *Machine
	kernel    *Kernel
	shape     Shape
	at        Dim3 // its position in the grid
	shared    []byte
	warps     []warp
	budget    int64 // instructions of warps that are left
	launchLow record
	blockLow  record
	segment   record // that of the present phase
}

// warp is 32 threads, each with a place in the code of its own.
type warp struct {
	index   int
	columns []column
	preds   []uint32 // of each predicate, a bit for each lane
	local   [][]byte // local memory of each lane
	pc      [warpSize]int32
	epoch   record // counts bar.warp.sync; see record

	present  uint32 // lanes that have a thread
	exited   uint32
	waiting  uint32 // at a barrier of the block
	parked   uint32 // at an instruction that waits for other lanes
	lanes    [warpSize]uint8
	selected [warpSize]uint8
}

func newBlock(m *Machine, k *Kernel, s Shape, args []uint64) *block {
	b := &block{machine: m, kernel: k, shape: s, budget: m.Limit}
	if b.budget == 0 {
		b.budget = 1 << 30
	}
	b.shared = m.shared[:k.Shared]
	if k.dynamic {
		b.shared = m.shared[:int(k.dynamicBase)+s.Shared]
	}
	b.launchLow = record(m.segment+1) << segmentShift
	threads := s.Block.count()
	b.warps = make([]warp, (threads+warpSize-1)/warpSize)
	for i := range b.warps {
		w := &b.warps[i]
		w.index = i
		w.columns = make([]column, k.columns)
		w.preds = make([]uint32, k.predicates)
		w.present = ^uint32(0)
		if left := threads - i*warpSize; left < warpSize {
			w.present = 1<<left - 1
		}
		if k.local > 0 {
			w.local = make([][]byte, warpSize)
			for l := range w.local {
				w.local[l] = make([]byte, k.local)
			}
		}
		for j, v := range args {
			w.columns[j].fill(v & (typ{untyped, 8 * k.Params[j].Size}).mask())
		}
		for _, c := range k.constants {
			w.columns[c.column].fill(c.value)
		}
		for _, sp := range k.specials {
			b.fillSpecial(w, sp)
		}
	}
	return b
}

func (c *column) fill(v uint64) {
	for i := range c {
		c[i] = v
	}
}

// fillSpecial sets a special register's column, for %ctaid that of the present block.
func (b *block) fillSpecial(w *warp, s special) {
	c := &w.columns[s.column]
	dims := map[string]Dim3{"%ntid": b.shape.Block, "%nctaid": b.shape.Grid, "%ctaid": b.at}
	for l := range c {
		t := b.shape.Block.position(w.index*warpSize + l)
		switch s.name {
		case "%laneid":
			c[l] = uint64(l)
		case "%warpid":
			c[l] = uint64(w.index)
		case "%nwarpid":
			c[l] = uint64(len(b.warps))
		case "%lanemask_eq":
			c[l] = 1 << l
		case "%lanemask_lt":
			c[l] = 1<<l - 1
		case "%lanemask_le":
			c[l] = 2<<l - 1
		case "%lanemask_gt":
			c[l] = ^uint64(2<<l-1) & math.MaxUint32
		case "%lanemask_ge":
			c[l] = ^uint64(1<<l-1) & math.MaxUint32
		default:
			of, axis := s.name[:len(s.name)-2], s.name[len(s.name)-1]
			d, ok := dims[of]
			if !ok {
				d = t
			}
			c[l] = uint64([...]int{d.X, d.Y, d.Z}[axis-'x'])
		}
	}
}

// run runs the block at a position of the grid to its end.
func (b *block) run(at Dim3) error {
	b.at = at
	b.phase()
	b.blockLow = b.segment
	fill(b.shared, Poison)
	for i := range b.warps {
		b.reset(&b.warps[i])
	}
	for {
		for i := range b.warps {
			if err := b.runWarp(&b.warps[i]); err != nil {
				return err
			}
		}
		done, err := b.meet()
		if done || err != nil {
			return err
		}
	}
}

// phase begins the time after a barrier, or the block.
func (b *block) phase() {
	b.machine.segment++
	b.segment = record(b.machine.segment) << segmentShift
}

// reset puts a warp at the start of the kernel.
func (b *block) reset(w *warp) {
	w.pc = [warpSize]int32{}
	w.exited, w.waiting, w.parked, w.epoch = 0, 0, 0, 0
	for _, c := range b.kernel.exposed {
		w.columns[c].fill(0xdead_beef)
	}
	for i := range w.preds {
		w.preds[i] = 0
	}
	for _, p := range w.local {
		fill(p, Poison)
	}
	for _, s := range b.kernel.specials {
		if s.name[:3] == "%ct" {
			b.fillSpecial(w, s)
		}
	}
}

// meet looks at the block once no warp can go on: it lets the barrier open, or tells
// why it cannot.
func (b *block) meet() (done bool, err error) {
	any, first := false, int32(-1)
	for i := range b.warps {
		w := &b.warps[i]
		if w.parked != 0 {
			l := bits.TrailingZeros32(w.parked)
			return false, b.fault(w, l, w.pc[l], DivergentBarrier, 0,
				fmt.Sprintf("lanes of the warp that it names do not arrive (exited %#x, at a barrier %#x, waiting here or elsewhere %#x)", w.exited, w.waiting, w.parked))
		}
		for l := range lanesOf(w.waiting) {
			any = true
			if first < 0 {
				first = w.pc[l]
			}
			if w.pc[l] != first {
				line := b.kernel.code[first].line
				return false, b.fault(w, l, w.pc[l], DivergentBarrier, 0, fmt.Sprintf("other threads of the block wait at the barrier of line %d", line))
			}
		}
	}
	if !any {
		return true, nil
	}
	for i := range b.warps {
		w := &b.warps[i]
		if w.exited != 0 {
			l := bits.TrailingZeros32(w.exited)
			return false, b.fault(w, l, first, DivergentBarrier, 0, "this thread has ended, and others wait for it at the barrier")
		}
	}
	for i := range b.warps {
		w := &b.warps[i]
		for l := range lanesOf(w.waiting) {
			w.pc[l]++
		}
		w.waiting, w.epoch = 0, 0
	}
	b.phase()
	return false, nil
}

// lanesOf yields the lanes of a mask.
func lanesOf(mask uint32) func(func(int) bool) {
	return func(yield func(int) bool) {
		for ; mask != 0; mask &= mask - 1 {
			if !yield(bits.TrailingZeros32(mask)) {
				return
			}
		}
	}
}

// list writes the lanes of a mask to buf and returns them.
func list(buf *[warpSize]uint8, mask uint32) []uint8 {
	n := 0
	for ; mask != 0; mask &= mask - 1 {
		buf[n&31] = uint8(bits.TrailingZeros32(mask))
		n++
	}
	return buf[:n]
}

// fault returns the fault of a lane at an instruction.
func (b *block) fault(w *warp, lane int, pc int32, kind FaultKind, addr uint64, detail string) error {
	in := &b.kernel.code[pc]
	return &Fault{
		Kind: kind, Kernel: b.kernel.Name, Block: b.at, Thread: b.shape.Block.position(w.index*warpSize + lane),
		Line: int(in.line), Source: b.kernel.source(int(in.line)), Addr: addr, Detail: detail,
	}
}

// runWarp runs a warp until each of its threads has ended or waits for others.
func (b *block) runWarp(w *warp) error {
	for {
		runnable := w.present &^ (w.exited | w.waiting | w.parked)
		if runnable == 0 {
			return nil
		}
		if err := b.runTogether(w, runnable); err != nil {
			return err
		}
	}
}

// runTogether runs the threads at the lowest place in the code until they part, wait
// or end, or others come to stand as low.
func (b *block) runTogether(w *warp, runnable uint32) error {
	pc := int32(math.MaxInt32)
	for l := range lanesOf(runnable) {
		pc = min(pc, w.pc[l])
	}
	next := int32(math.MaxInt32) // the lowest place of the others
	var active uint32
	for l := range lanesOf(runnable) {
		if w.pc[l] == pc {
			active |= 1 << l
		} else {
			next = min(next, w.pc[l])
		}
	}
	all := list(&w.lanes, active)
	code := b.kernel.code
	for pc < next {
		in := &code[pc]
		if b.budget--; b.budget < 0 {
			return b.fault(w, int(all[0]), pc, Runaway, 0, "the launch has used up its limit of instructions")
		}
		mask, lanes := active, all
		if in.guard >= 0 {
			p := w.preds[in.guard]
			if in.negated {
				p = ^p
			}
			if mask &= p; mask != active && in.kind != kindBranch {
				lanes = list(&w.selected, mask)
			}
		}
		in.count += uint64(bits.OnesCount32(mask))
		switch in.kind {
		case kindBranch:
			switch mask {
			case active:
				pc = in.targets[0]
			case 0:
				pc++
			default:
				for _, l := range all {
					w.pc[l] = pc + 1
					if mask>>l&1 == 1 {
						w.pc[l] = in.targets[0]
					}
				}
				return nil
			}
			continue
		case kindIndexed, kindExit, kindBarrier, kindWarpSync, kindShuffle, kindVote:
			for _, l := range all {
				w.pc[l] = pc + 1
			}
			for _, l := range lanes {
				w.pc[l] = pc
			}
			if mask == 0 {
				return nil
			}
			return b.control(w, in, pc, mask, lanes)
		}
		if len(lanes) > 0 {
			if err := b.execute(w, in, pc, mask, lanes); err != nil {
				return err
			}
		}
		pc++
	}
	for _, l := range all {
		w.pc[l] = pc
	}
	return nil
}

// control executes an instruction that moves lanes by something else than a step.
func (b *block) control(w *warp, in *instr, pc int32, mask uint32, lanes []uint8) error {
	switch in.kind {
	case kindExit:
		w.exited |= mask
	case kindBarrier:
		w.waiting |= mask
	case kindIndexed:
		for _, l := range lanes {
			i := w.columns[in.a][l]
			if i >= uint64(len(in.targets)) {
				return b.fault(w, int(l), pc, BadBranch, 0, fmt.Sprintf("index %d of a table of %d targets", i, len(in.targets)))
			}
			w.pc[l] = in.targets[i]
		}
	default:
		return b.converge(w, in, pc, mask)
	}
	return nil
}

// converge parks lanes at an instruction with a member mask, and executes it once
// all members are there.
func (b *block) converge(w *warp, in *instr, pc int32, mask uint32) error {
	w.parked |= mask
	here := uint32(0)
	for l := range lanesOf(w.parked) {
		if w.pc[l] == pc {
			here |= 1 << l
		}
	}
	for l := range lanesOf(mask) {
		members := uint32(w.columns[in.mask][l])
		if members>>l&1 == 0 {
			return b.fault(w, l, pc, DivergentBarrier, 0, fmt.Sprintf("the lane is not in its own member mask %#x", members))
		}
		if members&^w.present != 0 && members != math.MaxUint32 {
			return b.fault(w, l, pc, DivergentBarrier, 0, fmt.Sprintf("the member mask %#x names lanes that have no thread", members))
		}
		members &= w.present
		if gone := members & (w.exited | w.waiting); gone != 0 {
			return b.fault(w, l, pc, DivergentBarrier, 0, fmt.Sprintf("lanes %#x of the member mask %#x have ended or wait at a barrier", gone, members))
		}
		if members&^here != 0 {
			continue
		}
		for o := range lanesOf(members) {
			if other := uint32(w.columns[in.mask][o]) & w.present; other != members {
				return b.fault(w, o, pc, DivergentBarrier, 0, fmt.Sprintf("the member mask is %#x here and %#x in lane %d", other, members, l))
			}
		}
		var buf [warpSize]uint8
		lanes := list(&buf, members)
		switch in.kind {
		case kindWarpSync:
			w.epoch++
		case kindShuffle:
			if err := b.shuffle(w, in, pc, members, lanes); err != nil {
				return err
			}
		case kindVote:
			w.vote(in, members)
		}
		for _, l := range lanes {
			w.pc[l] = pc + 1
		}
		w.parked &^= members
		here &^= members
		mask &^= members
		return b.release(w, in, pc, mask)
	}
	return nil
}

// release runs converge again for lanes that stand at the same instruction with
// another member mask.
func (b *block) release(w *warp, in *instr, pc int32, mask uint32) error {
	if mask &= w.parked; mask == 0 {
		return nil
	}
	return b.converge(w, in, pc, mask)
}

// shuffle exchanges a register among the members.
func (b *block) shuffle(w *warp, in *instr, pc int32, members uint32, lanes []uint8) error {
	src := w.columns[in.a]
	bound, segments := w.columns[in.b], w.columns[in.c]
	valid := uint32(0)
	for _, l := range lanes {
		lane := int(l)
		seg, limit := int(segments[lane]>>8&31), int(segments[lane]&31)
		low := lane & seg
		high := low | limit&^seg
		offset := int(bound[lane] & 31)
		from, ok := 0, false
		switch in.mode {
		case shuffleUp:
			from = lane - offset
			ok = from >= high
		case shuffleDown:
			from = lane + offset
			ok = from <= high
		case shuffleButterfly:
			from = lane ^ offset
			ok = from <= high
		default:
			from = low | offset&^seg
			ok = from <= high
		}
		if !ok {
			from = lane
		} else {
			valid |= 1 << lane
		}
		if members>>from&1 == 0 {
			return b.fault(w, lane, pc, DivergentBarrier, 0, fmt.Sprintf("it reads lane %d, which is not in the member mask %#x", from, members))
		}
		w.columns[in.d][lane] = src[from]
	}
	if in.d2 >= 0 {
		w.preds[in.d2] = w.preds[in.d2]&^members | valid
	}
	return nil
}

// vote combines a predicate of the members.
func (w *warp) vote(in *instr, members uint32) {
	p := w.preds[in.c]
	if in.flip {
		p = ^p
	}
	p &= members
	yes := false
	switch in.mode {
	case voteBallot:
		for l := range lanesOf(members) {
			w.columns[in.d][l] = uint64(p)
		}
		return
	case voteAll:
		yes = p == members
	case voteAny:
		yes = p != 0
	case voteUniform:
		yes = p == 0 || p == members
	}
	w.preds[in.d] &^= members
	if yes {
		w.preds[in.d] |= members
	}
}
