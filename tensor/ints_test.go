package tensor_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wengert-ml/wengert/backend/reference"
	"github.com/wengert-ml/wengert/tensor"
)

func TestInts(t *testing.T) {
	arena := tensor.NewArena(reference.New())
	for name, make := range map[string]func([]int32, ...int) tensor.Ints{"heap": tensor.NewInts, "arena": arena.Ints} {
		t.Run(name, func(t *testing.T) {
			data := []int32{5, -6, 7, 8, 9, 1 << 30}
			x := make(data, 2, 3)
			data[0] = 99
			assert.Equal(t, []int32{5, -6, 7, 8, 9, 1 << 30}, x.Data(), "it holds a copy")
			assert.Equal(t, []int{2, 3}, x.Shape())
			assert.Equal(t, 6, x.Len())
			assert.False(t, x.IsZero())
			assert.Equal(t, "ints[2 3][5 -6 7 8 9 1073741824]", x.String())

			number := make([]int32{4})
			assert.Empty(t, number.Shape())
			assert.Equal(t, 1, number.Len())
			assert.Equal(t, 0, make(nil, 0, 2).Len())
			assert.Equal(t, "ints: [4]: 3 values for 4 elements; want 4 values", message(t, func() { make([]int32{1, 2, 3}, 4) }))
		})
	}
	assert.True(t, tensor.Ints{}.IsZero())
	assert.Equal(t, "ints: the zero Ints was used; want one made by NewInts or tape.Ints", message(t, func() { tensor.Ints{}.Len() }))
}

func TestIntsWithin(t *testing.T) {
	x := tensor.NewInts([]int32{0, 3, 1, 2}, 2, 2)
	x.Within("gather", 0, 4)
	assert.Equal(t, "gather: [2 2]: id 3 at position 1 is out of range; want ids from 0 to 2", message(t, func() { x.Within("gather", 0, 3) }))
	assert.Equal(t, "gather: [2 2]: id 0 at position 0 is out of range; want ids from 1 to 3", message(t, func() { x.Within("gather", 1, 4) }))
	assert.Equal(t, "gather: [2 2]: id 0 at position 0 is out of range; want no ids: there is nothing to choose from", message(t, func() { x.Within("gather", 0, 0) }))
}

func TestIntsOfArena(t *testing.T) {
	a := tensor.NewArena(reference.New())
	x := tensor.NewInts([]int32{4, 0, 4, 2, 0, 1}, 2, 3)
	y := a.TransposeInts(x)
	assert.Equal(t, "ints[3 2][4 2 0 0 4 1]", y.String())
	assert.Equal(t, "ints[4][4 2 0 1]", a.DistinctInts(y, 5).String())
	assert.Equal(t, "ints[0][]", a.DistinctInts(tensor.NewInts(nil, 0), 5).String())
	assert.Equal(t, "ints[3 0][]", a.TransposeInts(tensor.NewInts(nil, 0, 3)).String())
	assert.Equal(t, "transposeInts: [6]: no matrix; want [M, N]", message(t, func() { a.TransposeInts(tensor.NewInts(x.Data(), 6)) }))
	assert.Equal(t, "distinct: [2 3]: id 4 at position 0 is out of range; want ids from 0 to 3", message(t, func() { a.DistinctInts(x, 4) }))
}

// After Reset the integers of an arena are another's: a handle notices.
func TestIntsStale(t *testing.T) {
	be := reference.New()
	arena := tensor.NewArena(be)
	x := arena.Ints([]int32{1}, 1)
	heap := tensor.NewInts([]int32{1}, 1)
	arena.Reset(nil)
	arena.Ints([]int32{2}, 1)
	want := &tensor.StaleError{What: "Ints", Made: 1, Now: 2}
	for name, use := range map[string]func(){
		"data":   func() { x.Data() },
		"shape":  func() { x.Shape() },
		"gather": func() { tensor.Ones(be, 3).Gather(x) },
		"put":    func() { arena.PutInts(x) },
	} {
		assert.PanicsWithError(t, want.Error(), use, name)
	}
	assert.EqualError(t, want, "this Ints was made in step 1 of its tape, which is now at step 2: "+
		"after Reset only Params and the Vars given to Reset live on; copy a value out with Value before it")
	assert.Equal(t, []int32{1}, heap.Data())
}

func TestPutInts(t *testing.T) {
	arena := tensor.NewArena(reference.New())
	x := tensor.NewInts([]int32{1, 0, 1, 1}, 2, 2)
	in := arena.PutInts(x)
	assert.Equal(t, x.Data(), in.Data())
	assert.Equal(t, []int{2, 2}, in.Shape())
	assert.Equal(t, in, arena.PutInts(in), "already there")

	table := arena.Put(tensor.Ones(arena.Backend(), 2, 3))
	before := arena.Stats().Buffers
	table.Gather(in)
	held := arena.Stats().Buffers
	assert.Equal(t, before+2, held, "the rows and the ids on the backend")
	table.Gather(in).Release()
	table.ScatterAdd(in, tensor.Ones(arena.Backend(), 2, 2, 3))
	assert.Equal(t, held+1, arena.Stats().Buffers, "the ids are there already")
}

// Each Reset makes room for other ids in the place of those before.
func TestIntsAfterReset(t *testing.T) {
	arena := tensor.NewArena(reference.New())
	table := tensor.Arange(arena.Backend(), 0, 3, 1)
	for _, id := range []int32{2, 1, 0} {
		got := arena.Put(table).Gather(arena.Ints([]int32{id}, 1))
		assert.Equal(t, []float32{float32(id)}, got.Floats())
		arena.Reset(nil)
	}
}
