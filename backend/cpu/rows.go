package cpu

import "github.com/wengert-ml/wengert/backend"

// Gather writes row ids[i] of table [V, D] to row i of dst [N, D].
func (b *Backend) Gather(dst, table, ids *backend.View) {
	n, d := dst.Shape[0], dst.Shape[1]
	if n*d == 0 {
		return
	}
	j := gatherJob{
		dst: floats(dst)[dst.Off:], table: floats(table)[table.Off:], ids: ints(ids)[ids.Off : ids.Off+n], d: d,
		dm: dst.Stride[0], dn: dst.Stride[1], sm: table.Stride[0], sn: table.Stride[1],
	}
	j.rowsAPart = max(1, cheap/d)
	parts := (n + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.gather, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type gatherJob struct {
	dst, table     []float32
	ids            []int32
	d              int
	dm, dn, sm, sn int // strides
	rowsAPart      int
}

func (j *gatherJob) Do(part int) {
	for i := part * j.rowsAPart; i < min((part+1)*j.rowsAPart, len(j.ids)); i++ {
		move(j.dst[i*j.dm:], j.table[int(j.ids[i])*j.sm:], 1, j.d, 0, j.dn, 0, j.sn)
	}
}

// ScatterAdd adds row i of rows [N, D] to row ids[i] of dst [V, D], in the order
// of i. It is spread over columns, so that no two goroutines meet in a row.
func (b *Backend) ScatterAdd(dst, rows, ids *backend.View) {
	n, d := rows.Shape[0], rows.Shape[1]
	if n*d == 0 {
		return
	}
	j := scatterJob{
		dst: floats(dst)[dst.Off:], rows: floats(rows)[rows.Off:], ids: ints(ids)[ids.Off : ids.Off+n], d: d,
		dm: dst.Stride[0], dn: dst.Stride[1], sm: rows.Stride[0], sn: rows.Stride[1],
		add: b.kernels.binary[backend.Add].f,
	}
	const line = 16 // elements of a cache line: parts do not share one
	j.colsAPart = (max(1, cheap/n) + line - 1) / line * line
	parts := (d + j.colsAPart - 1) / j.colsAPart
	if !spread(b.pool, &b.jobs.scatter, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

type scatterJob struct {
	dst, rows      []float32
	ids            []int32
	d              int
	dm, dn, sm, sn int // strides
	add            func(dst, x, y []float32)
	colsAPart      int
}

func (j *scatterJob) Do(part int) {
	col := part * j.colsAPart
	n := min((part+1)*j.colsAPart, j.d) - col
	for i, id := range j.ids {
		d := j.dst[int(id)*j.dm+col*j.dn:]
		s := j.rows[i*j.sm+col*j.sn:]
		if j.dn == 1 && j.sn == 1 {
			j.add(d[:n], d[:n], s[:n])
			continue
		}
		for k := range n {
			d[k*j.dn] += s[k*j.sn]
		}
	}
}
