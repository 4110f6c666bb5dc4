// Package ntm is the Neural Turing Machine: a network with a memory that it reads and
// writes, what Deep Learning from Scratch 2, section 8.5.3, looks out on (Graves, Wayne
// and Danihelka, "Neural Turing machines", 2014).
//
//	m := ntm.New(in, ntm.Config{Inputs: 9, Outputs: 8, Hidden: 100, Slots: 64, Width: 16})
//	scores := m.Forward(xs, 10) // of the last 10 steps
//
// An [NTM] is an LSTM, the controller, with heads that say where in the memory to read
// and write. Where is a weighting of all slots, so that everything has a derivative.
// What it learns is an algorithm rather than a function: a machine that has learnt to
// copy sequences of up to ten vectors copies longer ones.
//
// A [Task] is what it is to learn: [Copy] or [Recall]. [Measure] says how well it does.
//
// Read ntm.go next, then heads.go and task.go.
package ntm
