package tensor_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_String() {
	be := reference.New()
	fmt.Println(tensor.FromSlice(be, []float32{1, -2.5, 3, 4, 5, 6.123456}, 2, 3))
	fmt.Println(tensor.Arange(be, 0, 4000, 1).Reshape(50, 80))
	// Output:
	// [[ 1.     -2.5     3.    ]
	//  [ 4.      5.      6.1235]]
	// [[   0.    1.    2. ...   77.   78.   79.]
	//  [  80.   81.   82. ...  157.  158.  159.]
	//  [ 160.  161.  162. ...  237.  238.  239.]
	//  ...
	//  [3760. 3761. 3762. ... 3837. 3838. 3839.]
	//  [3840. 3841. 3842. ... 3917. 3918. 3919.]
	//  [3920. 3921. 3922. ... 3997. 3998. 3999.]] shape [50 80]
}

func TestString(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	tests := []struct {
		name  string
		data  []float32
		shape []int
		want  string
	}{
		{"number", []float32{0.123456}, nil, "0.1235"},
		{"number/whole", []float32{1}, nil, "1.0"},
		{"number/tiny", []float32{1e-7}, nil, "1.e-07"},
		{"number/nan", []float32{nan}, nil, "nan"},
		{"vector", []float32{1, 2.5, -3}, []int{3}, "[ 1.   2.5 -3. ]"},
		{"one", []float32{0}, []int{1, 1, 1}, "[[[0.]]]"},
		{"three axes", make([]float32, 8), []int{2, 2, 2}, "[[[0. 0.]\n  [0. 0.]]\n\n [[0. 0.]\n  [0. 0.]]]"},
		{"empty", nil, []int{0}, "[] shape [0]"},
		{"empty/matrix", nil, []int{2, 0, 3}, "[] shape [2 0 3]"},
		{"nan and inf", []float32{1, nan, -inf, inf}, []int{4}, "[  1.  nan -inf  inf]"},
		{"nan alone", []float32{nan, nan}, []int{2}, "[nan nan]"},
		{"nan and wide numbers", []float32{nan, -12345.678}, []int{2}, "[       nan -12345.678]"},
		{"negative zero", []float32{float32(math.Copysign(0, -1)), 1}, []int{2}, "[-0.  1.]"},
		{"large", []float32{1e8, 2.5}, []int{2}, "[1.0e+08 2.5e+00]"},
		{"tiny", []float32{1e-5, 0}, []int{2}, "[1.e-05 0.e+00]"},
		{"wide range", []float32{0.5, 1234}, []int{2}, "[5.000e-01 1.234e+03]"},
		{"wide range of whole numbers", []float32{1, 99999}, []int{2}, "[    1. 99999.]"},
		{"shortest, not exact", []float32{99999.99, 100}, []int{2}, "[99999.99   100.  ]"},
		{"scientific with inf", []float32{-1e-10, inf}, []int{2}, "[-1.e-10     inf]"},
		{"rounded to whole", []float32{0.99999}, []int{1}, "[1.]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, tensor.FromSlice(reference.New(), tt.data, tt.shape...).String())
		})
	}
}

func TestStringBreaksLines(t *testing.T) {
	x := tensor.Arange(reference.New(), 0, 60, 1.5).Reshape(1, 2, 20)
	lines := strings.Split(x.String(), "\n")
	assert.Equal(t, []string{
		"[[[ 0.   1.5  3.   4.5  6.   7.5  9.  10.5 12.  13.5 15.  16.5 18.  19.5",
		"   21.  22.5 24.  25.5 27.  28.5]",
		"  [30.  31.5 33.  34.5 36.  37.5 39.  40.5 42.  43.5 45.  46.5 48.  49.5",
		"   51.  52.5 54.  55.5 57.  58.5]]]",
	}, lines)
}

// A summary shows the same elements as the whole would, in every axis, also of a
// view whose elements do not lie in order.
func TestStringSummarises(t *testing.T) {
	be := reference.New()
	x := tensor.Arange(be, 0, 8*10*20, 1).Reshape(20, 10, 8).Permute(2, 1, 0)
	s := x.String()
	assert.True(t, strings.HasPrefix(s, "[[[   0.   80.  160. ... 1360. 1440. 1520.]\n"), s)
	assert.True(t, strings.HasSuffix(s, "[  79.  159.  239. ... 1439. 1519. 1599.]]] shape [8 10 20]"), s)
	assert.Equal(t, 6*6+6+1, strings.Count(s, "..."))

	short := tensor.Arange(be, 0, 1200, 1).Reshape(4, 300).String()
	assert.Equal(t, 4, strings.Count(short, "..."), "an axis of 6 or fewer is shown whole:\n%s", short)
}
