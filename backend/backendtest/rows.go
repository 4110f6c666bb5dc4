package backendtest

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend"
)

// idLists are rows to look up in a table of five: none, one, all, repeated,
// falling.
var idLists = []struct {
	name string
	ids  []int32
}{
	{"none", nil},
	{"one", []int32{3}},
	{"all", []int32{0, 1, 2, 3, 4}},
	{"falling", []int32{4, 3, 2, 1, 0}},
	{"repeated", []int32{2, 4, 2, 2, 0, 4, 2}},
	{"the-same", []int32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
}

// manyIDs returns n ids below v, repeated when n is larger.
func manyIDs(n, v int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = int32(i * 7919 % v)
	}
	return list
}

func gatherChecks() []check {
	var trials []*trial
	rng := newRand("gather")
	add := func(name string, dst, table place, list []int32, v values) {
		trials = append(trials, &trial{
			name: name, tol: exact,
			args: []*operand{output(dst, nil), input(table, v), ids(list...)},
			call: func(be backend.Backend, v []*backend.View) { be.Gather(v[0], v[1], v[2]) },
		})
	}
	for _, l := range idLists {
		for _, d := range []int{0, 1, 3, 16, 33} {
			add(fmt.Sprintf("%s/d=%d", l.name, d), offset(len(l.ids), d), offset(5, d), l.ids, whole(rng))
			add(fmt.Sprintf("%s/d=%d/packed", l.name, d), packed(len(l.ids), d), packed(5, d), l.ids, whole(rng))
		}
		for _, to := range outputForms {
			for _, from := range inputForms {
				add(fmt.Sprintf("%s/%s-from-%s", l.name, to.name, from.name), to.lay(len(l.ids), 7), from.lay(5, 7), l.ids, whole(rng))
			}
		}
	}
	add("special-values", offset(7, len(moved)), offset(5, len(moved)), idLists[4].ids, listed(moved...))
	add("large", packed(3001, 33), packed(777, 33), manyIDs(3001, 777), uniform(rng, -4, 4))
	return checksOf(trials)
}

func scatterChecks() []check {
	var trials []*trial
	rng := newRand("scatter")
	add := func(name string, tol tolerance, dst, rows place, list []int32, v values) {
		trials = append(trials, &trial{
			name: name, tol: tol,
			args: []*operand{output(dst, v), input(rows, v), ids(list...)},
			call: func(be backend.Backend, v []*backend.View) { be.ScatterAdd(v[0], v[1], v[2]) },
		})
	}
	for _, l := range idLists {
		for _, d := range []int{0, 1, 3, 16, 33} {
			add(fmt.Sprintf("%s/d=%d", l.name, d), tolerance{}, offset(5, d), offset(len(l.ids), d), l.ids, whole(rng))
		}
		for _, to := range outputForms {
			for _, from := range inputForms {
				add(fmt.Sprintf("%s/%s-from-%s", l.name, to.name, from.name), tolerance{},
					to.lay(5, 7), from.lay(len(l.ids), 7), l.ids, whole(rng))
			}
		}
	}
	add("large", tolerance{}, packed(777, 33), packed(3001, 33), manyIDs(3001, 777), whole(rng))
	add("large-few-rows", tolerance{}, packed(3, 33), packed(3001, 33), manyIDs(3001, 3), whole(rng))
	add("rounding", summed(1000), packed(3, 33), packed(3000, 33), manyIDs(3000, 3), uniform(rng, -1, 1))
	return checksOf(trials)
}

func rowMixerChecks() []check {
	var trials []*trial
	rng := newRand("rowMixer")
	for _, s := range [][4]int{{5, 1, 1, 1}, {5, 3, 2, 4}, {2, 7, 5, 16}, {5, 0, 2, 3}, {5, 3, 0, 3}, {5, 2, 3, 0}, {9, 4, 3, 33}, {777, 100, 10, 100}, {50, 301, 7, 130}} {
		v, n, k, d := s[0], s[1], s[2], s[3]
		list := manyIDs(n*k, v)
		add := func(name string, terms int, call func(be backend.RowMixer, v []*backend.View), define func(a [][]float64), args ...*operand) {
			trials = append(trials, &trial{
				name: fmt.Sprintf("%s/v=%d/n=%d/k=%d/d=%d", name, v, n, k, d), tol: summed(terms),
				args: append(args, ids(list...)), define: define,
				call: func(be backend.Backend, v []*backend.View) { call(be.(backend.RowMixer), v) },
			})
		}
		in := func(shape ...int) *operand { return input(offset(shape...), uniform(rng, -1, 1)) }
		add("dots", d, func(be backend.RowMixer, v []*backend.View) { be.GatherDots(v[0], v[1], v[2], v[3]) },
			func(a [][]float64) {
				for i, id := range list {
					a[0][i] = 0
					for j := range d {
						a[0][i] += a[1][int(id)*d+j] * a[2][i/k*d+j]
					}
				}
			}, output(offset(n, k), nil), in(v, d), in(n, d))
		add("sums", k, func(be backend.RowMixer, v []*backend.View) { be.GatherSums(v[0], v[1], v[2], v[3]) },
			func(a [][]float64) {
				clear(a[0])
				for i, id := range list {
					for j := range d {
						a[0][i/k*d+j] += a[2][i] * a[1][int(id)*d+j]
					}
				}
			}, output(offset(n, d), nil), in(v, d), in(n, k))
		add("products", n*k, func(be backend.RowMixer, v []*backend.View) { be.ScatterProducts(v[0], v[1], v[2], v[3]) },
			func(a [][]float64) {
				for i, id := range list {
					for j := range d {
						a[0][int(id)*d+j] += a[1][i] * a[2][i/k*d+j]
					}
				}
			}, output(offset(v, d), uniform(rng, -1, 1)), in(n, k), in(n, d))
	}
	return checksOf(trials)
}
