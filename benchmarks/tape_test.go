package benchmarks

import (
	"fmt"
	"testing"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/models/rnnlm"
	"github.com/wengert-ml/wengert/tensor"
)

// BenchmarkTape is what the tape itself costs: the arithmetic of one element is next
// to none.
func BenchmarkTape(b *testing.B) {
	const adds = 1000
	for _, d := range devices(b) {
		for _, backward := range []bool{false, true} {
			b.Run(fmt.Sprintf("record=add/backward=%v/%s", backward, d.name), func(b *testing.B) {
				tape, p := autograd.NewTape(d.Backend), autograd.NewParam(tensor.Ones(d.Backend, 1, 1))
				step := func() {
					x := p.On(tape)
					for range adds {
						x = x.Add(p)
					}
					if backward {
						tape.Backward(x)
						p.Grad.Zero()
					}
					tape.Reset()
				}
				step()
				b.ReportAllocs()
				for b.Loop() {
					step()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/adds, "ns/record")
			})
		}
		b.Run("record=lstm-lm/backward=true/"+d.name, func(b *testing.B) {
			tr := newTrainer(d.Backend, languageModel(cell(rnnlm.LSTM), lmSize{vocab: 2, embed: 1, hidden: 1, batch: 1, steps: 35}))
			records := 0
			loss := tr.loss
			tr.loss = func(tape *autograd.Tape) autograd.Var {
				y := loss(tape)
				records = tape.Len()
				return y
			}
			tr.step()
			b.ReportAllocs()
			for b.Loop() {
				tr.step()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(records), "ns/record")
			b.ReportMetric(float64(records), "records/op")
		})
	}
}
