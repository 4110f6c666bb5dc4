package main

import "strings"

// optimisers returns the updates of parameters w by their gradient g. Denormals
// are flushed: the moments of a row without gradients decay into them, where
// Intel's processors take a hundred times as long.
func optimisers() []stream {
	adam := stream{
		name: "adam", slices: "w m v grad", scalars: "lr rate1 rate2 eps", blocks: 2, blocks2: 1, mode: flushZero,
		body: func(k *kernel) {
			g, m, v := k.load(k.at("grad")), k.load(k.at("m")), k.load(k.at("v"))
			k.addMul(m, k.sub(g, m), k.c("rate1"))
			k.store(m, k.at("m"))
			squared := k.into(k.copyOf(v, len(v)), k.VFMSUB231PS, g, g) // g² - v
			k.addMul(v, squared, k.c("rate2"))
			k.store(v, k.at("v"))
			step := k.div(k.mul(m, k.c("lr")), k.add(k.op(k.VSQRTPS, v), k.c("eps")))
			k.store(k.sub(k.load(k.at("w")), step), k.at("w"))
		},
	}
	adamRows := adam
	adamRows.name, adamRows.table, adamRows.along, adamRows.ahead = "adamRows", "w m v", "grad", true
	adamRows.body = func(k *kernel) {
		for _, name := range strings.Fields(adamRows.table) {
			k.prefetch(name, k.PREFETCHT0)
		}
		adam.body(k)
	}
	return []stream{
		{
			name: "sgd", slices: "w grad", scalars: "lr", blocks: 4, blocks2: 2, mode: flushZero,
			body: func(k *kernel) {
				w := k.load(k.at("w"))
				k.subMul(w, k.load(k.at("grad")), k.c("lr"))
				k.store(w, k.at("w"))
			},
		},
		{
			name: "momentum", slices: "w v grad", scalars: "lr momentum", blocks: 2, blocks2: 1, mode: flushZero,
			body: func(k *kernel) {
				v := k.mul(k.load(k.at("v")), k.c("momentum"))
				k.subMul(v, k.load(k.at("grad")), k.c("lr"))
				k.store(v, k.at("v"))
				k.store(k.add(v, k.load(k.at("w"))), k.at("w"))
			},
		},
		{
			name: "adaGrad", slices: "w h grad", scalars: "lr eps", blocks: 2, blocks2: 1, mode: flushZero,
			body: func(k *kernel) {
				g := k.load(k.at("grad"))
				h := k.addMul(k.load(k.at("h")), g, g)
				k.store(h, k.at("h"))
				step := k.div(k.mul(g, k.c("lr")), k.add(k.op(k.VSQRTPS, h), k.c("eps")))
				k.store(k.sub(k.load(k.at("w")), step), k.at("w"))
			},
		},
		adam,
		adamRows,
	}
}
