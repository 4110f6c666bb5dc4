package autograd

import (
	"fmt"
	"math"
	"runtime"
	"strings"
)

// AnomalyError is the panic of anomaly mode ([Config.Anomaly]): the operation that
// first produced a NaN or an infinity.
type AnomalyError struct {
	Op       string
	Shapes   [][]int // of its operands
	Value    float64 // NaN or an infinity
	Backward bool    // it was produced by the operation's gradient
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
	if len(e.Sites) > 0 {
		msg += "; called at " + strings.Join(e.Sites, ", from ")
	}
	return msg
}

// inspect notes where an op was called and panics if its result is not finite.
func (t *Tape) inspect(o Op, y Var, in []Var) {
	pcs := make([]uintptr, 16)
	t.sites[y.id] = pcs[:runtime.Callers(4, pcs)]
	if v, bad := notFinite(y); bad {
		panic(t.anomaly(o, y.id, in, v, false))
	}
}

// inspectGrads panics if the gradients that an op added to are not finite.
func (t *Tape) inspectGrads(o Op, id int32) {
	nd := &t.nodes[id]
	ids := t.ins[nd.in : nd.in+nd.n]
	for _, i := range ids {
		s := &t.slots[i]
		if s.sum == nil {
			continue
		}
		if v, bad := notFinite(t.push(node{val: s.sum.Alias()})); bad {
			in := make([]Var, len(ids))
			for k, j := range ids {
				in[k] = Var{t, j, t.gen}
			}
			panic(t.anomaly(o, id, in, v, true))
		}
	}
}

func notFinite(x Var) (float64, bool) {
	for _, v := range x.Float64s() {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return v, true
		}
	}
	return 0, false
}

func (t *Tape) anomaly(o Op, id int32, in []Var, v float64, backward bool) *AnomalyError {
	e := &AnomalyError{Op: o.Name(), Value: v, Backward: backward, Sites: callers(t.sites[id])}
	for _, x := range in {
		e.Shapes = append(e.Shapes, append([]int{}, x.Shape()...))
	}
	return e
}

// callers names the frames outside this package, innermost first, four at most.
func callers(pcs []uintptr) []string {
	var sites []string
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.Contains(f.Function, "wengert/autograd.") {
			sites = append(sites, fmt.Sprintf("%s:%d", f.File, f.Line))
		}
		if !more || len(sites) == 4 {
			return sites
		}
	}
}
