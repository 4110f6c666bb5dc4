package train

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/wengert-ml/wengert/nn/optim"
	"github.com/wengert-ml/wengert/nn/safetensors"
	"github.com/wengert-ml/wengert/tensor"
)

// The names of a checkpoint's tensors begin with what they belong to.
const (
	paramPrefix     = "param/"
	optimizerPrefix = "optimizer/"
	carryPrefix     = "carry/"
)

// Save writes where the loop stands to a safetensors file, whole or not at all:
// parameters, what the optimiser has gathered and its rate, the position in the random stream,
// the epoch and the step, and the Vars that are carried on. metadata is the
// caller's. It panics with a [*backend.Error] if the backend fails.
func (l *Loop) Save(path string, metadata map[string]string) error {
	f := &safetensors.File{Metadata: maps.Clone(metadata)}
	if f.Metadata == nil {
		f.Metadata = map[string]string{}
	}
	state := l.Optimizer.State()
	for key, n := range map[string]uint64{
		"loop.epoch": uint64(l.Epoch), "loop.step": uint64(l.Step), "loop.optimizer": uint64(state.Steps), "loop.random": l.Tape.Rand().Pos,
	} {
		f.Metadata[key] = strconv.FormatUint(n, 10)
	}
	f.Metadata["loop.loss"] = strconv.FormatFloat(l.lossSum, 'g', -1, 64)
	f.Metadata["loop.rate"] = strconv.FormatFloat(l.Optimizer.Rate(), 'g', -1, 64)
	var failed error
	add := func(name string, shape []int, values []float32) {
		t, err := safetensors.FromFloat32(name, safetensors.F32, shape, values)
		if err != nil && failed == nil {
			failed = err
		}
		f.Tensors = append(f.Tensors, t)
	}
	for _, p := range l.Params {
		add(paramPrefix+p.Name, p.Data.Shape(), p.Data.Floats())
	}
	for _, name := range slices.Sorted(maps.Keys(state.Arrays)) {
		add(optimizerPrefix+name, state.Arrays[name].Shape(), state.Arrays[name].Floats())
	}
	for i, v := range l.Carry {
		if !v.IsZero() {
			add(carryPrefix+strconv.Itoa(i), v.Shape(), v.Floats())
		}
	}
	if failed != nil {
		return fmt.Errorf("save training to %s: %w", path, failed)
	}
	if err := f.WriteFile(path); err != nil {
		return fmt.Errorf("save training: %w", err)
	}
	return nil
}

// Restore continues from a file that Save wrote: the steps that follow have the
// same bits as if the loop had never stopped. It returns the caller's metadata. An
// error names what does not fit; the loop must then not be run.
func (l *Loop) Restore(path string) (metadata map[string]string, err error) {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("restore training: %w", err)
	}
	if err := l.restore(f); err != nil {
		return nil, fmt.Errorf("restore training from %s: %w", path, err)
	}
	maps.DeleteFunc(f.Metadata, func(key, _ string) bool { return strings.HasPrefix(key, "loop.") }) // the rest is the caller's
	return f.Metadata, nil
}

func (l *Loop) restore(f *safetensors.File) error {
	var numbers [4]uint64
	for i, key := range []string{"loop.epoch", "loop.step", "loop.optimizer", "loop.random"} {
		n, err := strconv.ParseUint(f.Metadata[key], 10, 64)
		if err != nil {
			return fmt.Errorf("%q in the metadata is no whole number; is it the checkpoint of a training?", key)
		}
		numbers[i] = n
	}
	var loss, rate float64
	for key, v := range map[string]*float64{"loop.loss": &loss, "loop.rate": &rate} {
		n, err := strconv.ParseFloat(f.Metadata[key], 64)
		if err != nil {
			return fmt.Errorf("%q in the metadata is no number", key)
		}
		*v = n
	}
	if err := l.restoreParams(f); err != nil {
		return err
	}
	state := optim.State{Steps: int(numbers[2]), Arrays: map[string]*tensor.Tensor{}}
	for i := range f.Tensors {
		t := &f.Tensors[i]
		name, ok := strings.CutPrefix(t.Name, optimizerPrefix)
		if !ok {
			continue
		}
		x, err := l.tensor(t)
		if err != nil {
			return err
		}
		state.Arrays[name] = x
	}
	if err := l.Optimizer.SetState(state); err != nil {
		return err
	}
	if err := l.restoreCarry(f); err != nil {
		return err
	}
	l.Optimizer.SetRate(rate)
	l.Epoch, l.Step, l.lossSum, l.Tape.Rand().Pos = int(numbers[0]), int(numbers[1]), loss, numbers[3]
	return nil
}

func (l *Loop) tensor(t *safetensors.Tensor) (*tensor.Tensor, error) {
	values, err := t.Float32s()
	if err != nil {
		return nil, err
	}
	return tensor.FromSlice(l.Tape.Backend(), values, t.Shape...), nil
}

func (l *Loop) restoreParams(f *safetensors.File) error {
	values := make([][]float32, len(l.Params))
	for i, p := range l.Params {
		t, ok := f.Tensor(paramPrefix + p.Name)
		if !ok {
			return fmt.Errorf("the file lacks parameter %q", p.Name)
		}
		if !slices.Equal(t.Shape, p.Data.Shape()) {
			return fmt.Errorf("parameter %q is %v in the file and %v in the model", p.Name, t.Shape, p.Data.Shape())
		}
		v, err := t.Float32s()
		if err != nil {
			return err
		}
		values[i] = v
	}
	for i, p := range l.Params {
		p.Data.Set(values[i])
	}
	return nil
}

// restoreCarry puts the carried Vars on the tape, which starts afresh.
func (l *Loop) restoreCarry(f *safetensors.File) error {
	l.Tape.Reset()
	for i, v := range l.Carry {
		t, ok := f.Tensor(carryPrefix + strconv.Itoa(i))
		if !ok {
			continue // it was zero
		}
		values, err := t.Float32s()
		if err != nil {
			return err
		}
		*v = l.Tape.Input(values, t.Shape...)
	}
	return nil
}
