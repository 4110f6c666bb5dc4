package remote

import (
	"slices"

	"github.com/wengert-ml/wengert/backend"
)

// Float64Device is a [Device] over a backend that computes in float64, and so
// does it: gradient checks run on it.
type Float64Device struct {
	*Device
	wide backend.Float64 // the inner backend
}

var (
	_ backend.Backend = (*Device)(nil)
	_ backend.Float64 = (*Float64Device)(nil)
)

// NewFloat64 is [New] for an inner backend that computes in float64, such as
// package reference. The limit counts elements at their [backend.DType.Size],
// as on any device: 4 bytes for an F32.
func NewFloat64(inner backend.Float64, limit int64) *Float64Device {
	return &Float64Device{New(inner, limit), inner}
}

// UploadFloat64 copies src and queues the transfer.
func (d *Float64Device) UploadFloat64(dst *backend.View, src []float64) error {
	src = slices.Clone(src)
	return d.upload(dst, func(v *backend.View) error { return d.wide.UploadFloat64(v, src) })
}

// DownloadFloat64 waits for the queue and copies src to dst.
func (d *Float64Device) DownloadFloat64(dst []float64, src *backend.View) error {
	return d.download(src, func(v *backend.View) error { return d.wide.DownloadFloat64(dst, v) })
}
