// Package graph draws what a tape has recorded as a computational graph, as the
// figures of Deep Learning from Scratch 2 do: from left to right, operations in
// circles, values above the lines, gradients below them.
//
//	tape.Backward(y)
//	err := graph.Of(tape).SVG(w)
//
// The layout is that of Sugiyama, Tagawa and Toda (1981): nodes in layers by the
// longest way to them, long edges led through the layers between, an order within
// each layer with few crossings, and places that keep edges straight. A layout library
// was tried: Graphviz as WebAssembly adds 9 MB to the program and a second of
// processor time to the start of every command.
//
// Read graph.go next, then layout.go and svg.go.
package graph
