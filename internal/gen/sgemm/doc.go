// Command sgemm writes the assembly of package backend/cpu/sgemm with avo.
//
//	go generate ./backend/cpu/sgemm
//
// Three kinds of kernels come out, each for AVX-512 and for AVX2 with FMA:
//
//   - tile.go: a tile of C held in registers while k runs: the product itself;
//   - dot.go: a tile of dot products, for A·Bᵀ with few rows, nothing packed;
//   - pack.go: the copies that bring operands into the order the tiles read.
//
// isa.go is what differs between the two instruction sets, so that each kernel
// is written once. args.go names the fields of the struct that all kernels
// take. main.go lists the kernels, aligns their loops, writes the Go side
// (declarations and tables of functions) and stamps the files with a hash of
// this folder, which a test of the package compares.
//
// It is a module of its own: avo does not enter the users' go.mod.
package main
