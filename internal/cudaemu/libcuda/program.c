//go:build cuda && cudaemu

// A program as C would write it, for the tests of this package: it reaches the driver
// by name alone. Each step returns what went wrong in *step and the driver's number.

#include "program.h"

#include <stddef.h>
#include <string.h>

#include "symbols.h"

#define FUNCTION(result, name, ...) ((result(*)(__VA_ARGS__))wengert_cudaemu_symbol(#name))

#define TRY(what)                    \
	do {                               \
		*step = #what;                   \
		if ((code = (what)) != 0) return code; \
	} while (0)

typedef unsigned long long address;

int wengert_cudaemu_program(const char *ptx, int n, int threads, unsigned *words, float *product, const char **step) {
	int code, count = 0, device = -1;
	void *context, *module, *function, *stream, *event, *blas;
	address x = 0, y = 0;
	size_t bytes = n * sizeof *words;
	char name[8];

	TRY(FUNCTION(int, cuInit, unsigned)(0));
	TRY(FUNCTION(int, cuDeviceGetCount, int *)(&count));
	TRY(FUNCTION(int, cuDeviceGet, int *, int)(&device, 0));
	TRY(FUNCTION(int, cuDeviceGetName, char *, int, int)(name, sizeof name, device));
	TRY(strlen(name) != sizeof name - 1);
	TRY(FUNCTION(int, cuMemAlloc_v2, address *, size_t)(&x, 4) != 201); // no context yet
	TRY(FUNCTION(int, cuDevicePrimaryCtxRetain, void **, int)(&context, device));
	TRY(FUNCTION(int, cuCtxSetCurrent, void *)(context));
	TRY(FUNCTION(int, cuModuleLoadData, void **, const char *)(&module, ptx));
	TRY(FUNCTION(int, cuModuleGetFunction, void **, void *, const char *)(&function, module, "increment"));
	TRY(FUNCTION(int, cuModuleGetFunction, void **, void *, const char *)(&event, module, "nothing") != 500);
	TRY(FUNCTION(int, cuStreamCreate, void **, unsigned)(&stream, 1));
	TRY(FUNCTION(int, cuEventCreate, void **, unsigned)(&event, 0));
	TRY(FUNCTION(int, cuMemAlloc_v2, address *, size_t)(&x, bytes));
	TRY(FUNCTION(int, cuMemAlloc_v2, address *, size_t)(&y, 4 * sizeof *product));
	TRY(FUNCTION(int, cuMemcpyHtoD_v2, address, const void *, size_t)(x, words, bytes));

	unsigned last = threads;
	void *params[] = {&x, &last};
	TRY(FUNCTION(int, cuLaunchKernel, void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **,
		void **)(function, 1, 1, 1, threads, 1, 1, 0, stream, params, NULL));
	TRY(FUNCTION(int, cuMemcpyDtoHAsync_v2, void *, address, size_t, void *)(words, x, bytes, stream));
	TRY(FUNCTION(int, cuEventRecord, void *, void *)(event, stream));
	TRY(FUNCTION(int, cuEventQuery, void *)(event) != 600); // not ready: nothing has waited
	TRY(FUNCTION(int, cuEventSynchronize, void *)(event));

	float one = 1, zero = 0, matrix[4] = {1, 2, 3, 4};
	TRY(FUNCTION(int, cuMemcpyHtoD_v2, address, const void *, size_t)(y, matrix, sizeof matrix));
	TRY(FUNCTION(int, cublasCreate_v2, void **)(&blas));
	TRY(FUNCTION(int, cublasSgemm_v2, void *, int, int, int, int, int, const float *, address, int, address, int, const float *, address,
		int)(blas, 0, 0, 2, 1, 2, &one, y, 2, y, 2, &zero, y + 8, 2));
	TRY(FUNCTION(int, cublasDestroy_v2, void *)(blas));
	TRY(FUNCTION(int, cuMemcpyDtoH_v2, void *, address, size_t)(product, y + 8, 2 * sizeof *product));

	TRY(FUNCTION(int, cuGraphCreate, void)() != 801);
	TRY(FUNCTION(int, cuMemFree_v2, address)(x));
	TRY(FUNCTION(int, cuMemFree_v2, address)(y));
	TRY(FUNCTION(int, cuStreamDestroy_v2, void *)(stream));
	TRY(FUNCTION(int, cuEventDestroy_v2, void *)(event));
	TRY(FUNCTION(int, cuModuleUnload, void *)(module));
	TRY(FUNCTION(int, cuDevicePrimaryCtxRelease_v2, int)(device));
	return 0;
}
