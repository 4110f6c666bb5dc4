package cpu

import "github.com/wengert-ml/wengert/backend"

// LayerNorm normalises the rows of src [N, D] and writes their scales [N].
func (b *Backend) LayerNorm(dst, scale, src *backend.View, eps float64) {
	b.layerNorm(layerNormJob{k: &b.kernels, dst: run(dst), x: run(src), scale: run(scale), eps: eps}, src)
}

// LayerNormGrad writes the gradient of src.
func (b *Backend) LayerNormGrad(dx, gy, y, scale *backend.View) {
	b.layerNorm(layerNormJob{k: &b.kernels, dst: run(dx), x: run(gy), y: run(y), scale: run(scale)}, gy)
}

func (b *Backend) layerNorm(j layerNormJob, rows *backend.View) {
	j.n = rows.Shape[1]
	if rows.Len() == 0 {
		return
	}
	j.rowsAPart = max(1, cheap/j.n)
	parts := (rows.Shape[0] + j.rowsAPart - 1) / j.rowsAPart
	if !spread(b.pool, &b.jobs.layerNorm, &j, parts) {
		for p := range parts {
			j.Do(p)
		}
	}
}

// layerNormJob normalises rows, or makes their gradient where there is a y.
type layerNormJob struct {
	k                *kernels
	dst, x, y, scale []float32
	eps              float64
	n, rowsAPart     int
}

func (j *layerNormJob) Do(part int) {
	for i := part * j.rowsAPart; i < min((part+1)*j.rowsAPart, len(j.scale)); i++ {
		at := i * j.n
		dst, x := j.dst[at:at+j.n], j.x[at:at+j.n]
		if j.y == nil {
			j.scale[i] = j.k.LayerNorm(dst, x, j.eps)
			continue
		}
		j.k.LayerNormGrad(dst, x, j.y[at:at+j.n], j.scale[i])
	}
}
