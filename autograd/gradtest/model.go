package gradtest

import (
	"fmt"
	"testing"

	"github.com/wengert-ml/wengert/autograd"
)

// Model fails t if a derivative of a model's loss [] or [1] by one of its Params
// is wrong, to first or second order: by Grad, and by Backward with row-sparse
// gradients where there are any.
//
// The Params must lie on a backend that offers [backend.Float64], such as
// backend/reference; [Config.Backend] does not matter. Frozen ones must get no
// gradient. Afterwards the Params have their values back and no gradient.
func Model(t testing.TB, params []*autograd.Param, loss func(tape *autograd.Tape) autograd.Var) {
	t.Helper()
	Config{}.Model(t, params, loss)
}

// Model is the function of that name under c.
func (c Config) Model(t testing.TB, params []*autograd.Param, loss func(tape *autograd.Tape) autograd.Var) {
	t.Helper()
	if _, err := c.CheckModel(params, loss); err != nil {
		t.Error(err)
	}
}

// CheckModel is Model that returns an error, and the largest difference between what
// the tape says and what differences say, relative to the size of the terms summed,
// to the loss [], or to 1, whichever is largest.
func (c Config) CheckModel(params []*autograd.Param, loss func(tape *autograd.Tape) autograd.Var) (largest float64, err error) {
	if len(params) == 0 {
		return 0, fmt.Errorf("gradtest: no params: there is nothing to differentiate by")
	}
	names := make([]string, len(params))
	for i, p := range params {
		if names[i] = p.Name; p.Name == "" {
			names[i] = fmt.Sprintf("param %d", i)
		}
	}
	s, err := c.filled().newSubject(names, params, loss)
	if err != nil {
		return 0, fmt.Errorf("gradtest: %w", err)
	}
	defer s.close()
	if failed := autograd.Try(func() { err = s.check() }); failed != nil {
		return 0, failed
	}
	if err != nil {
		err = fmt.Errorf("gradtest: %w", err)
	}
	return s.largest, err
}
