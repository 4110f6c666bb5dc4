//go:build cuda && cudaemu && linux

#include "library.h"

#include <stddef.h>

// Package libcuda has it.
extern void *wengert_cudaemu_symbol(const char *name);

void *wengert_library_open(int which, const char **why) {
	(void)which, (void)why;
	return (void *)wengert_cudaemu_symbol;
}

void *wengert_library_function(void *library, const char *name) {
	(void)library;
	return wengert_cudaemu_symbol(name);
}
