package main

/*
#include <immintrin.h>

// Twelve independent sums keep both multiply-add units of a core busy, since each takes
// four cycles; nothing is loaded.
#define EACH(f) f(a) f(b) f(c) f(d) f(e) f(g) f(h) f(i) f(j) f(k) f(l) f(m)
enum { SUMS = 12 };

#define BEGIN512(s) __m512 s = x;
#define STEP512(s) s = _mm512_fmadd_ps(s, x, y);
#define KEEP512(s) __asm__ volatile("" : "+v"(s));
#define ADD512(s) sum += _mm512_reduce_add_ps(s);

__attribute__((target("avx512f"))) static float peak512(long n) {
	__m512 x = _mm512_set1_ps(0.999f), y = _mm512_set1_ps(1e-3f);
	EACH(BEGIN512)
	for (long t = 0; t < n; t++) {
		EACH(STEP512)
		EACH(KEEP512)
	}
	float sum = 0;
	EACH(ADD512)
	return sum;
}

#define BEGIN256(s) __m256 s = x;
#define STEP256(s) s = _mm256_fmadd_ps(s, x, y);
#define KEEP256(s) __asm__ volatile("" : "+x"(s));
#define ADD256(s) sum += _mm256_cvtss_f32(s);

__attribute__((target("avx2,fma"))) static float peak256(long n) {
	__m256 x = _mm256_set1_ps(0.999f), y = _mm256_set1_ps(1e-3f);
	EACH(BEGIN256)
	for (long t = 0; t < n; t++) {
		EACH(STEP256)
		EACH(KEEP256)
	}
	float sum = 0;
	EACH(ADD256)
	return sum;
}
*/
import "C"

import (
	"fmt"

	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

// newPeak measures how many multiply-adds a core can do that need no memory: what no
// product can pass. One repetition is [rig.PeakFlop] operations.
func newPeak(work string) (*rig.Bench, error) {
	lanes, loop := 16, func(n C.long) C.float { return C.peak512(n) }
	switch work {
	case rig.PeakAVX512:
	case rig.PeakAVX2:
		lanes, loop = 8, func(n C.long) C.float { return C.peak256(n) }
	default:
		return nil, fmt.Errorf("work %q; want %s or %s", work, rig.PeakAVX512, rig.PeakAVX2)
	}
	steps := rig.PeakFlop / (2 * lanes * C.SUMS)
	var sum float64
	return &rig.Bench{
		Run:   func(n int) { sum = float64(loop(C.long(n * steps))) },
		Check: func() float64 { return sum },
	}, nil
}
