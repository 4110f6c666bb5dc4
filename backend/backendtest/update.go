package backendtest

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// rule is one of the formulas of backend.Updater: on one number, and as a call.
type rule struct {
	name string
	kept int // arrays beside the values
	call func(be backend.Updater, w *backend.View, kept []*backend.View, g, ids *backend.View)
	at   func(w *float64, s []*float64, g float64)
}

var updateRules = []rule{
	{"sgd", 0,
		func(be backend.Updater, w *backend.View, _ []*backend.View, g, ids *backend.View) {
			be.SGD(w, g, ids, 0.25)
		},
		func(w *float64, _ []*float64, g float64) { *w -= 0.25 * g }},
	{"momentum", 1,
		func(be backend.Updater, w *backend.View, kept []*backend.View, g, ids *backend.View) {
			be.Momentum(w, kept[0], g, ids, 0.25, 0.875)
		},
		func(w *float64, s []*float64, g float64) {
			*s[0] = 0.875**s[0] - 0.25*g
			*w += *s[0]
		}},
	{"adaGrad", 1,
		func(be backend.Updater, w *backend.View, kept []*backend.View, g, ids *backend.View) {
			be.AdaGrad(w, kept[0], g, ids, 0.25, 0.125)
		},
		func(w *float64, s []*float64, g float64) {
			*s[0] += g * g
			*w -= 0.25 * g / (math.Sqrt(*s[0]) + 0.125)
		}},
	{"adam", 2,
		func(be backend.Updater, w *backend.View, kept []*backend.View, g, ids *backend.View) {
			be.Adam(w, kept[0], kept[1], g, ids, 0.25, 0.125, 0.0625, 0.125)
		},
		func(w *float64, s []*float64, g float64) {
			*s[0] += 0.125 * (g - *s[0])
			*s[1] += 0.0625 * (g*g - *s[1])
			*w -= 0.25 * *s[0] / (math.Sqrt(*s[1]) + 0.125)
		}},
}

func updateChecks() []check {
	var trials []*trial
	rng := newRand("update")
	add := func(r rule, name string, shape []int, rows []int32) {
		args := []*operand{output(offset(shape...), uniform(rng, -2, 2))}
		for range r.kept {
			args = append(args, output(offset(shape...), uniform(rng, 0, 2)))
		}
		from := append([]int(nil), shape...)
		if rows != nil {
			from[0] = len(rows)
		}
		args = append(args, input(offset(from...), uniform(rng, -2, 2)))
		if rows != nil {
			args = append(args, ids(rows...))
		}
		n := 1 + r.kept // position of the gradient
		trials = append(trials, &trial{
			name: fmt.Sprintf("%s/%s%s", r.name, shapeName(shape), name),
			args: args,
			call: func(be backend.Backend, v []*backend.View) {
				var rows *backend.View
				if len(v) > n+1 {
					rows = v[n+1]
				}
				r.call(be.(backend.Updater), v[0], v[1:n], v[n], rows)
			},
			define: func(v [][]float64) {
				width := 1
				if rows != nil {
					width = shape[1]
				}
				for i, g := range v[n] {
					at := i
					if rows != nil {
						at = int(rows[i/width])*width + i%width
					}
					kept := make([]*float64, r.kept)
					for k := range kept {
						kept[k] = &v[1+k][at]
					}
					r.at(&v[0][at], kept, g)
				}
			},
			tol: tolerance{ulps: 4, abs: 8 * unit}, // differences of numbers up to 4
		})
	}
	for _, r := range updateRules {
		for _, shape := range allShapes() {
			add(r, "", shape, nil)
		}
		add(r, "/rows", []int{9, 5}, []int32{7, 0, 3})
		add(r, "/rows-of-one", []int{5, 1}, []int32{4, 2})
		add(r, "/no-rows", []int{5, 3}, []int32{})
		add(r, "/many-rows", []int{1009, 67}, manyIDs(700, 1009)) // 7919 and 1009 are primes: no row twice
	}
	return checksOf(trials)
}

func normChecks() []check {
	var trials []*trial
	rng := newRand("norm")
	for _, shape := range allShapes() {
		trials = append(trials, &trial{
			name: shapeName(shape),
			args: []*operand{output(offset(1), nil), input(offset(shape...), uniform(rng, -2, 2))},
			call: func(be backend.Backend, v []*backend.View) { be.(backend.Normer).SumSquares(v[0], v[1]) },
			define: func(v [][]float64) {
				v[0][0] = 0
				for _, x := range v[1] {
					v[0][0] += x * x
				}
			},
			tol: tolerance{ulps: 16}, // as a sum of one sign
		})
	}
	return checksOf(trials)
}
