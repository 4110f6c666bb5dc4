package ptx

import "fmt"

// execute runs one instruction, not of control, for some lanes of a warp.
func (b *block) execute(w *warp, in *instr, pc int32, mask uint32, lanes []uint8) error {
	switch in.kind {
	case kindLoad, kindStore, kindAtomic:
		return b.access(w, in, pc, lanes)
	case kindDivide:
		for _, l := range lanes {
			if w.columns[in.b][l] == 0 {
				return b.fault(w, int(l), pc, DivideByZero, 0, fmt.Sprintf("%d is divided by 0", w.columns[in.a][l]))
			}
		}
		w.apply(in, lanes)
	case kindApply:
		w.apply(in, lanes)
	case kindCompare:
		w.compare(in, mask, lanes)
	case kindSet:
		for _, l := range lanes {
			w.columns[in.d][l] = truth(in.test(w.columns[in.a][l], w.columns[in.b][l])) * in.size
		}
	case kindSelect:
		d, x, y, p := &w.columns[in.d], &w.columns[in.a], &w.columns[in.b], flipped(w.preds[in.c], in.flip)
		for _, l := range lanes {
			l &= 31
			if p>>l&1 == 1 {
				d[l] = x[l]
			} else {
				d[l] = y[l]
			}
		}
	case kindLogic:
		r := combine(in.mode, flipped(w.preds[in.a], in.flipA), flipped(w.preds[in.b], in.flipB))
		w.preds[in.d] = w.preds[in.d]&^mask | r&mask
	case kindPack:
		for _, l := range lanes {
			v := uint64(0)
			for i, r := range in.regs {
				v |= w.columns[r][l] << (uint64(i) * in.size)
			}
			w.columns[in.d][l] = v
		}
	case kindUnpack:
		part := (typ{untyped, int(in.size)}).mask()
		for _, l := range lanes {
			v := w.columns[in.a][l]
			for i, r := range in.regs {
				if r >= 0 {
					w.columns[r][l] = v >> (uint64(i) * in.size) & part
				}
			}
		}
	case kindActive:
		for _, l := range lanes {
			w.columns[in.d][l] = uint64(mask)
		}
	case kindFence:
	default:
		w.fast(in, mask, lanes)
	}
	return nil
}

// apply executes an arithmetic instruction by its definition.
func (w *warp) apply(in *instr, lanes []uint8) {
	d, x, y, z, f := &w.columns[in.d], &w.columns[in.a], &w.columns[in.b], &w.columns[in.c], in.f
	for _, l := range lanes {
		l &= 31
		d[l] = f(x[l], y[l], z[l])
	}
}

// compare executes setp by its definition.
func (w *warp) compare(in *instr, mask uint32, lanes []uint8) {
	x, y, r := &w.columns[in.a], &w.columns[in.b], uint32(0)
	for _, l := range lanes {
		l &= 31
		if in.test(x[l], y[l]) {
			r |= 1 << l
		}
	}
	w.setCompared(in, mask, r)
}

// setCompared writes the outcome of a comparison to the predicates of setp.
func (w *warp) setCompared(in *instr, mask, r uint32) {
	other := ^r
	if in.mode != 0 {
		c := flipped(w.preds[in.c], in.flip)
		r, other = combine(in.mode, r, c), combine(in.mode, other, c)
	}
	w.preds[in.d] = w.preds[in.d]&^mask | r&mask
	if in.d2 >= 0 {
		w.preds[in.d2] = w.preds[in.d2]&^mask | other&mask
	}
}

func flipped(p uint32, flip bool) uint32 {
	if flip {
		return ^p
	}
	return p
}

// combine is logic on two masks.
func combine(mode uint8, a, b uint32) uint32 {
	switch mode {
	case logicAnd:
		return a & b
	case logicOr:
		return a | b
	case logicXor:
		return a ^ b
	}
	return a
}
