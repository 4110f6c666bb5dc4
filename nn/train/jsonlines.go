package train

import (
	"encoding/json"
	"io"
)

// JSONLines is an [Observer] that writes a line of JSON for every epoch:
//
//	{"epoch":1,"loss":0.93,"seconds":41.2,"accuracy":0.61}
type JSONLines struct {
	W   io.Writer
	Err error // the first error of writing
}

// Stepped does nothing.
func (*JSONLines) Stepped(Progress) {}

// Evaluated writes the line.
func (j *JSONLines) Evaluated(r Report) {
	line := map[string]any{"epoch": r.Epoch, "loss": r.Loss, "seconds": r.Elapsed.Seconds()}
	for _, m := range r.Metrics {
		line[m.Name] = m.Value
	}
	if j.Err == nil {
		j.Err = json.NewEncoder(j.W).Encode(line) // sorts the keys
	}
}

// Observers tells several observers, in order.
type Observers []Observer

// Stepped tells all.
func (o Observers) Stepped(p Progress) {
	for _, x := range o {
		x.Stepped(p)
	}
}

// Evaluated tells all.
func (o Observers) Evaluated(r Report) {
	for _, x := range o {
		x.Evaluated(r)
	}
}
