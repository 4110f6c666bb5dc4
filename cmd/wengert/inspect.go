package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/wengert-ml/wengert/nn/safetensors"
)

// inspectCommand shows what a file of parameters holds.
type inspectCommand struct {
	File string `arg:"" help:"A model, a checkpoint, arrays or vectors, in any format of wengert convert."`
}

// Help is printed below the flags.
func (inspectCommand) Help() string {
	return `Examples:
  wengert inspect runs/date/best.safetensors
  wengert inspect BetterRnnlm.pkl`
}

// Run prints the metadata and a line for each array.
func (c *inspectCommand) Run(s *session) error {
	f, err := readParameters(c.File)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(f.Metadata)) {
		fmt.Fprintf(s.out, "%s: %s\n", key, brief(f.Metadata[key]))
	}
	t := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "array\tshape\ttype\tleast\tmean\tlargest\tnorm")
	for i := range f.Tensors {
		if err := row(t, &f.Tensors[i]); err != nil {
			return err
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%d parameters in %s\n", elements(f), describe(len(f.Tensors)))
	return err
}

// brief is a value of the metadata on one line: of a list its length, of a long text
// the beginning.
func brief(value string) string {
	var list []any
	if json.Unmarshal([]byte(value), &list) == nil {
		return fmt.Sprintf("a list of %d", len(list))
	}
	const most = 100
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

func row(t *tabwriter.Writer, x *safetensors.Tensor) error {
	values, err := x.Float32s()
	if err != nil {
		_, err = fmt.Fprintf(t, "%s\t%v\t%s\n", x.Name, x.Shape, x.DType) // no numbers that float32 can show
		return err
	}
	least, largest, sum, squares := math.Inf(1), math.Inf(-1), 0.0, 0.0
	for _, v := range values {
		v := float64(v)
		least, largest = min(least, v), max(largest, v)
		sum += v
		squares += v * v
	}
	if len(values) == 0 {
		_, err = fmt.Fprintf(t, "%s\t%v\t%s\n", x.Name, x.Shape, x.DType)
		return err
	}
	_, err = fmt.Fprintf(t, "%s\t%v\t%s\t%.4g\t%.4g\t%.4g\t%.4g\n", x.Name, x.Shape, x.DType, least, sum/float64(len(values)), largest, math.Sqrt(squares))
	return err
}
