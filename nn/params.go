package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wengert-ml/wengert/autograd"
	"github.com/wengert-ml/wengert/backend"
	"github.com/wengert-ml/wengert/tensor"
)

// Params returns the parameters of a model, found by walking its exported fields,
// slices, arrays and maps with string keys, in the order of the fields and of the
// sorted keys. One without a name gets that of the path to it: "Hidden.W",
// "LSTM.Cells.0.Wx"; where only a part of the model was walked before, the name
// grows to the longer path. A parameter reached twice (weight tying) counts once,
// under its first name. It panics if a parameter sits behind an unexported field,
// where neither a checkpoint nor an optimiser would find it.
func Params(model any) []*autograd.Param {
	found := find(model)
	params := make([]*autograd.Param, len(found))
	for i, f := range found {
		params[i] = f.Param
	}
	return params
}

// named is a parameter and what it is called in the model that was walked: the path
// to it, unless the user has named it otherwise. A part of a model so has the same
// names whether the whole was walked before or not.
type named struct {
	*autograd.Param
	name string
}

func find(model any) []named {
	w := walker{seen: map[*autograd.Param]bool{}, visited: map[visit]bool{}}
	w.walk(reflect.ValueOf(model), "", "")
	return w.found
}

type walker struct {
	found   []named
	seen    map[*autograd.Param]bool
	visited map[visit]bool
}

// visit is a pointer with its type: a struct and its first field share an address.
type visit struct {
	at  uintptr
	typ reflect.Type
}

var (
	paramType   = reflect.TypeFor[*autograd.Param]()
	backendType = reflect.TypeFor[backend.Backend]()
)

// walk visits v, which name leads to; hidden says what on the way would keep others
// from finding a parameter here.
func (w *walker) walk(v reflect.Value, name, hidden string) {
	switch v.Kind() {
	case reflect.Interface:
		w.walk(v.Elem(), name, hidden)
	case reflect.Pointer:
		at := visit{v.Pointer(), v.Type()}
		switch {
		case v.IsNil() || v.Type().Implements(backendType): // there is no end to what a backend may point to
		case v.Type() == paramType && hidden != "":
			panic(fmt.Sprintf("nn: the parameter at %s sits behind %s, or no optimiser and no checkpoint will find it", name, hidden))
		case v.Type() == paramType:
			w.add(v.Interface().(*autograd.Param), name)
		case !w.visited[at]:
			w.visited[at] = true
			w.walk(v.Elem(), name, hidden)
		}
	case reflect.Struct:
		if !machinery(v.Type()) {
			w.fields(v, name, hidden)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.walk(v.Index(i), join(name, strconv.Itoa(i)), hidden)
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			hidden = fmt.Sprintf("the map %s with keys of type %v: make them strings", name, v.Type().Key())
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			w.walk(v.MapIndex(k), join(name, k.String()), hidden)
		}
	}
}

// fields visits the fields of a struct; those of an embedded struct count as its own.
func (w *walker) fields(v reflect.Value, name, hidden string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		path, hidden := join(name, f.Name), hidden
		if f.Anonymous {
			path = name
		}
		if !f.IsExported() && !promotes(f) {
			path = join(name, f.Name)
			hidden = fmt.Sprintf("the unexported field %s: export it", path)
		}
		w.walk(v.Field(i), path, hidden)
	}
}

// promotes reports whether the exported fields of an embedded type are reached
// through it, whatever the case of its own name.
func promotes(f reflect.StructField) bool {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return f.Anonymous && t.Kind() == reflect.Struct
}

// machinery reports whether a struct belongs to the packages below, and so holds no
// parameters.
func machinery(t reflect.Type) bool {
	path := t.PkgPath()
	for _, p := range []string{"tensor", "backend", "autograd"} {
		if root := module + p; path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

var module = strings.TrimSuffix(reflect.TypeFor[Linear]().PkgPath(), "nn") // ends in a slash

func (w *walker) add(p *autograd.Param, name string) {
	if w.seen[p] {
		return
	}
	w.seen[p] = true
	path := name
	switch {
	case p.Name == "" || strings.HasSuffix(path, "."+p.Name):
		p.Name = path
	case p.Name != path && !strings.HasSuffix(p.Name, "."+path): // the user's own
		name = p.Name
	}
	w.found = append(w.found, named{p, name})
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
		p.Update(func(data *tensor.Tensor) { p.Data = tensor.To(be, data) }) // a tape that used it notices
		p.Grad = autograd.Gradient{}
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
	for _, p := range find(model) {
		name := p.name
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
