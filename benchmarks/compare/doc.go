// Command compare measures wengert beside PyTorch, NumPy, OpenBLAS, oneDNN and GoMLX,
// all on this machine and in one run.
//
//	go run ./benchmarks/compare              # everything, into docs/benchmarks.md or, without AVX-512, docs/benchmarks-avx2.md
//	go run ./benchmarks/compare -quick       # one round, to the terminal
//	go run ./benchmarks/compare -rows 'step/(cbow|lstm)'
//
// It needs Linux, a C++ compiler, Python 3 with venv, and Debian's libopenblas-dev,
// libdnnl-dev and libjemalloc2, which it installs if it may. PyTorch and NumPy go into
// a scratch folder, the newest that pip finds; so do the programs that it builds.
//
// Every contender is a [side]: a program that does pieces of work and prints a line
// for each (package rig has the protocol). Sides run one after the other as whole
// processes, A B C A B C, since in one process the libraries' spinning threads take
// each other's cores, and each is pinned to one core or to two. A ratio is taken
// within a round, between neighbours in time; medians, least and largest of the
// rounds are printed.
//
// plan.go says what is compared with what, and how much is aimed at. Read it first;
// then run.go and report.go. The sides are in folders of their own: wengert, python,
// blas and gomlx, the latter two as modules, so that neither cgo nor their
// dependencies enter wengert's.
package main
