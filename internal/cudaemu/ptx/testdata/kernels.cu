// Kernels that make clang use much of PTX: 64-bit division, tables of branches,
// vectors, local memory, shuffles, constants. clang_test.go runs them and holds the
// command that makes kernels.ptx of this.

#define KERNEL extern "C" __attribute__((global)) void
#define DEVICE static __attribute__((device)) inline __attribute__((always_inline))

typedef unsigned u32;
typedef unsigned long long u64;

struct __attribute__((aligned(16))) vec4 {
	float x, y, z, w;
};

DEVICE int thread() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE int index() { return __nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() + thread(); }

// y[4i..4i+3] = block counter+i of Philox 4x32-10.
KERNEL philox(u32 *y, u64 key, u64 counter, int n) {
	int i = index();
	if (i >= n) return;
	u64 c = counter + i;
	u32 x[4] = {(u32)c, (u32)(c >> 32), 0, 0}, k[2] = {(u32)key, (u32)(key >> 32)};
	for (int round = 0; round < 10; round++) {
		u64 a = (u64)0xD2511F53u * x[0], b = (u64)0xCD9E8D57u * x[2];
		x[0] = (u32)(b >> 32) ^ x[1] ^ k[0];
		x[1] = (u32)b;
		x[2] = (u32)(a >> 32) ^ x[3] ^ k[1];
		x[3] = (u32)a;
		k[0] += 0x9E3779B9u;
		k[1] += 0xBB67AE85u;
	}
	for (int j = 0; j < 4; j++) y[4 * i + j] = x[j];
}

// y[i] = x at the strided place of element i in row-major order.
KERNEL strided(float *y, const float *x, int rank, const long long *shape, const long long *strides, long long n) {
	for (long long i = index(); i < n; i += __nvvm_read_ptx_sreg_nctaid_x() * __nvvm_read_ptx_sreg_ntid_x()) {
		long long rest = i, at = 0;
		for (int d = rank - 1; d >= 0; d--) {
			at += rest % shape[d] * strides[d];
			rest /= shape[d];
		}
		y[i] = x[at];
	}
}

__attribute__((device)) __attribute__((constant)) float table[5] = {1, 2.5f, -3, 4, 1e-3f};

// y[i] = function op of x[i].
KERNEL pointwise(float *y, const float *x, int op, int n) {
	int i = index();
	if (i >= n) return;
	float v = x[i];
	switch (op) {
	case 0: v = -v; break;
	case 1: v = __builtin_fabsf(v); break;
	case 2: v = __builtin_floorf(v); break;
	case 3: v = 1 / v; break;
	case 4: v = __builtin_sqrtf(v); break;
	case 5: v = v > 0 ? v : 0.25f * v; break;
	case 6: v = table[i % 5]; break;
	case 7: v = (float)(int)v; break;
	case 8: v = (float)((double)v * v); break;
	}
	y[i] = v;
}

// y[block] = the sum of 128 values of x, four to a thread of one warp.
KERNEL sum(float *y, const vec4 *__restrict__ x) {
	vec4 v = x[index()];
	float s = (v.x + v.y) + (v.z + v.w);
	for (int o = 16; o > 0; o >>= 1) s += __nvvm_shfl_sync_bfly_f32(0xffffffff, s, o, 31);
	if (thread() == 0) y[__nvvm_read_ptx_sreg_ctaid_x()] = s;
}

// y[i] = how often i is in x, counted in local memory.
KERNEL histogram(int *y, const int *x, int n) {
	int counts[16];
	for (int i = 0; i < 16; i++) counts[i] = 0;
	for (int i = 0; i < n; i++) counts[x[i] & 15]++;
	y[thread()] = counts[thread() & 15];
}
