// Command blas does the matrix products of the comparison with libraries in C.
//
// COMPARE_BLAS chooses which, and how it is called:
//
//   - netlib: OpenBLAS through gonum's netlib, as a Go program would have it;
//   - openblas: the same OpenBLAS, called over and over from C, without the price of
//     crossing from Go into C;
//   - PATH.so: another OpenBLAS, called from C: the newer one that NumPy's wheel
//     carries, with 64-bit integers and names like scipy_cblas_sgemm64_;
//   - onednn: oneDNN's dnnl_sgemm, called from C.
//
// It is a module of its own so that cgo and netlib stay out of wengert's. Build it
// with CGO_LDFLAGS=-lopenblas, which netlib needs.
package main
