package autograd

import (
	"fmt"
	"math"
	"runtime"
	"strings"

	"github.com/wengert-ml/wengert/tensor"
)

// AnomalyError is the panic of anomaly mode ([Config.Anomaly]): the operation that
// first produced a NaN or an infinity.
type AnomalyError struct {
	Op       string
	Shapes   [][]int // of its operands
	Value    float64 // NaN or an infinity
	Backward bool    // it was produced by the operation's gradient
	Given    []int   // the operands that held such a value already: it came in as data
	Sites    []string
}

// Error names the operation, its operands' shapes and where it was called.
func (e *AnomalyError) Error() string {
	what := "produced"
	if e.Backward {
		what = "'s gradient produced"
	}
	msg := fmt.Sprintf("%s %s %v from operands of shape", e.Op, what, e.Value)
	if e.Backward {
		msg = fmt.Sprintf("%s%s %v, operands of shape", e.Op, what, e.Value)
	}
	for _, s := range e.Shapes {
		msg += fmt.Sprintf(" %v", s)
	}
	if len(e.Given) > 0 {
		msg += fmt.Sprintf(", of which number %v held one already: it came in as data or a parameter", e.Given)
	}
	if len(e.Sites) > 0 {
		msg += "; called at " + strings.Join(e.Sites, ", from ")
	}
	return msg
}

// inspect notes where an op was called and panics if its result is not finite. What
// a VJP computes is left to inspectGrads, which knows the op that it belongs to.
func (t *Tape) inspect(o Op, y Var, in []Var) {
	pcs := make([]uintptr, 16)
	t.sites[y.id] = pcs[:runtime.Callers(4, pcs)]
	if t.bwd.busy {
		return
	}
	if v, bad := notFinite(y.val()); bad {
		panic(t.anomaly(o, y.id, in, v, false))
	}
}

// inspectGrads panics if the gradients that an op added to are not finite.
func (t *Tape) inspectGrads(o Op, id int32) {
	nd := &t.nodes[id]
	in := make([]Var, 0, nd.n)
	for _, i := range t.ins[nd.in : nd.in+nd.n] {
		in = append(in, Var{t, i, t.gen})
	}
	for _, x := range in {
		if v, bad := t.slots[x.id].notFinite(); bad {
			panic(t.anomaly(o, id, in, v, true))
		}
	}
}

// notFinite looks at all that has flowed back into a node.
func (s *slot) notFinite() (float64, bool) {
	parts := make([]*tensor.Tensor, 0, 2)
	if s.sum != nil {
		parts = append(parts, s.sum)
	}
	if !s.v.IsZero() {
		parts = append(parts, s.v.val())
	}
	for _, r := range s.rows {
		parts = append(parts, r.g)
	}
	for _, x := range parts {
		if v, bad := notFinite(x); bad {
			return v, true
		}
	}
	return 0, false
}

func notFinite(x *tensor.Tensor) (float64, bool) {
	for _, v := range x.Float64s() {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return v, true
		}
	}
	return 0, false
}

func (t *Tape) anomaly(o Op, id int32, in []Var, v float64, backward bool) *AnomalyError {
	e := &AnomalyError{Op: o.Name(), Value: v, Backward: backward, Sites: callers(t.sites[id])}
	for i, x := range in {
		e.Shapes = append(e.Shapes, append([]int{}, x.Shape()...))
		if _, bad := notFinite(x.val()); bad {
			e.Given = append(e.Given, i)
		}
	}
	return e
}

// callers names the frames outside this package, innermost first, four at most.
func callers(pcs []uintptr) []string {
	var sites []string
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function == "runtime.main" || f.Function == "runtime.goexit" {
			return sites
		}
		if f.Function != "" && !strings.Contains(f.Function, "wengert/autograd.") {
			sites = append(sites, fmt.Sprintf("%s:%d", f.File, f.Line))
		}
		if !more || len(sites) == 4 {
			return sites
		}
	}
}
