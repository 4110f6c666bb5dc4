// Command wengert does the work of the comparison with this module, as a user
// would: models of package models, the default CPU backend, no cgo.
//
// WENGERT_ISA chooses instructions as always; COMPARE_ADAM=dense makes Adam exact
// on row-sparse gradients, where the default is lazy.
package main
