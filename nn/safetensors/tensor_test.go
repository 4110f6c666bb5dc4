package safetensors

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFromFloat32(t *testing.T) {
	values := []float32{1, -0.5, 0.1, 65504, 1e6, 3}
	for _, tc := range []struct {
		dtype DType
		want  []float32
	}{
		{F32, values},
		{F16, []float32{1, -0.5, 0.0999755859375, 65504, float32(math.Inf(1)), 3}},
		{BF16, []float32{1, -0.5, 0.10009765625, 65536, 999424, 3}},
	} {
		t.Run(string(tc.dtype), func(t *testing.T) {
			ts, err := FromFloat32("W", tc.dtype, []int{2, 3}, values)
			require.NoError(t, err)
			assert.Len(t, ts.Data, 6*tc.dtype.Bits()/8)
			got, err := ts.Float32s()
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestFromFloat32Errors(t *testing.T) {
	for _, tc := range []struct {
		name  string
		dtype DType
		shape []int
		want  string
	}{
		{"count", F32, []int{2, 3}, `tensor "W": shape [2 3] has 6 elements, got 4 values`},
		{"dtype", I32, []int{4}, `tensor "W": float32 values cannot be stored as "I32"; want F32, F16 or BF16`},
		{"packed", F4, []int{4}, `tensor "W": float32 values cannot be stored as "F4"; want F32, F16 or BF16`},
		{"negative", F16, []int{-4}, `tensor "W": shape [-4]: axis 0 has the negative size -4`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := FromFloat32("W", tc.dtype, tc.shape, make([]float32, 4))
			require.EqualError(t, err, tc.want)
		})
	}
}

func TestFloat32sChecksData(t *testing.T) {
	ts := Tensor{Name: "W", DType: F32, Shape: []int{2}, Data: make([]byte, 7)}
	_, err := ts.Float32s()
	require.EqualError(t, err, `tensor "W": F32 [2] takes 8 bytes, Data has 7`)
}

// The shape is copied: who reuses a slice for the next parameter changes nothing.
func TestFromFloat32CopiesShape(t *testing.T) {
	shape := []int{1, 2}
	ts, err := FromFloat32("W", F32, shape, []float32{1, 2})
	require.NoError(t, err)
	shape[0] = 9
	assert.Equal(t, []int{1, 2}, ts.Shape)
}
