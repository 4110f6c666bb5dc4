package nn

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Params returns the parameters of a model, found by walking its exported fields,
// slices, arrays and maps with string keys, in the order of the fields. One
// without a name gets that of the path to it: "Hidden.W", "LSTM.Cells.0.Wx". A
// parameter reached twice (weight tying) counts once, under its first name. It
// panics if a parameter sits behind an unexported field, where neither a
// checkpoint nor an optimiser would find it.
func Params(model any) []*autograd.Param {
	w := walker{seen: map[*autograd.Param]bool{}, visited: map[uintptr]bool{}}
	w.walk(reflect.ValueOf(model), "", "")
	return w.params
}

type walker struct {
	params  []*autograd.Param
	seen    map[*autograd.Param]bool
	visited map[uintptr]bool
}

var paramType = reflect.TypeFor[*autograd.Param]()

// walk visits v, which name leads to; hidden is the unexported field on the way.
func (w *walker) walk(v reflect.Value, name, hidden string) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			w.walk(v.Elem(), name, hidden)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if v.Type() == paramType {
			if hidden != "" {
				panic(fmt.Sprintf("nn: the parameter at %s sits behind the unexported field %s: export it, or no optimiser and no checkpoint will find it", name, hidden))
			}
			w.add(v.Interface().(*autograd.Param), name)
			return
		}
		if w.visited[v.Pointer()] || v.Elem().Kind() != reflect.Struct {
			return
		}
		w.visited[v.Pointer()] = true
		w.walk(v.Elem(), name, hidden)
	case reflect.Struct:
		if foreign(v.Type()) {
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			field := join(name, f.Name)
			if f.Anonymous {
				field = name
			}
			if !f.IsExported() && !f.Anonymous {
				w.walk(v.Field(i), field, field)
				continue
			}
			w.walk(v.Field(i), field, hidden)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.walk(v.Index(i), join(name, strconv.Itoa(i)), hidden)
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			return
		}
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		for _, k := range keys {
			w.walk(v.MapIndex(k), join(name, k.String()), hidden)
		}
	}
}

// foreign reports whether a struct is machinery that holds no parameters: there
// is no end to what a backend may point to.
func foreign(t reflect.Type) bool {
	for _, p := range []string{"tensor", "backend", "autograd"} {
		if strings.Contains(t.PkgPath(), "wengert/"+p) {
			return true
		}
	}
	return !strings.Contains(t.PkgPath(), ".") && t.PkgPath() != "" && t.PkgPath() != "main"
}

func (w *walker) add(p *autograd.Param, name string) {
	if w.seen[p] {
		return
	}
	w.seen[p] = true
	if p.Name == "" {
		p.Name = name
	}
	w.params = append(w.params, p)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "." + b
}

// ZeroGrad discards the gradients of params.
func ZeroGrad(params []*autograd.Param) {
	for _, p := range params {
		p.Grad.Zero()
	}
}

// To moves a model's parameters to another backend. Their gradients are discarded.
func To(be backend.Backend, model any) {
	for _, p := range Params(model) {
		p.Grad = autograd.Gradient{}
		p.Data = tensor.To(be, p.Data)
	}
}

// Count returns the number of elements of all parameters of a model.
func Count(model any) int {
	n := 0
	for _, p := range Params(model) {
		n += p.Data.Len()
	}
	return n
}

// Summary returns a table of a model's parameters: name, shape, number of
// elements, and their sum.
func Summary(model any) string {
	rows := [][3]string{{"parameter", "shape", "elements"}}
	total := 0
	for _, p := range Params(model) {
		name := p.Name
		if p.Frozen {
			name += " (frozen)"
		}
		rows = append(rows, [3]string{name, fmt.Sprint(p.Data.Shape()), strconv.Itoa(p.Data.Len())})
		total += p.Data.Len()
	}
	rows = append(rows, [3]string{"total", "", strconv.Itoa(total)})
	var width [3]int
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "%-*s  %-*s  %*s\n", width[0], row[0], width[1], row[1], width[2], row[2])
	}
	return b.String()
}
