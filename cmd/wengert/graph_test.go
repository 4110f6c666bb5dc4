package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGraph(t *testing.T) {
	w := start(t)
	for _, f := range formulas {
		out := w.ok("graph", f.name)
		assert.Contains(t, out, "%0 ")
		picture, err := os.ReadFile(f.name + ".svg")
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(string(picture), "<svg "), f.name)
	}
	sigmoid, err := os.ReadFile("sigmoid.svg")
	require.NoError(t, err)
	for _, number := range []string{">0.622<", ">0.235<", ">-0.387<"} { // y, y(1-y), -y²
		assert.Contains(t, string(sigmoid), number)
	}
	w.ok("graph", "tanh", "--out", "below/tanh.dot")
	dot, err := os.ReadFile("below/tanh.dot")
	require.NoError(t, err)
	assert.Contains(t, string(dot), `label="0.5\n∂ 0.786"`) // 1 - tanh²(0.5)
	lstm, err := os.ReadFile("lstm.svg")
	require.NoError(t, err)
	assert.NotContains(t, string(lstm), "lstmCell", "composed of what can be seen")

	assert.Equal(t, 2, w.run("graph", "sigmoi"))
	assert.Contains(t, w.err.String(), "graph sigmoi: want sigmoid, tanh, affine, softmax, rnn, lstm, gru or attention")
	assert.Equal(t, 2, w.run("graph"))
	assert.Contains(t, w.err.String(), "graph: want sigmoid, tanh")
	assert.Equal(t, 2, w.run("graph", "lstm", "--out", "lstm.gif"))
	assert.Contains(t, w.err.String(), "want a name that ends in .svg or .dot")
	assert.Equal(t, 1, w.run("graph", "lstm", "--out", "tanh.svg/lstm.svg"))
}
