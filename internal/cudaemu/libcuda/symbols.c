//go:build cuda && cudaemu

#include "symbols.h"

#include <stdio.h>
#include <string.h>

// cuInit is here rather than in Go: gorgonia.org/cu calls it while Go's packages are
// still being initialised.
static int init(unsigned flags) {
	return flags ? 1 : 0;
}

#define DECLARE(name) extern void emu_##name(void);
EMULATED(DECLARE)

#define REFUSE(name)                                                            \
	static int refuse_##name(void) {                                              \
		fprintf(stderr, "cudaemu: " #name " is not supported by the emulator\n");   \
		return 801;                                                                 \
	}
UNSUPPORTED(REFUSE)

static const struct {
	const char *name;
	void *function;
} symbols[] = {
	{"cuInit", (void *)init},
#define ROW(name) {#name, (void *)emu_##name},
	EMULATED(ROW)
#define REFUSED(name) {#name, (void *)refuse_##name},
	UNSUPPORTED(REFUSED)
};

void *wengert_cudaemu_symbol(const char *name) {
	for (unsigned i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
		if (strcmp(symbols[i].name, name) == 0) return symbols[i].function;
	return NULL;
}
