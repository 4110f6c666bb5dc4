package tensor_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func ExampleTensor_Gather() {
	table := tensor.Arange(reference.New(), 0, 6, 1).Reshape(3, 2)
	ids := tensor.NewInts([]int32{2, 0, 2}, 3)
	fmt.Println(table.Gather(ids))
	// Output:
	// [[4. 5.]
	//  [0. 1.]
	//  [4. 5.]]
}

func ExampleOneHot() {
	fmt.Println(tensor.OneHot(reference.New(), tensor.NewInts([]int32{2, 0, -1}, 3), 3))
	// Output:
	// [[0. 0. 1.]
	//  [1. 0. 0.]
	//  [0. 0. 0.]]
}

// ids makes integers where the world lives.
func (w world) ids(data []int32, shape ...int) tensor.Ints {
	if w.arena != nil {
		return w.arena.Ints(data, shape...)
	}
	return tensor.NewInts(data, shape...)
}

func TestGatherAndScatterAdd(t *testing.T) {
	tests := []struct {
		table, ids []int
		data       []int32
	}{
		{[]int{4, 3}, []int{3}, []int32{3, 0, 3}},
		{[]int{4, 3}, []int{2, 2}, []int32{0, 1, 1, 2}},
		{[]int{4, 3}, nil, []int32{2}},
		{[]int{4}, []int{2, 3}, []int32{3, 2, 1, 0, 0, 3}},
		{[]int{3, 2, 2}, []int{2}, []int32{2, 2}},
		{[]int{3, 2, 1, 2}, []int{1, 2, 1}, []int32{1, 0}},
		{[]int{3, 2}, []int{0}, nil},
		{[]int{3, 0}, []int{2}, []int32{1, 1}},
		{[]int{0, 2}, []int{0, 5}, nil},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v by %v", tt.table, tt.ids), func(t *testing.T) {
			everywhere(t, func(t *testing.T, w world) {
				a := count(tt.table...)
				which := array{shape: tt.ids}
				for _, id := range tt.data {
					which.data = append(which.data, float64(id))
				}
				shape := append(slices.Clone(tt.ids), tt.table[1:]...)
				n := len(tt.ids)
				want := build(shape, func(at []int) float64 {
					return a.at(append([]int{int(which.at(at[:n]...))}, at[n:]...)...)
				})
				x, ids := w.put(a), w.ids(tt.data, tt.ids...)
				assertArray(t, want, x.Gather(ids), exactly)
				assertArray(t, want, x.Gather(tensor.NewInts(tt.data, tt.ids...)), exactly, "ids on the heap")
				if len(tt.table) == 2 {
					assertArray(t, want, w.put(transposed(a)).T().Gather(ids), exactly, "of a view")
				}

				rows := count(shape...)
				sum := build(tt.table, a.broadcast)
				build(shape, func(at []int) float64 {
					to := append([]int{int(which.at(at[:n]...))}, at[n:]...)
					i := int(count(tt.table...).at(to...))
					sum.data[i] += rows.at(at...)
					return 0
				})
				x.ScatterAdd(ids, w.put(rows))
				assertArray(t, sum, x, exactly, "added")
			})
		})
	}
}

// A table that is a view of every second row, or of some columns, is added to in place.
func TestScatterAddToView(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		x := w.put(array{[]int{4, 3}, make([]float64, 12)})
		x.SliceStep(0, 0, 4, 2).Slice(1, 1, 3).ScatterAdd(w.ids([]int32{1, 1, 0}, 3), w.put(array{[]int{3, 2}, []float64{1, 2, 10, 20, 5, 6}}))
		assertArray(t, array{[]int{4, 3}, []float64{0, 5, 6, 0, 0, 0, 0, 11, 22, 0, 0, 0}}, x, exactly)
	})
}

func TestTake(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		a := count(2, 3, 4)
		x := w.put(a)
		for axis := range a.shape {
			ids := []int32{1, 0, 1, 1}
			want := slices.Clone(a.shape)
			want[axis] = len(ids)
			assertArray(t, build(want, func(at []int) float64 {
				at = slices.Clone(at)
				at[axis] = int(ids[at[axis]])
				return a.at(at...)
			}), x.Take(axis-3, w.ids(ids, 4)), exactly, "axis %d", axis)
		}
	})
}

// TakeAlong of the positions that a sort would give is a permutation, and of any
// positions what the definition says.
func TestTakeAlongLikeModel(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		rapid.Check(t, func(rt *rapid.T) {
			a := count(rapid.SliceOfN(rapid.IntRange(1, 3), 1, 4).Draw(rt, "shape")...)
			axis := rapid.IntRange(0, len(a.shape)-1).Draw(rt, "axis")
			shape := slices.Clone(a.shape)
			shape[axis] = rapid.IntRange(0, 4).Draw(rt, "taken")
			ids := make([]int32, size(shape))
			for i := range ids {
				ids[i] = int32(rapid.IntRange(0, a.shape[axis]-1).Draw(rt, "id"))
			}
			i := -1
			want := build(shape, func(at []int) float64 {
				i++
				at = slices.Clone(at)
				at[axis] = int(ids[i])
				return a.at(at...)
			})
			got := w.put(a).TakeAlong(axis, w.ids(ids, shape...))
			if diff := exactly.Diff(got, tensor.FromFloat64(reference.New(), want.data, want.shape...)); diff != "" {
				rt.Fatal(diff)
			}
		})
	})
}

func TestOneHot(t *testing.T) {
	everywhere(t, func(t *testing.T, w world) {
		want := build([]int{2, 3, 4}, func(at []int) float64 {
			if id := [][]int{{0, 3, -1}, {1, -7, 1}}[at[0]][at[1]]; id == at[2] {
				return 1
			}
			return 0
		})
		data := []int32{0, 3, -1, 1, -7, 1}
		assertArray(t, want, tensor.OneHot(w.be, tensor.NewInts(data, 2, 3), 4), exactly)
		if w.arena != nil {
			y := w.arena.OneHot(w.arena.Ints(data, 2, 3), 4)
			assertArray(t, want, y, exactly)
			assert.True(t, y.Exclusive())
		}
	})
}
