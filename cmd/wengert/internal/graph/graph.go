package graph

import (
	"fmt"

	"github.com/wengert-ml/wengert/autograd"
)

// Graph is nodes and edges; an edge leads from a node to one that is behind it in
// Nodes.
type Graph struct {
	Title string
	Nodes []Node
	Edges []Edge
}

// Node is an operation or a value.
type Node struct {
	Label string
	Kind  Kind
	Note  string // what a browser shows when one points at the node
}

// Kind is how a node is drawn.
type Kind int

const (
	Op     Kind = iota // a circle, or a rounded box where the name is long
	Value              // a box: a parameter, an input or a constant
	Branch             // a point, where a value that is used more than once parts and its gradients meet
	End                // nothing: a result leads there
)

// Edge is a value on its way.
type Edge struct {
	From, To     int    // nodes
	Above, Below string // the value and its gradient; "" for none
}

// Of returns the graph of what a tape has recorded, with the gradients that were
// retained. Constants that nothing depends on are left out.
func Of(tape *autograd.Tape) *Graph {
	uses := map[int32]int{}
	for r := range tape.Records() {
		for _, id := range r.Inputs {
			uses[id]++
		}
	}
	g := new(Graph)
	out := map[int32]int{} // the node that a record's value comes from
	var flows []Edge       // the labels of records
	for r := range tape.Records() {
		id := int32(r.ID)
		flow := Edge{Above: r.Value(), Below: r.Gradient()}
		flows = append(flows, flow)
		if r.Op == nil && uses[id] == 0 {
			continue
		}
		at := g.node(r)
		for _, in := range r.Inputs {
			e := Edge{From: out[in], To: at}
			if uses[in] == 1 {
				e.Above, e.Below = flows[in].Above, flows[in].Below
			}
			g.Edges = append(g.Edges, e)
		}
		flow.From = at
		out[id] = at
		if uses[id] != 1 {
			kind := Branch
			if uses[id] == 0 {
				kind = End
			}
			flow.To = g.add(Node{Kind: kind})
			out[id] = flow.To
			g.Edges = append(g.Edges, flow)
		}
	}
	return g
}

func (g *Graph) add(n Node) int {
	g.Nodes = append(g.Nodes, n)
	return len(g.Nodes) - 1
}

// signs are the operations that the book draws by a sign of their own.
var signs = map[string]string{
	"add": "+", "sub": "−", "mul": "×", "div": "/", "reciprocal": "/", "neg": "×(−1)", "sigmoid": "σ", "sum": "Σ", "exp": "exp",
}

// node adds the node of a record.
func (g *Graph) node(r autograd.Record) int {
	n := Node{Label: r.Name, Note: fmt.Sprintf("%%%d %s %s %v", r.ID, r.Name, r.Attributes(), r.Shape)}
	switch {
	case r.Param != nil:
		n.Kind, n.Label = Value, r.Param.Name
	case r.Op == nil:
		n.Kind, n.Label = Value, r.Name
		if r.Name == "const" && r.Var().Len() == 1 {
			n.Label = r.Value()
		}
	case signs[r.Name] != "":
		n.Label = signs[r.Name]
	}
	return g.add(n)
}
