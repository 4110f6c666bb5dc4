// Package workers has goroutines that share a task with their caller, for tasks as
// short as 10 µs.
//
//	w := workers.New(2)
//	w.Run(8, task) // task.Do(0) to task.Do(7), on two goroutines
//
// The kernels of a training step follow each other within microseconds, and each
// must be over before the next begins. Waking a goroutine takes 5 µs at best and
// 100 where its core has gone to sleep, so between tasks the goroutines wait in a
// loop for a short time and sleep only then; a caller never waits for one that
// sleeps. Two sets of them would take each other's cores: the kernels of package
// cpu and the products of package sgemm share one.
//
// The types to know are [Workers] and [Task]; everything is in workers.go.
package workers
