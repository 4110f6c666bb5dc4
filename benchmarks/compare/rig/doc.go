// Package rig is what every side of the comparison that is written in Go shares:
// inputs, a clock, and the lines that a side prints.
//
//	rig.Main(rig.Side{
//		About: func() map[string]string { return map[string]string{"thing": "1.2"} },
//		New:   func(work string, threads int) (*rig.Bench, error) { ... },
//	})
//
// A side is a program. Package compare runs it as
//
//	SIDE -works gemm/512x512x512/NN,step/lstm -threads 1 -ms 200
//
// and reads one line of JSON for each piece of work: [Result]. The sides in Python
// keep to the same lines and repeat the inputs bit for bit (python/rig.py), so that
// the losses of the first training steps can be held against each other: a side
// that computes something else is found out.
//
// The types to know are [Side], [Bench] and [Result]. Inputs are [Fill] and [IDs];
// work.go has the names of the work. The package uses the standard library alone,
// since the sides are modules of their own.
package rig
