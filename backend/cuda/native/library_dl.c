//go:build cuda && !cudaemu && linux

#include "library.h"

#include <dlfcn.h>
#include <stddef.h>

// What the libraries are called, from the newest.
static const char *const files[][4] = {
	[LIBRARY_CUDA] = {"libcuda.so.1"},
	[LIBRARY_CUBLAS] = {"libcublas.so.13", "libcublas.so.12", "libcublas.so.11"},
};

void *wengert_library_open(int which, const char **why) {
	for (const char *const *file = files[which]; *file != NULL; file++) {
		void *library = dlopen(*file, RTLD_NOW | RTLD_LOCAL);
		if (library != NULL) return library;
	}
	*why = dlerror();
	return NULL;
}

void *wengert_library_function(void *library, const char *name) { return dlsym(library, name); }
