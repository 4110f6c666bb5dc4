// The kernels of package cuda. compile.sh makes kernels.ptx of them.
//
// Parameters are scalars and pointers of at most 8 bytes. Places are counted in
// elements, in 32 bits, since no buffer has more of them; a view comes as a pointer to
// its first element and six strides, from the last axis to the first, axes that are not
// there having stride 0. Threads with neighbouring numbers touch neighbouring elements
// of the last axis.
#include "prelude.h"

#define SIZES u32 n, int rank, u32 d0, u32 d1, u32 d2, u32 d3, u32 d4
#define STRIDES(v) u32 v##0, u32 v##1, u32 v##2, u32 v##3, u32 v##4, u32 v##5
#define AT(c, v) (c.i[0] * v##0 + c.i[1] * v##1 + c.i[2] * v##2 + c.i[3] * v##3 + c.i[4] * v##4 + c.i[5] * v##5)
#define EACH(i, n) for (u32 i = block() * threads() + thread(); i < (n); i += blocks() * threads())

// The coordinates of an element, from the last axis to the first.
struct place {
	u32 i[6];
};

DEVICE place coordinates(u32 e, int rank, u32 d0, u32 d1, u32 d2, u32 d3, u32 d4) {
	place c = {{e, 0, 0, 0, 0, 0}};
	u32 d[5] = {d0, d1, d2, d3, d4};
#pragma unroll
	for (int a = 0; a < 5; a++) {
		if (rank <= a + 1) break;
		u32 q = e / d[a];
		c.i[a] = e - q * d[a];
		c.i[a + 1] = q;
		e = q;
	}
	return c;
}

#define COORDINATES(e) coordinates(e, rank, d0, d1, d2, d3, d4)

// ---- one element at a time

DEVICE float unaryOf(int op, float x, float a, float b) {
	switch (op) { // in the order of backend.UnaryOp
	case 0: return -x;
	case 1: return __builtin_fabsf(x);
	case 2: return x > 0 ? 1 : x < 0 ? -1 : x;
	case 3: return x * x;
	case 4: return root(x);
	case 5: return 1 / root(x);
	case 6: return 1 / x;
	case 7: return exponential(x);
	case 8: return __builtin_fabsf(x) < 1e-8f ? x : (float)(exponential((double)x) - 1);
	case 9: return (float)logarithm((double)x);
	case 10: return (float)logarithm1(x);
	case 11: return x == 0 ? x : (float)sine(x, 0);
	case 12: return (float)sine(x, 1);
	case 13: return hyperbolicTangent(x);
	case 14: return sigmoid(x);
	case 15: {
		float e = (float)exponential(-(double)__builtin_fabsf(x));
		return x != x ? x : (x > 0 ? x : 0) + (float)logarithm1(e);
	}
	case 16: return errorFunction(x);
	case 17: return x > 0 || x != x ? x : 0;
	case 18: return (float)(x * 0.5 * complement(x * -0.7071067811865476));
	case 19: return x / (1 + exponential(-x));
	case 20: return __builtin_floorf(x);
	case 21: return __builtin_ceilf(x);
	case 22: return __builtin_rintf(x);
	case 23: return x * a + b;
	case 24: return power(x, a);
	case 25: return smaller(larger(x, a), b);
	case 26: return x > 0 ? x : a * x;
	}
	return bits(0x7fc00000);
}

DEVICE float binaryOf(int op, float x, float y) {
	switch (op) { // in the order of backend.BinaryOp
	case 0: return x + y;
	case 1: return x - y;
	case 2: return x * y;
	case 3: return x / y;
	case 4: return larger(x, y);
	case 5: return smaller(x, y);
	case 6: return x == y;
	case 7: return x != y;
	case 8: return x < y;
	case 9: return x <= y;
	case 10: return x > y;
	case 11: return x >= y;
	case 12: return x * (1 - y * y);
	case 13: return x * y * (1 - y);
	case 14: return y > 0 ? x : 0;
	case 15: {
		double v = y, density = exponential(v * v * -0.5) * 0.3989422804014327;
		return (float)(x * (complement(v * -0.7071067811865476) * 0.5 + v * density));
	}
	}
	return bits(0x7fc00000);
}

KERNEL unary(int op, float *y, const float *x, float a, float b, SIZES, STRIDES(r), STRIDES(s)) {
	EACH(i, n) {
		place c = COORDINATES(i);
		y[AT(c, r)] = unaryOf(op, x[AT(c, s)], a, b);
	}
}

KERNEL binary(int op, float *z, const float *x, const float *y, SIZES, STRIDES(r), STRIDES(s), STRIDES(t)) {
	EACH(i, n) {
		place c = COORDINATES(i);
		z[AT(c, r)] = binaryOf(op, x[AT(c, s)], y[AT(c, t)]);
	}
}

KERNEL where(float *z, const float *cond, const float *x, const float *y, SIZES, STRIDES(r), STRIDES(s), STRIDES(t), STRIDES(u)) {
	EACH(i, n) {
		place c = COORDINATES(i);
		z[AT(c, r)] = cond[AT(c, s)] != 0 ? x[AT(c, t)] : y[AT(c, u)];
	}
}

KERNEL copy32(u32 *y, const u32 *x, SIZES, STRIDES(r), STRIDES(s)) {
	EACH(i, n) {
		place c = COORDINATES(i);
		y[AT(c, r)] = x[AT(c, s)];
	}
}

KERNEL copy16(u16 *y, const u16 *x, SIZES, STRIDES(r), STRIDES(s)) {
	EACH(i, n) {
		place c = COORDINATES(i);
		y[AT(c, r)] = x[AT(c, s)];
	}
}

KERNEL fill32(u32 *y, u32 v, SIZES, STRIDES(r)) {
	EACH(i, n) {
		place c = COORDINATES(i);
		y[AT(c, r)] = v;
	}
}

KERNEL fill16(u16 *y, u32 v, SIZES, STRIDES(r)) {
	EACH(i, n) {
		place c = COORDINATES(i);
		y[AT(c, r)] = (u16)v;
	}
}

// ---- the same, four elements at a time: n rows of a width, in which neighbours lie side
// by side from a multiple of 16 bytes on, or one element repeats, its step being 0

#define ROWS u32 width, u32 per, SIZES, STRIDES(r) // per is how many fours make a row
#define ROW(v) STRIDES(v), u32 v##step
#define TAKE(x, v) (v##step ? load(x + AT(c, v) + d, 1, width - d, true) : (quad)x[AT(c, v)])
#define PUT(y, value) store(y + AT(c, r) + d, value, 1, width - d, true)

// Four times, since four copies of all functions would be long: the elements of a quad
// take turns at being the first.
#define TURNING _Pragma("nounroll") for (int turn = 0; turn < 4; turn++)

KERNEL unary4(int op, float *y, const float *x, float a, float b, ROWS, ROW(s)) {
	EACH(q, n * per) {
		u32 row = q / per, d = 4 * (q - row * per);
		place c = COORDINATES(row);
		quad v = TAKE(x, s);
		TURNING v = (quad){v.y, v.z, v.w, unaryOf(op, v.x, a, b)};
		PUT(y, v);
	}
}

KERNEL binary4(int op, float *z, const float *x, const float *y, ROWS, ROW(s), ROW(t)) {
	EACH(q, n * per) {
		u32 row = q / per, d = 4 * (q - row * per);
		place c = COORDINATES(row);
		quad v = TAKE(x, s), w = TAKE(y, t);
		TURNING v = (quad){v.y, v.z, v.w, binaryOf(op, v.x, w.x)}, w = w.yzwx;
		PUT(z, v);
	}
}

KERNEL where4(float *z, const float *cond, const float *x, const float *y, ROWS, ROW(s), ROW(t), ROW(u)) {
	EACH(q, n * per) {
		u32 row = q / per, d = 4 * (q - row * per);
		place c = COORDINATES(row);
		quad b = TAKE(cond, s), v = TAKE(x, t), w = TAKE(y, u);
		quad chosen = {b.x != 0 ? v.x : w.x, b.y != 0 ? v.y : w.y, b.z != 0 ? v.z : w.z, b.w != 0 ? v.w : w.w};
		PUT(z, chosen);
	}
}

KERNEL copy4(float *y, const float *x, ROWS, ROW(s)) {
	EACH(q, n * per) {
		u32 row = q / per, d = 4 * (q - row * per);
		place c = COORDINATES(row);
		PUT(y, TAKE(x, s));
	}
}

KERNEL fill4(float *y, u32 v, ROWS) {
	EACH(q, n * per) {
		u32 row = q / per, d = 4 * (q - row * per);
		place c = COORDINATES(row);
		PUT(y, (quad)bits(v));
	}
}

// ---- storage types, numbered as backend.DType

DEVICE float fromHalf(u32 h) {
	u32 sign = (h & 0x8000) << 16, e = h >> 10 & 31, m = h & 0x3ff;
	if (e == 31) return bits(sign | 0x7f800000 | m << 13);
	if (e == 0) return bits(sign | word((float)m * (1.f / (1 << 24))));
	return bits(sign | (e + 112) << 23 | m << 13);
}

DEVICE u32 toHalf(float x) {
	u32 w = word(x), sign = w >> 16 & 0x8000, a = w & 0x7fffffff;
	if (a > 0x7f800000) return sign | 0x7e00;
	if (a >= 0x477ff000) return sign | 0x7c00; // 65520 and more
	if (a < 0x38800000) return sign | (u32)__builtin_rintf(bits(a) * (float)(1 << 24)); // subnormal
	a -= 112u << 23;
	return sign | (a + 0xfff + (a >> 13 & 1)) >> 13;
}

DEVICE u32 toBrain(float x) {
	u32 w = word(x);
	if ((w & 0x7fffffff) > 0x7f800000) return w >> 16 | 0x40;
	return (w + 0x7fff + (w >> 16 & 1)) >> 16;
}

KERNEL convert(int to, int from, void *y, const void *x, SIZES, STRIDES(r), STRIDES(s)) {
	EACH(i, n) {
		place c = COORDINATES(i);
		u32 at = AT(c, s), out = AT(c, r);
		float v = from == 0 ? ((const float *)x)[at] : from == 1 ? (float)((const int *)x)[at] : from == 2 ? fromHalf(((const u16 *)x)[at]) : bits((u32)((const u16 *)x)[at] << 16);
		switch (to) {
		case 0: ((float *)y)[out] = v; break;
		case 1: ((int *)y)[out] = (int)v; break;
		case 2: ((u16 *)y)[out] = (u16)toHalf(v); break;
		case 3: ((u16 *)y)[out] = (u16)toBrain(v); break;
		}
	}
}

// ---- random numbers: a thread draws the four words of a block

KERNEL random(float *y, int normal, u64 key, u64 counter, SIZES, STRIDES(r)) {
	EACH(q, (n + 3) / 4) {
		u32 w[4];
		philox(w, counter + q, key);
		float v[4];
		if (normal) {
#pragma unroll
			for (int j = 0; j < 4; j += 2) {
				double radius = root(-2 * logarithm(1 - (double)unit(w[j]))), angle = 6.283185307179586 * unit(w[j + 1]);
				v[j] = (float)(radius * sine(angle, 1));
				v[j + 1] = (float)(radius * sine(angle, 0));
			}
		} else {
#pragma unroll
			for (int j = 0; j < 4; j++) v[j] = unit(w[j]);
		}
#pragma unroll
		for (int j = 0; j < 4; j++)
			if (4 * q + j < n) {
				place c = COORDINATES(4 * q + j);
				y[AT(c, r)] = v[j];
			}
	}
}

// y = x·scale where the number is at least p, else 0.
KERNEL dropout(float *y, const float *x, float p, float scale, u64 key, u64 counter, u32 n) {
	bool whole = aligned(y) & aligned(x);
	EACH(q, (n + 3) / 4) {
		u32 w[4];
		philox(w, counter + q, key);
		quad v = load(x + 4 * q, 1, n - 4 * q, whole) * scale;
		v = (quad){unit(w[0]) >= p ? v.x : 0, unit(w[1]) >= p ? v.y : 0, unit(w[2]) >= p ? v.z : 0, unit(w[3]) >= p ? v.w : 0};
		store(y + 4 * q, v, 1, n - 4 * q, whole);
	}
}

// ---- reductions, numbered as backend.ReduceOp, and 3 for the sum of squares

DEVICE float identity(int op) { return op == 1 ? -INFINITE : op == 2 ? INFINITE : 0; }

DEVICE float combine(int op, float x, float y) { return op == 1 ? larger(x, y) : op == 2 ? smaller(x, y) : x + y; }

// Combines the values of a block's threads in a fixed order. The block is of whole warps.
// part has a place for each, in the shared memory of the kernel: a variable of the kernel's
// own, since clang puts one of several kernels outside all of them.
DEVICE float together(int op, float v, float *part) {
#pragma unroll
	for (int o = 16; o > 0; o >>= 1) v = combine(op, v, __nvvm_shfl_sync_bfly_f32(0xffffffff, v, o, 31));
	barrier(); // the parts of the call before have been read, and what came before it is done
	if ((thread() & 31) == 0) part[thread() >> 5] = v;
	barrier();
	v = part[0];
	for (int i = 1; i < threads() >> 5; i++) v = combine(op, v, part[i]);
	return v;
}

#define KEPT u32 outs, int rank, u32 d0, u32 d1, u32 d2, u32 d3, u32 d4
#define REDUCED u32 count, u32 chunk, int rankR, u32 e0, u32 e1, u32 e2, u32 e3, u32 e4

DEVICE float combine(int op, quad v) { return combine(op, combine(op, v.x, v.y), combine(op, v.z, v.w)); }

// The elements are cut in chunks, of a multiple of four; block (o, c) combines chunk c of
// output o, and writes it `apart` elements after the one before.
KERNEL reduceRows(int op, float *y, const float *x, u32 apart, KEPT, STRIDES(r), STRIDES(s), REDUCED, STRIDES(t)) {
	SHARED float part[32];
	place c = COORDINATES(block());
	x += AT(c, s);
	float v = identity(op);
	u32 from = blockY() * chunk, to = from + chunk < count ? from + chunk : count;
	if (rankR <= 1) { // one axis: four at a time
		bool whole = t0 == 1 && aligned(x);
		for (u32 i = from + 4 * thread(); i < to; i += 4 * threads()) {
			quad a = load(x + i * t0, t0, to - i, whole, identity(op));
			v = combine(op, v, combine(op, op == 3 ? a * a : a));
		}
	} else {
		for (u32 i = from + thread(); i < to; i += threads()) {
			place k = coordinates(i, rankR, e0, e1, e2, e3, e4);
			float a = x[AT(k, t)];
			v = combine(op, v, op == 3 ? a * a : a);
		}
	}
	v = together(op, v, part);
	if (thread() == 0) y[AT(c, r) + blockY() * apart] = v;
}

// The same where neighbouring outputs lie side by side: a block has 32 of them, and each of
// its warps, up to eight, a share of the chunk.
KERNEL reduceColumns(int op, float *y, const float *x, u32 apart, KEPT, STRIDES(r), STRIDES(s), REDUCED, STRIDES(t)) {
	SHARED float part[8][32];
	u32 lane = thread() & 31, warp = thread() >> 5, warps = threads() >> 5, e = block() * 32 + lane;
	place c = COORDINATES(e);
	float v = identity(op);
	if (e < outs) {
		x += AT(c, s);
		u32 end = blockY() * chunk + chunk < count ? blockY() * chunk + chunk : count;
		u32 share = (chunk + warps - 1) / warps, from = blockY() * chunk + warp * share, to = from + share < end ? from + share : end;
		if (rankR <= 1) { // four independent accesses
			for (u32 i = from; i < to; i += 4) {
				quad a = load(x + i * t0, t0, to - i, false, identity(op));
				v = combine(op, v, combine(op, op == 3 ? a * a : a));
			}
		} else {
			for (u32 i = from; i < to; i++) {
				place k = coordinates(i, rankR, e0, e1, e2, e3, e4);
				float a = x[AT(k, t)];
				v = combine(op, v, op == 3 ? a * a : a);
			}
		}
	}
	part[warp][lane] = v;
	barrier();
	if (warp > 0 || e >= outs) return;
	for (u32 w = 1; w < warps; w++) v = combine(op, v, part[w][lane]);
	y[AT(c, r) + blockY() * apart] = v;
}

// ---- products

// One side of a product: element (a, b) is x[a·across + b·along], a < wide and b < deep,
// b being what the product sums over. A block keeps slabs of it in shared memory, T wide
// and K deep, whose rows are PAD longer, so that what a warp writes lies in different
// banks: all of it, or most where T is 16.
const int PAD = 4;

template <int T, int K>
struct side {
	const float *x;
	u32 across, along;
	int wide, deep;
	int a, b;       // the first of four elements of a slab that this thread has
	bool deepwards; // they follow one another along b, else along a: as in memory
	bool whole;     // one access may read them

	METHOD side(const float *x, u32 across, u32 along, int wide, int deep)
		: x(x), across(across), along(along), wide(wide), deep(deep), deepwards(along == 1) {
		int t = thread();
		a = deepwards ? t / 2 % T : t % (T / 4) * 4; // deepwards, a warp reads 32 bytes of 16 rows
		b = deepwards ? t / (2 * T) * 8 + t % 2 * 4 : t / (T / 4);
		whole = deepwards ? aligned(x, across) : across == 1 && aligned(x, along);
	}

	METHOD bool idle() const { return thread() >= T * K / 4; }

	// Reads this thread's elements of the slab at (a0, b0): zeros where there are none.
	METHOD quad fetch(int a0, int b0) const {
		int i = a0 + a, j = b0 + b;
		if (idle() || i >= wide || j >= deep) return 0;
		const float *from = x + (i * across + j * along);
		return deepwards ? load(from, along, deep - j, whole) : load(from, across, wide - i, whole);
	}

	METHOD void put(float (*slab)[T + PAD], quad v) const {
		if (!idle()) store(&slab[b][a], v, deepwards ? T + PAD : 1, 4, !deepwards);
	}
};

// The place in a tile of a thread's i-th row or column, or of four from the i-th on: fours
// of neighbours, 64 apart, since 16 threads have four each.
template <int PER> DEVICE int spot(int part, int i) { return PER == 1 ? part : i * 16 + 4 * part; }

template <int PER>
DEVICE void take(float v[PER], const float *row, int part) {
	if (PER == 1) {
		v[0] = row[part];
		return;
	}
#pragma unroll
	for (int i = 0; i < PER; i += 4) *(quad *)(v + i) = *(const quad *)(row + spot<PER>(part, i));
}

// z = x y, or z += x y: a block of 256 threads computes a tile of 16·PERM by 16·PERN, each
// thread PERM by PERN of it, from slabs K deep. While one is used the next one is on its
// way to registers; two take turns in shared memory. Sums are in the order of k.
template <int PERM, int PERN, int K>
DEVICE void product(float *z, const float *x, const float *y, int m, int n, int k, u32 zm, u32 zn, u32 xm, u32 xk, u32 yk, u32 yn, int accumulate) {
	const int M = 16 * PERM, N = 16 * PERN, GROUP = PERN == 1 ? 1 : 4;
	SHARED float xs[2][K][M + PAD] __attribute__((aligned(16))), ys[2][K][N + PAD] __attribute__((aligned(16)));
	int tx = thread() & 15, ty = thread() >> 4, m0 = blockY() * M, n0 = block() * N;
	side<M, K> left(x, xm, xk, m, k);
	side<N, K> right(y, yn, yk, n, k);
	float sum[PERM][PERN] = {};
	quad v = left.fetch(m0, 0), w = right.fetch(n0, 0);
	for (int k0 = 0, turn = 0; k0 < k; k0 += K, turn ^= 1) {
		left.put(xs[turn], v);
		right.put(ys[turn], w);
		barrier(); // also: what the slab before the last one held has been used
		v = left.fetch(m0, k0 + K);
		w = right.fetch(n0, k0 + K);
		int depth = PERN == 1 && k - k0 < K ? k - k0 : K;
#pragma unroll
		for (int b = 0; b < depth; b++) {
			float p[PERM], q[PERN];
			take<PERM>(p, xs[turn][b], ty);
			take<PERN>(q, ys[turn][b], tx);
#pragma unroll
			for (int i = 0; i < PERM; i++)
#pragma unroll
				for (int j = 0; j < PERN; j++) sum[i][j] = __builtin_fmaf(p[i], q[j], sum[i][j]);
		}
	}
	bool whole = zn == 1 && aligned(z, zm);
#pragma unroll
	for (int i = 0; i < PERM; i++) {
		int a = m0 + (PERM == 1 ? ty : spot<PERM>(ty, i / 4 * 4) + i % 4);
		if (a >= m) break;
#pragma unroll
		for (int j = 0; j < PERN; j += GROUP) {
			int b = n0 + spot<PERN>(tx, j), there = n - b < GROUP ? n - b : GROUP;
			float *to = z + (a * zm + b * zn);
			quad u = {sum[i][j], sum[i][j + 1 % GROUP], sum[i][j + 2 % GROUP], sum[i][j + 3 % GROUP]};
			if (accumulate) u += load(to, zn, there, whole);
			store(to, u, zn, there, whole);
		}
	}
}

#define PRODUCT float *z, const float *x, const float *y, int m, int nn, int k, int chunk, u32 zm, u32 zn, u32 xm, u32 xk, u32 yk, u32 yn, int accumulate, u32 first, SIZES, STRIDES(r), STRIDES(s), STRIDES(t)

// Where there is a chunk, the products of a batch are pieces of one along k, so deep each.
#define MULTIPLY(PERM, PERN, K) \
	u32 e = first + blockZ(); \
	place c = COORDINATES(e); \
	if (chunk > 0) k = k - (int)e * chunk < chunk ? k - (int)e * chunk : chunk; \
	product<PERM, PERN, K>(z + AT(c, r), x + AT(c, s), y + AT(c, t), m, nn, k, zm, zn, xm, xk, yk, yn, accumulate);

KERNEL product16x16(PRODUCT) { MULTIPLY(1, 1, 64) }
KERNEL product64x64(PRODUCT) { MULTIPLY(4, 4, 16) }
KERNEL product128x64(PRODUCT) { MULTIPLY(8, 4, 8) }

// Adds up the pieces of a product, in their order.
KERNEL joinPieces(float *z, const float *pieces, u32 all, u32 width, u32 count, u32 zm, u32 zn, int accumulate) {
	EACH(e, all) {
		float sum = 0;
		for (u32 c = 0; c < count; c++) sum += pieces[c * all + e];
		float *to = z + (e / width * zm + e % width * zn);
		*to = accumulate ? *to + sum : sum;
	}
}

// ---- rows of tables

KERNEL gather(float *y, const float *table, const int *ids, u32 rows, u32 width, u32 ys, u32 yd, u32 ts, u32 td) {
	bool whole = (yd == 1) & (td == 1) & aligned(y, ys) & aligned(table, ts);
	u32 per = (width + 3) / 4;
	EACH(q, rows * per) {
		u32 row = q / per, d = 4 * (q - row * per);
		quad v = load(table + (ids[row] * ts + d * td), td, width - d, whole);
		store(y + (row * ys + d * yd), v, yd, width - d, whole);
	}
}

// The first place that has id, of those from `from` on and below `to`, or else `to`: a warp
// looks at 32 places at a time.
DEVICE u32 find(const int *ids, int id, u32 from, u32 to) {
	u32 lane = thread() & 31;
	for (u32 i = from; i < to; i += 32) {
		u32 found = ballot((i + lane < to ? ids[i + lane] : ~id) == id);
		if (found != 0) return i + __builtin_ctz(found);
	}
	return to;
}

// next[i] = where ids[i] comes again, or n; first[i] = whether it was not there before: a
// warp for each.
KERNEL chain(int *next, int *first, const int *ids, u32 n) {
	u32 warps = threads() / 32;
	for (u32 i = block() * warps + thread() / 32; i < n; i += blocks() * warps) {
		u32 again = find(ids, ids[i], i + 1, n), before = find(ids, ids[i], 0, i);
		if (thread() % 32 == 0) next[i] = again, first[i] = before == i;
	}
}

// y[ids[i]] += w[i] x[i / per], in the order of i: whoever has the first of equal ids adds
// them all. Without w it is 1.
KERNEL scatter(float *y, const float *x, const float *w, const int *ids, const int *next, const int *first, u32 n, u32 width, u32 per, u32 ys, u32 yd, u32 xs, u32 xd) {
	EACH(e, n * width) {
		u32 i = e / width, d = e - i * width;
		if (!first[i]) continue;
		float *to = y + ids[i] * ys + d * yd;
		float sum = *to;
		for (u32 j = i; j < n; j = next[j]) {
			float v = x[j / per * xs + d * xd];
			sum += w ? w[j] * v : v;
		}
		*to = sum;
	}
}

// y[i] = table[ids[i]] · x[i / per]: a warp for each.
KERNEL gatherDots(float *y, const float *table, const float *x, const int *ids, u32 width, u32 per) {
	SHARED float part[32];
	u32 i = block();
	const float *row = table + (u32)ids[i] * width, *v = x + i / per * width;
	float sum = 0;
	for (u32 d = thread(); d < width; d += 32) sum += row[d] * v[d];
	sum = together(0, sum, part);
	if (thread() == 0) y[i] = sum;
}

// y[i] = the sum of w[i, k] table[ids[i, k]] over k.
KERNEL gatherSums(float *y, const float *table, const float *w, const int *ids, u32 all, u32 width, u32 per) {
	EACH(e, all) {
		u32 i = e / width, d = e - i * width;
		float sum = 0;
		for (u32 k = i * per; k < (i + 1) * per; k++) sum += w[k] * table[(u32)ids[k] * width + d];
		y[e] = sum;
	}
}

// ---- rows: a block for each, of which a thread takes four elements at a time

#define ROW_QUADS(d) for (u32 d = 4 * thread(); d < width; d += 4 * threads())

DEVICE float sum(quad v) { return v.x + v.y + (v.z + v.w); }
DEVICE quad exponential(quad v) { return (quad){exponential(v.x), exponential(v.y), exponential(v.z), exponential(v.w)}; }

KERNEL softmax(float *y, const float *x, u32 width, int log) {
	SHARED float part[32];
	x += (u32)block() * width;
	y += (u32)block() * width;
	bool whole = aligned(x) & aligned(y);
	float most = identity(1), total = 0;
	ROW_QUADS(d) most = larger(most, combine(1, load(x + d, 1, width - d, whole, -INFINITE)));
	most = together(1, most, part);
	ROW_QUADS(d) total += sum(exponential(load(x + d, 1, width - d, whole, -INFINITE) - most));
	total = together(0, total, part);
	float scale = 1 / total, shift = (float)logarithm((double)total);
	ROW_QUADS(d) {
		quad v = load(x + d, 1, width - d, whole) - most;
		store(y + d, log ? v - shift : exponential(v) * scale, 1, width - d, whole);
	}
}

KERNEL crossEntropy(float *loss, float *probs, const float *x, const int *labels, u32 width, float smoothing) {
	SHARED float part[32];
	x += (u32)block() * width;
	probs += (u32)block() * width;
	bool whole = aligned(x) & aligned(probs);
	int label = labels[block()];
	float most = identity(1), total = 0, all = 0, at = label < 0 ? 0 : x[label];
	ROW_QUADS(d) most = larger(most, combine(1, load(x + d, 1, width - d, whole, -INFINITE)));
	most = together(1, most, part);
	ROW_QUADS(d) {
		total += sum(exponential(load(x + d, 1, width - d, whole, -INFINITE) - most));
		if (smoothing != 0) all += sum(load(x + d, 1, width - d, whole, most) - most);
	}
	total = together(0, total, part);
	if (smoothing != 0) all = together(0, all, part);
	float scale = 1 / total;
	ROW_QUADS(d) store(probs + d, exponential(load(x + d, 1, width - d, whole) - most) * scale, 1, width - d, whole);
	if (thread() > 0) return;
	float shift = (float)logarithm((double)total), l = (1 - smoothing) * (shift - (at - most));
	if (smoothing != 0) l += smoothing * (shift - all / (float)width);
	loss[block()] = label < 0 ? 0 : l;
}

KERNEL crossEntropyGrad(float *dx, const float *probs, const float *gy, const int *labels, u32 rows, u32 width, u32 gs, float smoothing) {
	bool whole = aligned(dx, width) & aligned(probs, width);
	u32 per = (width + 3) / 4;
	EACH(e, rows * per) {
		u32 row = e / per, d = 4 * (e - row * per);
		int label = labels[row], at = label - (int)d;
		quad q = smoothing / (float)width, v = 0;
		if (label >= 0) {
			quad hot = {at == 0 ? 1.f : 0, at == 1 ? 1.f : 0, at == 2 ? 1.f : 0, at == 3 ? 1.f : 0};
			v = gy[row * gs] * (load(probs + row * width + d, 1, width - d, whole) - (q + hot * (1 - smoothing)));
		}
		store(dx + row * width + d, v, 1, width - d, whole);
	}
}

KERNEL layerNorm(float *y, float *scales, const float *x, u32 width, float eps) {
	SHARED float part[32];
	x += (u32)block() * width;
	y += (u32)block() * width;
	bool whole = aligned(x) & aligned(y);
	float total = 0, squares = 0;
	ROW_QUADS(d) total += sum(load(x + d, 1, width - d, whole));
	float mean = together(0, total, part) / (float)width;
	ROW_QUADS(d) {
		quad v = load(x + d, 1, width - d, whole, mean) - mean;
		squares += sum(v * v);
	}
	float scale = 1 / root(together(0, squares, part) / (float)width + eps);
	ROW_QUADS(d) store(y + d, (load(x + d, 1, width - d, whole) - mean) * scale, 1, width - d, whole);
	if (thread() == 0) scales[block()] = scale;
}

KERNEL layerNormGrad(float *dx, const float *gy, const float *y, const float *scales, u32 width) {
	SHARED float part[32];
	u32 at = (u32)block() * width;
	bool whole = aligned(dx, width) & aligned(gy, width) & aligned(y, width);
	float total = 0, dot = 0;
	ROW_QUADS(d) {
		quad g = load(gy + at + d, 1, width - d, whole);
		total += sum(g);
		dot += sum(g * load(y + at + d, 1, width - d, whole));
	}
	total = together(0, total, part) / (float)width;
	dot = together(0, dot, part) / (float)width;
	ROW_QUADS(d) {
		quad v = load(gy + at + d, 1, width - d, whole) - total - load(y + at + d, 1, width - d, whole) * dot;
		store(dx + at + d, scales[block()] * v, 1, width - d, whole);
	}
}

// ---- the LSTM cell, its gates in the order f, g, i, o

KERNEL lstm(float *hs, float *cs, float *gates, const float *z, const float *c, u32 all, u32 width) {
	EACH(e, all) {
		u32 a = e / width * 4 * width + e % width;
		float f = sigmoid(z[a]), g = hyperbolicTangent(z[a + width]), i = sigmoid(z[a + 2 * width]), o = sigmoid(z[a + 3 * width]);
		float v = f * c[e] + i * g;
		gates[a] = f, gates[a + width] = g, gates[a + 2 * width] = i, gates[a + 3 * width] = o;
		cs[e] = v;
		hs[e] = o * hyperbolicTangent(v);
	}
}

KERNEL lstmGrad(float *dz, float *dc, const float *gh, const float *gc, const float *cs, const float *gates, const float *c, u32 all, u32 width) {
	EACH(e, all) {
		u32 a = e / width * 4 * width + e % width;
		float f = gates[a], g = gates[a + width], i = gates[a + 2 * width], o = gates[a + 3 * width];
		float t = hyperbolicTangent(cs[e]), h = gh[e];
		float v = gc[e] + h * o * (1 - t * t), before = c[e];
		dz[a] = v * before * f * (1 - f);
		dz[a + width] = v * i * (1 - g * g);
		dz[a + 2 * width] = v * g * i * (1 - i);
		dz[a + 3 * width] = h * t * o * (1 - o);
		dc[e] = v * f;
	}
}

// ---- the GRU cell, its gates in the order z, r, ĥ, around the product of s with the weights

KERNEL gruGates(float *s, float *gates, const float *h, u32 all, u32 width) {
	EACH(e, all) {
		u32 a = e / width * 3 * width + e % width;
		float z = sigmoid(gates[a]), r = sigmoid(gates[a + width]);
		gates[a] = z, gates[a + width] = r;
		s[e] = r * h[e];
	}
}

KERNEL gruState(float *y, float *gates, const float *h, u32 all, u32 width) {
	EACH(e, all) {
		u32 a = e / width * 3 * width + e % width;
		float c = hyperbolicTangent(gates[a + 2 * width]);
		gates[a + 2 * width] = c;
		y[e] = h[e] + gates[a] * (c - h[e]);
	}
}

KERNEL gruStateGrad(float *dh, float *gates, const float *gy, const float *h, u32 all, u32 width) {
	EACH(e, all) {
		u32 a = e / width * 3 * width + e % width;
		float z = gates[a], c = gates[a + 2 * width], t = gy[e] * z;
		dh[e] += gy[e] - t;
		gates[a] = t * (c - h[e]) * (1 - z);
		gates[a + 2 * width] = t * (1 - c * c);
	}
}

KERNEL gruGatesGrad(float *dh, float *gates, float *s, const float *h, u32 all, u32 width) {
	EACH(e, all) {
		u32 a = e / width * 3 * width + e % width;
		float r = gates[a + width], ds = s[e], reset = r * h[e];
		dh[e] += ds * r;
		s[e] = reset;
		gates[a + width] = ds * reset * (1 - r);
	}
}

// ---- optimisers: 0 SGD, 1 momentum, 2 AdaGrad, 3 Adam

#define TENSOR(i) float *w##i, float *s##i, float *v##i, const float *g##i, u32 n##i, u32 b##i

DEVICE void step(int rule, float *w, float *s, float *v, float g, float c0, float c1, float c2, float c3) {
	switch (rule) {
	case 0: *w -= c0 * g; break;
	case 1: *s = c1 * *s - c0 * g, *w += *s; break;
	case 2: *s += g * g, *w -= c0 * g / (root(*s) + c1); break;
	case 3: *s += c1 * (g - *s), *v += c2 * (g * g - *v), *w -= c0 * *s / (root(*v) + c3); break;
	}
}

// Eight tensors in one launch: tensor i has n elements, and the blocks below b that the
// ones before do not have.
KERNEL update(int rule, float c0, float c1, float c2, float c3, TENSOR(0), TENSOR(1), TENSOR(2), TENSOR(3), TENSOR(4), TENSOR(5), TENSOR(6), TENSOR(7)) {
	u32 b = block(), from = 0, to = b0, n = n0;
	float *w = w0, *s = s0, *v = v0;
	const float *g = g0;
#define NEXT(i, j) if (b >= b##i) from = b##i, to = b##j, n = n##j, w = w##j, s = s##j, v = v##j, g = g##j;
	NEXT(0, 1) NEXT(1, 2) NEXT(2, 3) NEXT(3, 4) NEXT(4, 5) NEXT(5, 6) NEXT(6, 7)
	for (u32 e = (b - from) * threads() + thread(); e < n; e += (to - from) * threads()) step(rule, w + e, s + e, v + e, g[e], c0, c1, c2, c3);
}

KERNEL updateRows(int rule, float c0, float c1, float c2, float c3, float *w, float *s, float *v, const float *g, const int *ids, u32 all, u32 width) {
	EACH(e, all) {
		u32 i = e / width;
		u32 at = (u32)ids[i] * width + (e - i * width);
		step(rule, w + at, s + at, v + at, g[e], c0, c1, c2, c3);
	}
}
