//go:build !cuda

package benchmarks

import "testing"

func gpus(*testing.B) []device { return nil }

func multipliers(*testing.B) []device { return nil }
