package cpu

import "github.com/wengert-ml/wengert/backend"

// Copy writes src, broadcast to dst's shape, to dst. Both are of one dtype.
func (b *Backend) Copy(dst, src *backend.View) {
	b.copy(dst.Buf.(*memory), src.Buf.(*memory), &dst.Layout, &src.Layout)
}

func (b *Backend) copy(dst, src *memory, d, s *backend.Layout) {
	if d.Len() < 2*cheap && d.SameShape(s) && d.IsContiguous() && s.IsContiguous() {
		n, i, k := d.Len(), d.Off, s.Off
		switch {
		case dst.f32 != nil:
			copy(dst.f32[i:i+n], src.f32[k:k+n])
		case dst.i32 != nil:
			copy(dst.i32[i:i+n], src.i32[k:k+n])
		default:
			copy(dst.u16[i:i+n], src.u16[k:k+n])
		}
		return
	}
	j := copyJob{w: newWalk(d), dst: *dst, src: *src}
	j.w.add(s, d)
	j.w.plan(cheap)
	if !spread(b.pool, &b.jobs.copy, &j, j.w.parts) {
		for p := range j.w.parts {
			j.Do(p)
		}
	}
}

type copyJob struct {
	w        walk
	dst, src memory
}

func (j *copyJob) Do(part int) {
	d, s := &j.w.s[0], &j.w.s[1]
	for t := j.w.tiles(part); t.next(); {
		switch {
		case j.dst.f32 != nil:
			move(j.dst.f32[t.off[0]:], j.src.f32[t.off[1]:], t.rows, t.cols, d[1], d[0], s[1], s[0])
		case j.dst.i32 != nil:
			move(j.dst.i32[t.off[0]:], j.src.i32[t.off[1]:], t.rows, t.cols, d[1], d[0], s[1], s[0])
		default:
			move(j.dst.u16[t.off[0]:], j.src.u16[t.off[1]:], t.rows, t.cols, d[1], d[0], s[1], s[0])
		}
	}
}

// Upload copies src, in row-major order, to dst.
func (b *Backend) Upload(dst *backend.View, src []float32) error {
	from := memory{f32: src}
	packed := dst.Packed()
	b.copy(dst.Buf.(*memory), &from, &dst.Layout, &packed)
	return nil
}

// UploadInts copies src, in row-major order, to dst of dtype I32.
func (b *Backend) UploadInts(dst *backend.View, src []int32) error {
	from := memory{i32: src}
	packed := dst.Packed()
	b.copy(dst.Buf.(*memory), &from, &dst.Layout, &packed)
	return nil
}

// Download copies src to dst in row-major order.
func (b *Backend) Download(dst []float32, src *backend.View) error {
	to := memory{f32: dst}
	packed := src.Packed()
	b.copy(&to, src.Buf.(*memory), &packed, &src.Layout)
	return nil
}

// Fill writes v, rounded to dst's dtype, to every element of dst.
func (b *Backend) Fill(dst *backend.View, v float64) {
	m := dst.Buf.(*memory)
	switch dst.DType {
	case backend.I32:
		fillView(m.i32, dst, truncate(v))
	case backend.F16:
		fillView(m.u16, dst, toF16(odd(v)))
	case backend.BF16:
		fillView(m.u16, dst, toBF16(odd(v)))
	default:
		fillView(m.f32, dst, float32(v))
	}
}

// fillView is not spread: a core fills as fast as memory takes it.
func fillView[T float32 | int32 | uint16](data []T, dst *backend.View, v T) {
	w := newWalk(&dst.Layout)
	w.plan(cheap)
	for p := range w.parts {
		for t := w.tiles(p); t.next(); {
			if t.flat(0) {
				fill(data[t.off[0]:t.off[0]+t.rows*t.cols], v)
				continue
			}
			for i := range t.rows {
				row := data[t.off[0]+i*w.s[0][1]:]
				for k := range t.cols {
					row[k*w.s[0][0]] = v
				}
			}
		}
	}
}
