#pragma once

// Where the functions of a library come from: dlopen, or the emulator.

enum { LIBRARY_CUDA, LIBRARY_CUBLAS };

// Opens a library; NULL, and *why says why, where there is none.
void *wengert_library_open(int which, const char **why);

// Returns a function of a library, NULL where it has none of that name.
void *wengert_library_function(void *library, const char *name);

// Returns why there is no driver, NULL where there is one.
const char *wengert_cuda_missing(void);
