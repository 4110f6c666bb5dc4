package main

// lstm returns the kernels of an LSTM cell's row. Gates and what they come from
// are rows of 4n floats, in the order f, g, i, o.
func lstm() []stream {
	return []stream{
		lstmCell("lstmCell", "h cNew gates z c"),
		lstmCell("lstmCellPlus", "h cNew gates z x c"),
		{
			// With t = tanh(c'): dc' = dc + dh·o·(1-t²), and each gate's gradient goes
			// through the derivative of its function.
			name: "lstmCellGrad", slices: "dz dc dh gates cNew c", gates: true, blocks: 1, blocks2: 1, mode: flushZero,
			body: func(k *kernel) {
				t := k.tanh(k.load(k.at("cNew")))
				dh, o := k.load(k.at("dh")), k.load(k.gate("gates", 3))
				u := k.mul(dh, o)
				d := k.addMul(k.load(k.at("dc")), u, k.tanhSlope(t))
				k.store(k.mul(k.mul(u, t), k.sub(k.r("one"), o)), k.gate("dz", 3))
				f := k.load(k.gate("gates", 0))
				df := k.mul(d, f)
				g, i := k.load(k.gate("gates", 1)), k.load(k.gate("gates", 2))
				k.store(k.mul(k.mul(df, k.load(k.at("c"))), k.sub(k.r("one"), f)), k.gate("dz", 0))
				k.store(df, k.at("dc"))
				di := k.mul(d, i)
				k.store(k.mul(k.mul(di, g), k.sub(k.r("one"), i)), k.gate("dz", 2))
				k.store(k.mul(di, k.tanhSlope(g)), k.gate("dz", 1))
			},
		},
	}
}

// lstmCell is the cell of z, or of z + x where there is x.
func lstmCell(name, slices string) stream {
	return stream{
		name: name, slices: slices, gates: true, blocks: 1, blocks2: 1, mode: flushZero,
		body: func(k *kernel) {
			n := k.lanes()
			gate := func(q int) vec {
				z := k.load(k.gate("z", q))
				if _, plus := k.ptr["x"]; plus {
					z = k.add(z, k.load(k.gate("x", q)))
				}
				return z
			}
			var z vec
			for _, q := range []int{0, 2, 3} {
				z = append(z, gate(q)...)
			}
			g := k.tanh(gate(1))
			k.store(g, k.gate("gates", 1))
			s := k.sigmoids(z, n)
			f, i, o := s[:n], s[n:2*n], s[2*n:]
			k.store(f, k.gate("gates", 0))
			k.store(i, k.gate("gates", 2))
			k.store(o, k.gate("gates", 3))
			c := k.mul(i, g)
			k.addMul(c, f, k.load(k.at("c")))
			k.store(c, k.at("cNew"))
			k.store(k.mul(o, k.tanh(c)), k.at("h"))
		},
	}
}

// sigmoids is the sigmoid of three gates of n lanes: all in lock step where
// there are registers enough.
func (k *kernel) sigmoids(z vec, n int) vec {
	if k.wide {
		return k.sigmoid(z)
	}
	var s vec
	for i := 0; i < len(z); i += n {
		s = append(s, k.sigmoid(z[i:i+n])...)
	}
	return s
}
