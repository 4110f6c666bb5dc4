package data_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/nn/data"
)

func TestWindows(t *testing.T) {
	w := data.NewWindows([]int32{10, 11, 12, 13, 14, 15}, 2)
	assert.Equal(t, 2, w.Len())
	contexts, targets := make([]int32, 8), make([]int32, 2)
	w.Batch([]int{1, 0}, contexts, targets)
	assert.Equal(t, []int32{11, 12, 14, 15, 10, 11, 13, 14}, contexts)
	assert.Equal(t, []int32{13, 12}, targets)
	assert.Zero(t, testing.AllocsPerRun(10, func() { w.Batch([]int{1, 0}, contexts, targets) }))

	for n := range 5 {
		assert.Equal(t, 0, data.NewWindows(make([]int32, n), 2).Len(), "%d words", n)
	}
	assert.PanicsWithValue(t, "data.NewWindows: window of 0 words; want 1 or more", func() { data.NewWindows(nil, 0) })
	assert.PanicsWithValue(t, "Windows.Batch: contexts has 8 elements; want [1 4], which are 4",
		func() { w.Batch([]int{0}, contexts, targets[:1]) })
	short := data.NewWindows([]int32{10, 11, 12, 13, 14, 15}[:5], 2)
	assert.Panics(t, func() { short.Batch([]int{0, 1}, contexts, targets) }, "behind the end, within the capacity")
}

// The example of the book's figure 3-14.
func ExampleWindows() {
	v := data.NewVocabulary(data.Words("You say goodbye and I say hello.")...)
	ids, err := v.Encode(data.Words("You say goodbye and I say hello."))
	if err != nil {
		fmt.Println(err)
		return
	}
	w := data.NewWindows(ids, 1)
	contexts, targets := make([]int32, 2), make([]int32, 1)
	for i := range w.Len() {
		w.Batch([]int{i}, contexts, targets)
		fmt.Println(v.Decode(contexts), v.Decode(targets))
	}
	// Output:
	// [you goodbye] [say]
	// [say and] [goodbye]
	// [goodbye i] [and]
	// [and say] [i]
	// [i hello] [say]
	// [say .] [hello]
}
