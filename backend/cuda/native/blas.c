//go:build cuda && linux

#include "blas.h"

#include <stddef.h>

#include "library.h"

const char *wengert_blas_open(wengert_blas *b) {
	const char *why = NULL;
	void *library = wengert_library_open(LIBRARY_CUBLAS, &why);
	if (library == NULL) return why;
	const struct {
		void *to;
		const char *name;
	} functions[] = {
		{&b->Create, "cublasCreate_v2"},
		{&b->Destroy, "cublasDestroy_v2"},
		{&b->GetVersion, "cublasGetVersion_v2"},
		{&b->SetMathMode, "cublasSetMathMode"},
		{&b->SgemmStridedBatched, "cublasSgemmStridedBatched"},
	};
	for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		void *found = wengert_library_function(library, functions[i].name);
		if (found == NULL) return functions[i].name;
		*(void **)functions[i].to = found;
	}
	return NULL;
}

int wengert_blas_create(wengert_blas *b) { return b->Create(&b->handle); }

int wengert_blas_destroy(wengert_blas *b) { return b->Destroy(b->handle); }

int wengert_blas_version(wengert_blas *b, int *version) { return b->GetVersion(b->handle, version); }

int wengert_blas_math(wengert_blas *b, int mode) { return b->SetMathMode(b->handle, mode); }

int wengert_blas_sgemm(wengert_blas *b, int ta, int tb, int m, int n, int k, unsigned long long x, int ldx, long long sx,
	unsigned long long y, int ldy, long long sy, float beta, unsigned long long z, int ldz, long long sz, int count) {
	const float one = 1;
	return b->SgemmStridedBatched(b->handle, ta, tb, m, n, k, &one, (const float *)x, ldx, sx, (const float *)y, ldy, sy, &beta,
		(float *)z, ldz, sz, count);
}
