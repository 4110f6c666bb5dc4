package backendtest

import (
	"fmt"
	"math"

	"github.com/wengert-ml/wengert/backend"
)

// randomTolerances: uniforms agree in every bit on every backend. A normal
// number is a radius up to 5.8 times the sine of an angle up to 2π, which
// float32 holds to 2π·2^-25, so it is good to about 5.8·(2π+2)·2^-25.
var randomTolerances = map[backend.Dist]tolerance{
	backend.Uniform: exact,
	backend.Normal:  {ulps: 8, abs: 32 * unit},
}

func randomChecks() []check {
	var trials []*trial
	add := func(name string, dist backend.Dist, dst place, key, counter uint64) {
		trials = append(trials, &trial{
			name: dist.String() + "/" + name,
			args: []*operand{output(dst, nil)},
			call: func(be backend.Backend, v []*backend.View) { be.Random(v[0], dist, key, counter) },
			tol:  randomTolerances[dist],
		})
	}
	for _, dist := range []backend.Dist{backend.Uniform, backend.Normal} {
		for _, shape := range shapes {
			for _, to := range outputForms {
				add(fmt.Sprintf("%s/%s", shapeName(shape), to.name), dist, to.lay(shape...), 1984, 7)
			}
		}
		for _, shape := range largeShapes {
			add("large/"+shapeName(shape), dist, packed(shape...), 0x9E3779B97F4A7C15, 1<<40)
		}
		for n := range 40 {
			add(fmt.Sprintf("n=%d", n), dist, offset(n), 1, 0)
		}
		for _, key := range []uint64{0, 1, 1 << 32, math.MaxUint64} {
			// The counter carries into its upper half, and around.
			for _, counter := range []uint64{0, 1<<32 - 3, math.MaxUint64 - 3} {
				add(fmt.Sprintf("key=%x,counter=%x", key, counter), dist, packed(67), key, counter)
			}
		}
	}
	return append(checksOf(trials),
		check{name: "uniform/definition", run: uniformDefinition},
		check{name: "normal/moments", run: normalMoments},
	)
}

// uniformDefinition holds Random to [backend.Philox] itself, not to the reference.
func uniformDefinition(be backend.Backend) error {
	const n, key, counter = 1001, 12345, 99
	tr := &trial{
		name: "Random",
		args: []*operand{output(packed(n), nil)},
		call: func(be backend.Backend, v []*backend.View) { be.Random(v[0], backend.Uniform, key, counter) },
		define: func(v [][]float64) {
			for i := range v[0] {
				v[0][i] = backend.Unit(backend.Philox(counter+uint64(i)/4, key)[i%4])
			}
		},
		tol: exact,
	}
	return tr.check(be)
}

// normalMoments looks at the mean, variance and fourth moment of 65,536 numbers,
// which have standard errors of 1/256, √2/256 and √96/256. Five of them pass.
func normalMoments(be backend.Backend) error {
	const n = 1 << 16
	buf, err := be.Alloc(backend.F32, n)
	if err != nil {
		return err
	}
	defer be.Free(buf)
	be.Random(wholeOf(buf, backend.F32, n), backend.Normal, 1984, 0)
	x, err := download(be, buf, backend.F32, n)
	if err != nil {
		return err
	}
	var m1, m2, m4 float64
	for _, v := range x {
		m1 += v / n
		m2 += v * v / n
		m4 += v * v * v * v / n
	}
	const se = 5.0 / 256
	if math.Abs(m1) > se || math.Abs(m2-1) > math.Sqrt2*se || math.Abs(m4-3) > math.Sqrt(96)*se {
		return fmt.Errorf("method Random, normal: moments 1, 2 and 4 are %v, %v and %v; want 0, 1 and 3", m1, m2, m4)
	}
	return nil
}
