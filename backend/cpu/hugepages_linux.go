package cpu

import "syscall"

// adviseHuge drops the error: a kernel without large pages has none to give.
func adviseHuge(b []byte) { _ = syscall.Madvise(b, syscall.MADV_HUGEPAGE) }
