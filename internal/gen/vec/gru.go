package main

// gru returns the kernels of a GRU cell's row, around the product of s with the
// weights. Gates are a row of 3n floats, in the order z, r, ĥ.
func gru() []stream {
	return []stream{
		{
			name: "gruGates", slices: "s gates h", gates: true, blocks: 1, blocks2: 1, mode: flushZero,
			body: func(k *kernel) {
				n := k.lanes()
				zr := k.sigmoids(append(k.load(k.gate("gates", 0)), k.load(k.gate("gates", 1))...), n)
				z, r := zr[:n], zr[n:]
				k.store(z, k.gate("gates", 0))
				k.store(r, k.gate("gates", 1))
				k.store(k.mul(r, k.load(k.at("h"))), k.at("s"))
			},
		},
		{
			name: "gruState", slices: "y gates h", gates: true, blocks: 1, blocks2: 1, mode: flushZero,
			body: func(k *kernel) {
				c := k.tanh(k.load(k.gate("gates", 2)))
				k.store(c, k.gate("gates", 2))
				h, z := k.load(k.at("h")), k.load(k.gate("gates", 0))
				d := k.sub(c, h)
				k.store(k.addMul(h, z, d), k.at("y"))
			},
		},
		{
			// With t = gy·z, what reaches ĥ.
			name: "gruStateGrad", slices: "dh gates gy h", gates: true, blocks: 1, blocks2: 1, mode: flushZero,
			body: func(k *kernel) {
				z, c := k.load(k.gate("gates", 0)), k.load(k.gate("gates", 2))
				gy := k.load(k.at("gy"))
				t := k.mul(gy, z)
				k.store(k.add(k.load(k.at("dh")), k.sub(gy, t)), k.at("dh"))
				d := k.mul(t, k.sub(c, k.load(k.at("h"))))
				k.store(k.mul(d, k.sub(k.r("one"), z)), k.gate("gates", 0))
				k.store(k.mul(t, k.tanhSlope(c)), k.gate("gates", 2))
			},
		},
		{
			name: "gruGatesGrad", slices: "dh gates s h", gates: true, blocks: 1, blocks2: 1, mode: flushZero,
			body: func(k *kernel) {
				r, ds := k.load(k.gate("gates", 1)), k.load(k.at("s"))
				k.store(k.addMul(k.load(k.at("dh")), ds, r), k.at("dh"))
				s := k.mul(r, k.load(k.at("h")))
				k.store(s, k.at("s"))
				k.store(k.mul(k.mul(ds, s), k.sub(k.r("one"), r)), k.gate("gates", 1))
			},
		},
	}
}
