// Package wengert is the root of a define-by-run autodiff framework: see packages
// tensor (arrays), autograd (the tape), nn (layers) and the command cmd/wengert.
//
// The root itself holds no code, only the tests of the rules of the house.
package wengert
