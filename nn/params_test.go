package nn_test

import (
	"fmt"

	"github.com/wengert-ml/wengert/backend/cpu"
	"github.com/wengert-ml/wengert/nn"
)

// tagger is a model: a struct of layers.
type tagger struct {
	Embed *nn.Embedding
	LSTM  *nn.LSTM
	Out   *nn.Linear
}

// Nothing is registered: parameters are found by walking the struct.
func ExampleParams() {
	in := nn.NewInit(cpu.New(), 1)
	net := &tagger{nn.NewEmbedding(in, 100, 8), nn.NewLSTM(in, 8, 16), nn.NewLinear(in, 16, 5)}
	for _, p := range nn.Params(net) {
		fmt.Println(p.Name, p.Data.Shape())
	}
	// Output:
	// Embed.W [100 8]
	// LSTM.Cells.0.Wx [8 64]
	// LSTM.Cells.0.Wh [16 64]
	// LSTM.Cells.0.B [64]
	// Out.W [16 5]
	// Out.B [5]
}

// A frozen parameter keeps its values: it gets no gradient.
func ExampleSummary() {
	in := nn.NewInit(cpu.New(), 1)
	net := &tagger{nn.NewEmbedding(in, 100, 8), nn.NewLSTM(in, 8, 16), nn.NewLinear(in, 16, 5)}
	net.Embed.W.Frozen = true
	fmt.Print(nn.Summary(net))
	// Output:
	// parameter         shape    elements
	// Embed.W (frozen)  [100 8]       800
	// LSTM.Cells.0.Wx   [8 64]        512
	// LSTM.Cells.0.Wh   [16 64]      1024
	// LSTM.Cells.0.B    [64]           64
	// Out.W             [16 5]         80
	// Out.B             [5]             5
	// total                          2485
}
