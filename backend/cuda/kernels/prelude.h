// What kernels.cu needs of CUDA's headers, for clang without a toolkit, and the
// functions that are in no instruction: no libdevice is linked.
#pragma once

#define KERNEL extern "C" __attribute__((global)) void
#define DEVICE static __attribute__((device)) inline __attribute__((always_inline))
#define FUNCTION DEVICE
#define METHOD __attribute__((device)) inline __attribute__((always_inline))
#define SHARED static __attribute__((shared))

typedef unsigned u32;
typedef unsigned short u16;
typedef long long i64;
typedef unsigned long long u64;

// Four neighbours, which one access moves where they begin at a multiple of 16 bytes.
typedef float quad __attribute__((ext_vector_type(4)));

DEVICE int thread() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE int threads() { return __nvvm_read_ptx_sreg_ntid_x(); }
DEVICE int block() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE int blockY() { return __nvvm_read_ptx_sreg_ctaid_y(); }
DEVICE int blockZ() { return __nvvm_read_ptx_sreg_ctaid_z(); }
DEVICE int blocks() { return __nvvm_read_ptx_sreg_nctaid_x(); }

// The fences keep clang from moving accesses of shared memory across the barrier.
DEVICE void barrier() {
	asm volatile("" ::: "memory");
	__syncthreads();
	asm volatile("" ::: "memory");
}

// One bit of each thread of the warp, that of the first one lowest.
DEVICE u32 ballot(bool x) { return __nvvm_vote_ballot_sync(0xffffffff, x); }

DEVICE float bits(u32 i) { return __builtin_bit_cast(float, i); }
DEVICE u32 word(float x) { return __builtin_bit_cast(u32, x); }
DEVICE double wide(u64 i) { return __builtin_bit_cast(double, i); }
DEVICE u64 words(double x) { return __builtin_bit_cast(u64, x); }

// Whether x, and what lies a multiple of `apart` floats behind it, is where a quad may begin.
DEVICE bool aligned(const float *x, u32 apart = 0) { return (((u64)x | 4 * apart) & 15) == 0; }

// The first four elements of `left`, a step apart, and `rest` where there are fewer. whole
// says that four which are there may be read at once.
DEVICE quad load(const float *x, u32 step, int left, bool whole, float rest = 0) {
	if (whole && left >= 4) return *(const quad *)x;
	quad v = rest;
	if (left > 0) v.x = x[0];
	if (left > 1) v.y = x[step];
	if (left > 2) v.z = x[2 * step];
	if (left > 3) v.w = x[3 * step];
	return v;
}

// The reverse of load.
DEVICE void store(float *y, quad v, u32 step, int left, bool whole) {
	if (whole && left >= 4) {
		*(quad *)y = v;
		return;
	}
	if (left > 0) y[0] = v.x;
	if (left > 1) y[step] = v.y;
	if (left > 2) y[2 * step] = v.z;
	if (left > 3) y[3 * step] = v.w;
}

#define INFINITE bits(0x7f800000)

DEVICE float root(float x) { return __nvvm_sqrt_rn_f(x); }
DEVICE double root(double x) { return __nvvm_sqrt_rn_d(x); }

// The larger and the smaller, NaN where either is, and +0 above -0.
DEVICE float larger(float x, float y) {
	if (x != x) return x;
	if (x == y) return bits(word(x) & word(y));
	return x > y ? x : y;
}
DEVICE float smaller(float x, float y) {
	if (x != x) return x;
	if (x == y) return bits(word(x) | word(y));
	return x < y ? x : y;
}

// e^x in float32, to 2 units of the last place (coefficients of Cephes).
DEVICE float exponential(float x) {
	if (x != x) return x;
	if (x > 88.8f) return INFINITE;
	if (x < -104.f) return 0;
	float n = __builtin_rintf(x * 1.44269504f);
	float r = __builtin_fmaf(n, -0.693145752f, x); // ln 2 in two pieces
	r = __builtin_fmaf(n, -1.42860677e-6f, r);
	float p = 1.9875691500e-4f;
	p = __builtin_fmaf(p, r, 1.3981999507e-3f);
	p = __builtin_fmaf(p, r, 8.3334519073e-3f);
	p = __builtin_fmaf(p, r, 4.1665795894e-2f);
	p = __builtin_fmaf(p, r, 1.6666665459e-1f);
	p = __builtin_fmaf(p, r, 5.0000001201e-1f);
	p = __builtin_fmaf(p, r * r, r) + 1;
	int i = (int)n, half = i / 2; // two factors, for subnormal results
	return p * bits((half + 127) << 23) * bits((i - half + 127) << 23);
}

DEVICE float sigmoid(float x) { return 1 / (1 + exponential(-x)); }

DEVICE float hyperbolicTangent(float x) {
	float a = __builtin_fabsf(x);
	if (a < 0.55f) {
		float z = x * x, y = -5.70498872745e-3f;
		y = __builtin_fmaf(y, z, 2.06390887954e-2f);
		y = __builtin_fmaf(y, z, -5.37397155531e-2f);
		y = __builtin_fmaf(y, z, 1.33314422036e-1f);
		y = __builtin_fmaf(y, z, -3.33332819422e-1f);
		return __builtin_fmaf(y * z, x, x);
	}
	return __builtin_copysignf(1 - 2 / (exponential(2 * a) + 1), x);
}

// What is not in the inner loop of a model is computed in float64, whose rounding
// errors a float32 does not show.

FUNCTION double exponential(double x) {
	if (x != x) return x;
	x = x > 700 ? 700 : x < -700 ? -700 : x; // beyond, a float32 is infinite or 0
	double n = __builtin_rint(x * 1.4426950408889634);
	double r = __builtin_fma(n, -6.93147180369123816490e-01, x);
	r = __builtin_fma(n, -1.90821492927058770002e-10, r);
	double p = 0;
#pragma unroll
	for (int i = 13; i > 0; i--) p = (p + 1) * (r / i);
	return (1 + p) * wide((u64)((i64)n + 1023) << 52);
}

// ln x of a positive number, by the series of artanh((m-1)/(m+1)).
FUNCTION double logarithm(double x) {
	if (x != x || x < 0) return wide(0x7ff8000000000000);
	if (x == 0) return -wide(0x7ff0000000000000);
	if (x == wide(0x7ff0000000000000)) return x;
	u64 w = words(x);
	int e = (int)(w >> 52) - 1023;
	double m = wide((w & 0xfffffffffffff) | 0x3ff0000000000000);
	if (m > 1.4142135623730951) m *= 0.5, e++;
	double s = (m - 1) / (m + 1), z = s * s, p = 0;
#pragma unroll
	for (int i = 19; i > 0; i -= 2) p = __builtin_fma(p, z, 1.0 / i);
	return __builtin_fma(2 * s, p, e * 0.6931471805599453);
}

DEVICE double logarithm1(float x) { return __builtin_fabsf(x) < 1e-8f ? x : logarithm(1 + (double)x); }

// The sine of x + quarters·π/2.
FUNCTION double sine(double x, int quarters) {
	double n = __builtin_rint(x * 0.6366197723675814);
	double r = __builtin_fma(n, -1.5707963267948966, x);
	r = __builtin_fma(n, -6.123233995736766e-17, r);
	int q = ((int)(n - 4 * __builtin_floor(n / 4)) + quarters) & 3;
	double z = r * r, s = 0, c = 0;
#pragma unroll
	for (int i = 8; i > 0; i--) s = (s + 1) * (z / (-2 * i * (2 * i + 1)));
#pragma unroll
	for (int i = 8; i > 0; i--) c = (c + 1) * (z / (-2 * i * (2 * i - 1)));
	double y = q & 1 ? 1 + c : r * (1 + s);
	return q & 2 ? -y : y;
}

// 1 - erf x, by the series of erf with positive terms or, far out, a continued fraction.
FUNCTION double complement(double x) {
	double a = __builtin_fabs(x);
	if (x != x) return x;
	if (a < 2.5) {
		double term = a, sum = a;
		for (int n = 1; n < 50; n++) {
			term *= 2 * a * a / (2 * n + 1);
			sum += term;
		}
		double erf = 1.1283791670955126 * exponential(-a * a) * sum;
		return x < 0 ? 1 + erf : 1 - erf;
	}
	if (a > 27) return x < 0 ? 2 : 0;
	double f = a;
	for (int n = 40; n > 0; n--) f = a + n * 0.5 / f;
	double y = exponential(-a * a) / (1.7724538509055161 * f);
	return x < 0 ? 2 - y : y;
}

FUNCTION float errorFunction(float x) {
	double a = x;
	if (__builtin_fabsf(x) < 1e-3f) return (float)(1.1283791670955126 * (a - a * a * a / 3));
	return (float)(1 - complement(a));
}

FUNCTION float power(float x, float p) {
	if (p == 0 || x == 1) return 1;
	if (x != x || p != p) return x + p;
	float a = __builtin_fabsf(x);
	bool isWhole = __builtin_truncf(p) == p;
	bool isOdd = isWhole && __builtin_fabsf(p) < 16777216.f && ((i64)p & 1);
	if (a == 0) {
		float y = p > 0 ? 0 : INFINITE;
		return isOdd ? __builtin_copysignf(y, x) : y;
	}
	if (a == INFINITE) {
		float y = p > 0 ? INFINITE : 0;
		return x < 0 && isOdd ? -y : y;
	}
	if (__builtin_fabsf(p) == INFINITE) return a == 1 ? 1 : (a > 1) == (p > 0) ? INFINITE : 0;
	if (x < 0 && !isWhole) return bits(0x7fc00000);
	float y = (float)exponential(p * logarithm(a));
	return x < 0 && isOdd ? -y : y;
}

// Four random words: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011).
DEVICE void philox(u32 x[4], u64 counter, u64 key) {
	u32 k0 = (u32)key, k1 = (u32)(key >> 32);
	x[0] = (u32)counter, x[1] = (u32)(counter >> 32), x[2] = 0, x[3] = 0;
#pragma unroll
	for (int i = 0; i < 10; i++) {
		u64 a = (u64)0xD2511F53u * x[0], b = (u64)0xCD9E8D57u * x[2];
		x[0] = (u32)(b >> 32) ^ x[1] ^ k0;
		x[1] = (u32)b;
		x[2] = (u32)(a >> 32) ^ x[3] ^ k1;
		x[3] = (u32)a;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
}

DEVICE float unit(u32 w) { return (float)(w >> 8) * (1.f / (1 << 24)); }
