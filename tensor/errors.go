package tensor

import (
	"fmt"
	"strings"

	"github.com/wengert-ml/wengert/backend"
)

// ShapeError is the panic of a programmer's mistake: operands that do not fit.
//
//	matmul: [20 100] × [64 128]: inner sizes 100 and 64 differ; want [20 100] × [100 n]
//	    20 100
//	       ^^^
//	    64 128
//	    ^^
type ShapeError struct {
	Op      string  // the operation
	Shapes  [][]int // the shape of every operand
	Problem string  // what differs
	Want    string  // what would fit
	Axes    []int   // the clashing axis of each operand, counted from the last (-1), 0 for an innocent one; empty if there is none to show
}

// Error says it in one sentence, with the clash drawn below where an axis is to blame.
func (e *ShapeError) Error() string {
	shapes := make([]string, len(e.Shapes))
	for i, s := range e.Shapes {
		shapes[i] = fmt.Sprint(s)
	}
	msg := e.Op + ": "
	if len(shapes) > 0 {
		msg += strings.Join(shapes, " × ") + ": "
	}
	msg += e.Problem
	if e.Want != "" {
		msg += "; want " + e.Want
	}
	if len(e.Axes) == len(e.Shapes) && len(e.Axes) > 0 {
		msg += e.drawing()
	}
	return msg
}

// drawing lists the shapes right-aligned, as broadcasting sees them, and marks
// the clashing sizes.
func (e *ShapeError) drawing() string {
	rank := 0
	for _, s := range e.Shapes {
		rank = max(rank, len(s))
	}
	width := make([]int, rank) // of each column, counted from the last
	for _, s := range e.Shapes {
		for i := range s {
			k := len(s) - 1 - i
			width[k] = max(width[k], len(fmt.Sprint(s[i])))
		}
	}
	var b strings.Builder
	for i, s := range e.Shapes {
		var row, marks strings.Builder
		for k := rank - 1; k >= 0; k-- {
			cell, mark := "", ""
			if k < len(s) {
				cell = fmt.Sprint(s[len(s)-1-k])
				if -e.Axes[i] == k+1 {
					mark = strings.Repeat("^", len(cell))
				}
			}
			fmt.Fprintf(&row, " %*s", width[k], cell)
			fmt.Fprintf(&marks, " %*s", width[k], mark)
		}
		b.WriteString("\n   " + row.String())
		if e.Axes[i] != 0 {
			b.WriteString("\n   " + strings.TrimRight(marks.String(), " "))
		}
	}
	return b.String()
}

// mistake panics with a ShapeError for operands ts.
func mistake(op, problem, want string, ts ...*Tensor) { clash(op, problem, want, nil, ts...) }

// clash is mistake with the axes to blame, one for each operand.
func clash(op, problem, want string, axes []int, ts ...*Tensor) {
	e := &ShapeError{Op: op, Problem: problem, Want: want, Axes: axes}
	for _, t := range ts {
		e.Shapes = append(e.Shapes, append([]int{}, t.Shape()...))
	}
	panic(e)
}

// unfit panics because from does not broadcast to the shape of to, and marks the
// first axis from the right that is to blame.
func unfit(op string, from, to *backend.Layout) {
	e := &ShapeError{Op: op, Shapes: [][]int{append([]int{}, from.Dims()...), append([]int{}, to.Dims()...)}}
	if from.Rank > to.Rank {
		e.Problem = fmt.Sprintf("%d axes do not broadcast to %d", from.Rank, to.Rank)
		e.Want = fmt.Sprintf("at most %d", to.Rank)
		panic(e)
	}
	for i := 1; i <= from.Rank; i++ {
		if m, n := from.Shape[from.Rank-i], to.Shape[to.Rank-i]; m != 1 && m != n {
			e.Problem = fmt.Sprintf("size %d of axis %d does not repeat to %d", m, -i, n)
			e.Want = fmt.Sprintf("size %d, or 1 to be repeated, counted from the last axis", n)
			e.Axes = []int{-i, -i}
			panic(e)
		}
	}
}

// StaleError is the panic of a handle that outlived the Reset of its tape.
type StaleError struct {
	What      string // "Var" or "Ints"
	Made, Now uint32 // the step it was made in, and the step its tape is at
}

// Error says how old the handle is and what lives on after Reset.
func (e *StaleError) Error() string {
	return fmt.Sprintf("this %s was made in step %d of its tape, which is now at step %d: "+
		"after Reset only Params and the Vars given to Reset live on; copy a value out with Value before it",
		e.What, e.Made, e.Now)
}
