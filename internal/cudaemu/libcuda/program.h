#pragma once

int wengert_cudaemu_program(const char *ptx, int n, int threads, unsigned *words, float *product, const char **step);
