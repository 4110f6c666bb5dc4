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
