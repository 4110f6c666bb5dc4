package ptx

// findExposed finds the columns that some path may read before it writes them. Only
// those are poisoned before each block.
//
// It is the liveness analysis of compilers: a register is live before an instruction
// that reads it, and before one that does not surely write it where it is live after.
func (k *Kernel) findExposed() {
	words := (k.columns + 63) / 64
	live := make([]uint64, words*(len(k.code)+1))
	at := func(i int) []uint64 { return live[i*words:][:words] }
	for changed := true; changed; {
		changed = false
		for i := len(k.code) - 1; i >= 0; i-- {
			in := &k.code[i]
			next := make([]uint64, words)
			if !in.ends() {
				copy(next, at(i+1))
			}
			for _, t := range in.targets {
				for j, v := range at(int(t)) {
					next[j] |= v
				}
			}
			reads, writes := in.columns()
			if in.guard < 0 {
				for _, c := range writes {
					next[c/64] &^= 1 << (c % 64)
				}
			}
			for _, c := range reads {
				next[c/64] |= 1 << (c % 64)
			}
			for j, v := range next {
				if at(i)[j] != v {
					at(i)[j], changed = v, true
				}
			}
		}
	}
	filled := map[int32]bool{}
	for i := range k.Params {
		filled[int32(i)] = true
	}
	for _, c := range k.constants {
		filled[c.column] = true
	}
	for _, s := range k.specials {
		filled[s.column] = true
	}
	for c := range int32(k.columns) {
		if len(k.code) > 0 && at(0)[c/64]>>(c%64)&1 == 1 && !filled[c] {
			k.exposed = append(k.exposed, c)
		}
	}
}

// columns returns the register columns that an instruction reads and writes.
func (in *instr) columns() (reads, writes []int32) {
	list := func(regs []int32) (known []int32) {
		for _, r := range regs {
			if r >= 0 {
				known = append(known, r)
			}
		}
		return known
	}
	switch in.kind {
	case kindBranch, kindExit, kindBarrier, kindFence, kindLogic:
	case kindCompare:
		reads = []int32{in.a, in.b}
	case kindSet:
		reads, writes = []int32{in.a, in.b}, []int32{in.d}
	case kindSelect:
		reads, writes = []int32{in.a, in.b}, []int32{in.d}
	case kindPack:
		reads, writes = in.regs, []int32{in.d}
	case kindUnpack:
		reads, writes = []int32{in.a}, list(in.regs)
	case kindLoad:
		reads, writes = []int32{in.a}, list(in.regs)
	case kindStore:
		reads = append([]int32{in.a}, in.regs...)
	case kindAtomic:
		reads, writes = []int32{in.a, in.b, in.c}, list([]int32{in.d})
	case kindIndexed:
		reads = []int32{in.a}
	case kindWarpSync:
		reads = []int32{in.mask}
	case kindShuffle:
		reads, writes = []int32{in.a, in.b, in.c, in.mask}, []int32{in.d}
	case kindVote:
		reads = []int32{in.mask}
		if in.mode == voteBallot {
			writes = []int32{in.d}
		}
	case kindActive:
		writes = []int32{in.d}
	default:
		reads, writes = []int32{in.a, in.b, in.c}, []int32{in.d}
	}
	return reads, writes
}
