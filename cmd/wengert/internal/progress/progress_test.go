package progress

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuietWithoutTerminal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	bar := New(f, 10, "epoch 1/3")
	for range 12 {
		bar.Step(1, 0.5)
	}
	bar.Done()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Empty(t, string(got))
}

func TestLine(t *testing.T) {
	for _, tc := range []struct {
		name        string
		total, done int
		unit        string
		loss        float64
		elapsed     time.Duration
		width       int
		want        string
	}{
		{"usual", 1000, 500, "", 0.03125, 2 * time.Second, 80, "epoch 1/3  loss 0.0312  250 samples/s  2s left"},
		{"minutes", 1000, 10, "words", 6.9, time.Second, 80, "epoch 1/3  loss 6.9000  10.0 words/s  1m39s left"},
		{"finished", 1000, 1000, "", 1, 2 * time.Second, 80, "epoch 1/3  loss 1.0000  500 samples/s"},
		{"narrow", 1000, 500, "", 1, 2 * time.Second, 60, "epoch 1/3  loss 1.0000  250 samples/s"},
		{"narrower", 1000, 500, "", 1, 2 * time.Second, 44, "epoch 1/3  loss 1.0000"},
		{"no-room", 1000, 500, "", 1, 2 * time.Second, 20, ""},
		{"nan", 1000, 500, "", math.NaN(), 2 * time.Second, 80, "epoch 1/3  loss NaN  250 samples/s  2s left"},
		{"at-once", 1000, 1, "", 1, 0, 80, "epoch 1/3  loss 1.0000  1000 samples/s  1s left"},
		{"nothing-done", 1000, 0, "", 1, time.Second, 80, "epoch 1/3  loss 1.0000  0.0 samples/s"},
		{"for-ever", math.MaxInt, 1, "", 1, time.Hour, 80, "epoch 1/3  loss 1.0000  2.78e-04 samples/s"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := &Bar{Unit: tc.unit, description: "epoch 1/3", total: tc.total, done: tc.done}
			assert.Equal(t, tc.want, b.line(tc.loss, tc.elapsed, tc.width))
		})
	}
}

func TestNumber(t *testing.T) {
	for _, tc := range []struct {
		v    float64
		want string
	}{
		{0, "0.0000"}, {0.5, "0.5000"}, {0.00123, "0.0012"}, {1e-5, "1.00e-05"}, {-2, "-2.0000"},
		{99.5, "99.5000"}, {1234.56, "1234.6"}, {1e12, "1.00e+12"}, {math.Inf(1), "+Inf"},
	} {
		assert.Equal(t, tc.want, number(tc.v, 4))
	}
}
