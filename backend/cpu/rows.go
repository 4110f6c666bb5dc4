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
		dst: floats(dst)[dst.Off:], rows: floats(rows)[rows.Off:], ids: ints(ids)[ids.Off : ids.Off+n],
		dm: dst.Stride[0], dn: dst.Stride[1], sm: rows.Stride[0], sn: rows.Stride[1],
		columns: columns{d: d}, add: b.kernels.binary[backend.Add].f,
	}
	parts := j.deal(n, b.pool.workers.Threads())
	if !spread(b.pool, &b.jobs.scatter, &j, parts) {
		j.colsAPart = d // each pass over the rows is dear: one for all columns
		j.Do(0)
	}
}

// columns says how d columns are shared out.
type columns struct{ d, colsAPart int }

// deal gives each of the threads a part, or fewer parts where n rows are not worth as
// many, and returns their number. A sum stays within its column, so that the bits do not
// depend on it.
func (c *columns) deal(n, threads int) (parts int) {
	const line = 16 // elements of a cache line: parts do not share one
	parts = min(threads, (n*c.d+cheap-1)/cheap)
	c.colsAPart = ((c.d+parts-1)/parts + line - 1) / line * line
	return (c.d + c.colsAPart - 1) / c.colsAPart
}

// part returns the first column of a part and their number.
func (c *columns) part(i int) (from, n int) {
	from = i * c.colsAPart
	return from, min(c.colsAPart, c.d-from)
}

type scatterJob struct {
	columns
	dst, rows      []float32
	ids            []int32
	dm, dn, sm, sn int // strides
	add            func(dst, x, y []float32)
}

func (j *scatterJob) Do(part int) {
	col, n := j.part(part)
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
