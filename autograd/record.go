package autograd

import (
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"
	"text/tabwriter"

	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Record is one line of a tape as data.
type Record struct {
	ID     int
	Name   string // the op's name; "const", "leaf" or "param" where there is none
	Op     Op     // nil for those; its exported fields are its attributes
	Inputs []int32
	Shape  []int
	Param  *Param // nil for all but a param

	tape *Tape
}

// Var returns the value of the record, [Shape...], to have its gradient retained for
// example.
func (r Record) Var() Var { return Var{r.tape, int32(r.ID), r.tape.gen} }

// Value returns the value as graphs show it: the numbers where there are at most
// four, otherwise the shape.
func (r Record) Value() string { return figure(r.tape.nodes[r.ID].val) }

// Gradient returns the gradient that Backward has left at the record, as Value
// shows values; "" if there is none. See [Var.RetainGrad].
func (r Record) Gradient() string {
	if r.Param != nil && r.Param.Grad.Dense != nil {
		return figure(r.Param.Grad.Dense)
	}
	if e := r.tape.extras[int32(r.ID)]; e != nil && e.grad != nil {
		return figure(e.grad)
	}
	return ""
}

// figure is an array in a graph: "0.62", "(0.1, 0.9)", "[2 3]".
func figure(x *tensor.Tensor) string {
	if x.Len() > 4 {
		return fmt.Sprint(x.Shape())
	}
	texts := make([]string, 0, 4)
	for _, v := range x.Float64s() {
		texts = append(texts, fmt.Sprintf("%.3g", v+0)) // no -0
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "(" + strings.Join(texts, ", ") + ")"
}

// Records yields the record in the order it ran: all that graphs and exporters
// need. Its slices are the tape's own, valid until Reset.
func (t *Tape) Records() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		for i := range t.nodes {
			n := &t.nodes[i]
			r := Record{ID: i, Name: "const", Op: n.op, Inputs: t.ins[n.in : n.in+n.n], Shape: n.val.Shape(), Param: n.param, tape: t}
			switch {
			case n.op != nil:
				r.Name = n.op.Name()
			case n.param != nil:
				r.Name = "param"
			case n.leaf:
				r.Name = "leaf"
			}
			if !yield(r) {
				return
			}
		}
	}
}

// Attributes returns what sets this operation apart from others of its name, as
// "Axis=1 Start=0", for reading: the exported fields of Op, of which integers
// longer than a line are given by their shape.
func (r Record) Attributes() string {
	switch o := r.Op.(type) {
	case nil, *binary: // its code is its name
		return ""
	case *unary:
		parts := make([]string, len(backend.Unaries[o.Code].Args))
		for i, name := range backend.Unaries[o.Code].Args {
			parts[i] = fmt.Sprintf("%s=%v", name, []float64{o.A, o.B}[i])
		}
		return strings.Join(parts, " ")
	}
	v := reflect.ValueOf(r.Op)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return ""
	}
	var parts []string
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() {
			parts = append(parts, f.Name+"="+attribute(v.Field(i).Interface()))
		}
	}
	return strings.Join(parts, " ")
}

func attribute(v any) string {
	if ids, ok := v.(tensor.Ints); ok && ids.Len() > 8 {
		return fmt.Sprintf("ints%v", ids.Shape())
	}
	return fmt.Sprint(v)
}

// Explain writes the record as a list, one operation a line: number, name,
// attributes, inputs and shape.
//
//	%0  param W         [2 3]
//	%1  const           [4 2]
//	%2  matmul(%1, %0)  [4 3]
func (t *Tape) Explain(w io.Writer) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for r := range t.Records() {
		what := r.Name
		switch {
		case r.Param != nil:
			what += " " + r.Param.Name
		case r.Op != nil:
			args := make([]string, len(r.Inputs))
			for i, id := range r.Inputs {
				args[i] = fmt.Sprintf("%%%d", id)
			}
			what += "(" + strings.Join(args, ", ") + ")"
			if a := r.Attributes(); a != "" {
				what += " " + a
			}
		}
		fmt.Fprintf(columns, "%%%d\t%s\t%v\n", r.ID, what, r.Shape)
	}
	return columns.Flush()
}

// DOT writes the record as a graph in the DOT language of Graphviz, as the book
// draws computational graphs: values on the edges, operations in circles. A value
// that is used more than once passes through a branch node, where the gradients
// add up. Values and, behind a ∂, gradients are shown as by [Record.Value] and
// [Record.Gradient].
func (t *Tape) DOT(w io.Writer) error {
	uses := map[int32]int{}
	var edges []string // the label of what each record's value flows along
	for r := range t.Records() {
		label := r.Value()
		if g := r.Gradient(); g != "" {
			label += `\n∂ ` + g
		}
		edges = append(edges, label)
		for _, id := range r.Inputs {
			uses[id]++
		}
	}
	var b strings.Builder
	b.WriteString("digraph tape {\n\trankdir=LR;\n\tnode [fontname=\"Helvetica\", fontsize=11];\n\tedge [fontname=\"Helvetica\", fontsize=9];\n")
	for r := range t.Records() {
		if r.Op == nil && uses[int32(r.ID)] == 0 {
			continue // a constant that nothing recorded depends on
		}
		label, shape := r.Name, "circle"
		if r.Op == nil {
			shape = "box"
			if r.Param != nil {
				label = r.Param.Name
			}
			label = fmt.Sprintf("%s\\n%v", label, r.Shape)
		}
		fmt.Fprintf(&b, "\tn%d [label=%s, shape=%s];\n", r.ID, quote(label), shape)
		if uses[int32(r.ID)] > 1 {
			fmt.Fprintf(&b, "\tb%d [label=\"\", shape=point];\n\tn%d -> b%d [label=%s, arrowhead=none];\n", r.ID, r.ID, r.ID, quote(edges[r.ID]))
		}
		for _, id := range r.Inputs {
			if uses[id] > 1 {
				fmt.Fprintf(&b, "\tb%d -> n%d;\n", id, r.ID)
				continue
			}
			fmt.Fprintf(&b, "\tn%d -> n%d [label=%s];\n", id, r.ID, quote(edges[id]))
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// quote writes a DOT string; a backslash is left alone, since \n breaks a line.
func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
