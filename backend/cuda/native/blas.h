#pragma once

// cuBLAS by its own names, as far as it is used; cublasStatus_t is an int.
typedef struct {
	int (*Create)(void **handle);
	int (*Destroy)(void *handle);
	int (*GetVersion)(void *handle, int *version);
	int (*SetMathMode)(void *handle, int mode);
	int (*SgemmStridedBatched)(void *handle, int ta, int tb, int m, int n, int k, const float *alpha, const float *a, int lda,
		long long sa, const float *b, int ldb, long long sb, const float *beta, float *c, int ldc, long long sc, int count);
	void *handle;
} wengert_blas;

// Finds the library; returns what is missing, NULL where nothing is.
const char *wengert_blas_open(wengert_blas *b);

// Calls of Go, which cannot go through a pointer.
int wengert_blas_create(wengert_blas *b);
int wengert_blas_destroy(wengert_blas *b);
int wengert_blas_version(wengert_blas *b, int *version);
int wengert_blas_math(wengert_blas *b, int mode);
int wengert_blas_sgemm(wengert_blas *b, int ta, int tb, int m, int n, int k, unsigned long long x, int ldx, long long sx,
	unsigned long long y, int ldy, long long sy, float beta, unsigned long long z, int ldz, long long sz, int count);
