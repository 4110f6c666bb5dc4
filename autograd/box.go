package autograd

import "unsafe"

// boxes keeps op values in slabs by their type, so that recording an op with
// attributes costs no allocation once warm.
type boxes struct {
	byType map[any]any // (*O)(nil) to *slab[O]
	all    []interface{ rewind() }
}

type slab[O any] struct {
	block   []*O
	used    int
	scratch O // for an op that is not recorded
}

func (s *slab[O]) rewind() { s.used = 0 }

func (b *boxes) rewind() {
	for _, s := range b.all {
		s.rewind()
	}
}

// box copies op into its slab; keep says that it must live until Reset.
func box[O any](t *Tape, op O, keep bool) *O {
	if unsafe.Sizeof(op) == 0 {
		return new(O) // no allocation: zero-sized
	}
	s := slabOf[O](&t.boxes)
	p := &s.scratch
	if keep {
		if s.used == len(s.block) {
			more := make([]O, 32)
			for i := range more {
				s.block = append(s.block, &more[i])
			}
		}
		p = s.block[s.used]
		s.used++
	}
	*p = op
	return p
}

func slabOf[O any](b *boxes) *slab[O] {
	key := any((*O)(nil))
	if s, ok := b.byType[key].(*slab[O]); ok {
		return s
	}
	if b.byType == nil {
		b.byType = map[any]any{}
	}
	s := &slab[O]{}
	b.byType[key] = s
	b.all = append(b.all, s)
	return s
}
