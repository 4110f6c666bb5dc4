package wengert_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

const module = "github.com/wengert-ml/wengert"

// layers are the floors of the house, top to bottom: a package may import those of
// its own floor or below.
var layers = []string{"cmd", "benchmarks", "models", "nn", "autograd", "tensor", "backend"}

// floor returns the index of a package's layer, or -1 for internal packages and
// others outside the module.
func floor(path string) int {
	rest, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return -1
	}
	top, _, _ := strings.Cut(rest, "/")
	return slices.Index(layers, top)
}

// everything is the packages of the module, type-checked together, so that a type
// is one and the same wherever it is met.
var everything = sync.OnceValues(func() ([]*packages.Package, error) {
	return packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
	}, "./...")
})

// load returns the packages of the module in the named folders and below, all if
// none is named, without their tests.
func load(t *testing.T, folders ...string) []*packages.Package {
	t.Helper()
	pkgs, err := everything()
	require.NoError(t, err)
	for _, p := range pkgs {
		require.Empty(t, p.Errors, "package %s does not compile", p.PkgPath)
	}
	if len(folders) == 0 {
		return pkgs
	}
	var below []*packages.Package
	for _, p := range pkgs {
		if slices.ContainsFunc(folders, func(dir string) bool { return strings.HasPrefix(p.PkgPath+"/", module+"/"+dir+"/") }) {
			below = append(below, p)
		}
	}
	require.NotEmpty(t, below)
	return below
}

// imports returns what a package imports, and what the internal packages among
// those import in turn: they are on no floor, and no way around the rules.
func imports(t *testing.T, p *packages.Package) []string {
	t.Helper()
	var paths []string
	for path, imported := range p.Imports {
		paths = append(paths, path)
		if strings.HasPrefix(path, module+"/") && floor(path) < 0 {
			paths = append(paths, imports(t, imported)...)
		}
	}
	return paths
}

func TestImportsRunDownwards(t *testing.T) {
	for _, p := range load(t) {
		from := floor(p.PkgPath)
		for _, path := range imports(t, p) {
			to := floor(path)
			if from < 0 || to < 0 {
				continue
			}
			assert.LessOrEqual(t, from, to, "%s imports %s, which lies above it", p.PkgPath, path)
			concrete := strings.HasPrefix(path, module+"/backend/") && !strings.HasPrefix(p.PkgPath, module+"/backend/")
			if concrete && layers[from] != "cmd" && layers[from] != "benchmarks" && !strings.HasSuffix(p.PkgPath, "test") {
				t.Errorf("%s imports the concrete backend %s: it takes a backend.Backend", p.PkgPath, path)
			}
		}
		if strings.HasPrefix(p.PkgPath, module+"/nn") || strings.HasPrefix(p.PkgPath, module+"/models") {
			for path := range p.Imports {
				assert.False(t, strings.HasPrefix(path, "github.com/schollz/") || strings.HasPrefix(path, "gonum.org/v1/plot") || strings.HasPrefix(path, "github.com/alecthomas/"),
					"%s imports %s: what a library user should not have to compile lives in cmd/wengert", p.PkgPath, path)
			}
		}
	}
}

func TestEveryPackageHasADoc(t *testing.T) {
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); dir != "." && (strings.HasPrefix(name, ".") || name == "testdata") {
			return fs.SkipDir
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && dir != "." {
			return fs.SkipDir // a module of its own
		}
		sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return err
		}
		sources = slices.DeleteFunc(sources, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
		if len(sources) == 0 {
			return nil
		}
		if len(sources) == 1 && filepath.Base(sources[0]) == "main.go" { // a generator: its doc is above main
			return nil
		}
		src, err := os.ReadFile(filepath.Join(dir, "doc.go"))
		if assert.NoError(t, err, "package %s has no doc.go", dir) {
			assert.Regexp(t, `(?s)^(//go:build[^\n]*\n\n)?// (Package|Command) `, string(src), "doc.go of %s does not begin with what the package is", dir)
		}
		return nil
	})
	require.NoError(t, err)
}

// shapePattern is a shape in a doc comment: [N, T, H], [], [shape...], [...].
var shapePattern = regexp.MustCompile(`\[[^\]\n*]*\]`)

// linkPattern is a link to a name in a doc comment, which is no shape: [Ignore],
// [autograd.Tape.Reset].
var linkPattern = regexp.MustCompile(`^\[([a-z]\w*\.)*[A-Z]\w*[a-z]\w*(\.\w+)*\]$`)

// namesShape reports whether a doc comment holds a shape.
func namesShape(doc string) bool {
	return slices.ContainsFunc(shapePattern.FindAllString(doc, -1), func(s string) bool { return !linkPattern.MatchString(s) })
}

// TestExportedNamesAreDocumented requires a doc comment of every exported name, and
// a shape in that of every function that takes or returns an array.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, p := range load(t, "tensor", "autograd", "nn", "models", "backend") {
		d, err := doc.NewFromFiles(p.Fset, p.Syntax, p.PkgPath)
		require.NoError(t, err)
		checkFunc := func(f *doc.Func) {
			if !ast.IsExported(f.Name) {
				return
			}
			at := p.Fset.Position(f.Decl.Pos())
			if f.Doc == "" {
				t.Errorf("%s: %s has no doc comment", at, f.Name)
			}
			if arrays(p, f.Decl) && !namesShape(f.Doc) {
				t.Errorf("%s: the doc comment of %s names no [shape]", at, f.Name)
			}
		}
		for _, f := range d.Funcs {
			checkFunc(f)
		}
		checkValues := func(values []*doc.Value) {
			for _, v := range values {
				if v.Doc == "" && slices.ContainsFunc(v.Names, ast.IsExported) {
					t.Errorf("%s: %v has no doc comment", p.Fset.Position(v.Decl.Pos()), v.Names)
				}
			}
		}
		checkValues(d.Consts)
		checkValues(d.Vars)
		for _, typ := range d.Types {
			checkValues(typ.Consts)
			checkValues(typ.Vars)
			if ast.IsExported(typ.Name) && typ.Doc == "" {
				t.Errorf("%s: %s has no doc comment", p.Fset.Position(typ.Decl.Pos()), typ.Name)
			}
			for _, f := range slices.Concat(typ.Funcs, typ.Methods) {
				if ast.IsExported(typ.Name) || f.Recv == "" {
					checkFunc(f)
				}
			}
		}
	}
}

// arrays reports whether a function takes or returns a Var or a Tensor, its
// receiver apart. A function that takes or returns another function is left out.
func arrays(p *packages.Package, decl *ast.FuncDecl) bool {
	f, ok := p.TypesInfo.Defs[decl.Name].(*types.Func)
	if !ok {
		return false
	}
	sig := f.Signature()
	for tuple := range slices.Values([]*types.Tuple{sig.Params(), sig.Results()}) {
		for v := range tuple.Variables() {
			typ := v.Type()
			if s, ok := typ.(*types.Slice); ok {
				typ = s.Elem()
			}
			if ptr, ok := typ.(*types.Pointer); ok {
				typ = ptr.Elem()
			}
			switch typ.String() {
			case module + "/autograd.Var", module + "/tensor.Tensor":
				return true
			}
		}
	}
	return false
}

// TestLayersAreComposed holds nn and models to what they promise: no type there is
// an op with a derivative of its own, and nothing there calls a backend.
func TestLayersAreComposed(t *testing.T) {
	autograd := load(t, "autograd")[0].Types.Scope()
	op := autograd.Lookup("Op").Type().Underlying().(*types.Interface)
	isOp := func(typ types.Type) bool { return types.Implements(types.NewPointer(typ), op) }
	require.True(t, isOp(autograd.Lookup("matmul").Type()), "the rule can fail")
	for _, p := range load(t, "nn", "models") {
		for id, def := range p.TypesInfo.Defs {
			typ, ok := def.(*types.TypeName)
			if !ok || types.IsInterface(typ.Type()) {
				continue
			}
			assert.False(t, isOp(typ.Type()), "%s: %s implements autograd.Op: layers compose primitives", p.Fset.Position(id.Pos()), typ.Name())
		}
		for id, use := range p.TypesInfo.Uses {
			if f, ok := use.(*types.Func); ok {
				assert.False(t, isKernel(f), "%s calls %s: layers compose primitives", p.Fset.Position(id.Pos()), f.FullName())
			}
		}
	}
}

// isKernel reports whether f is a method of a backend, also of an optional
// interface, that computes or moves memory.
func isKernel(f *types.Func) bool {
	recv := f.Signature().Recv()
	return recv != nil && f.Pkg() != nil && f.Pkg().Path() == module+"/backend" && types.IsInterface(recv.Type()) &&
		f.Name() != "Name" && f.Name() != "Sync"
}

// TestEveryLayerHasAnExample requires an Example with output of every layer, loss
// and optimiser.
func TestEveryLayerHasAnExample(t *testing.T) {
	for _, dir := range []string{"nn", "nn/optim"} {
		examples := exampleNames(t, dir)
		for _, p := range load(t, dir) {
			if p.PkgPath != module+"/"+dir {
				continue
			}
			scope := p.Types.Scope()
			for _, name := range scope.Names() {
				obj := scope.Lookup(name)
				if !obj.Exported() || !wantsExample(obj) {
					continue
				}
				found := slices.ContainsFunc(examples, func(e string) bool { return e == name || strings.HasPrefix(e, name+"_") || e == "New"+name })
				assert.True(t, found, "%s.%s has no Example", dir, name)
			}
		}
	}
}

// wantsExample: a type with a Forward or Step method, or a function that returns a
// Var and so is a loss or an attention.
func wantsExample(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.TypeName:
		if types.IsInterface(obj.Type()) {
			return false
		}
		methods := types.NewMethodSet(types.NewPointer(obj.Type()))
		return methods.Lookup(obj.Pkg(), "Forward") != nil || methods.Lookup(obj.Pkg(), "Step") != nil
	case *types.Func:
		results := obj.Signature().Results()
		return results.Len() > 0 && results.At(0).Type().String() == module+"/autograd.Var"
	}
	return false
}

// exampleNames returns the names of the Example functions in a folder that have output.
func exampleNames(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, e := range doc.Examples(f) {
			if e.Output != "" {
				names = append(names, e.Name)
			}
		}
	}
	return names
}

// TestOutside builds and runs a program in a module of its own that adds a layer,
// an op with its own derivative, and a backend, against the public API alone.
func TestOutside(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	dir := filepath.Join("testdata", "outside")
	cmd := exec.Command("go", "test", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)

	cmd = exec.Command("go", "run", "./readme")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOWORK=off")
	out, err = cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "[0 1 1 0]\n", string(out))
}

// TestReadmeProgram holds the program in the README to the one that is compiled.
func TestReadmeProgram(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	program, err := os.ReadFile(filepath.Join("testdata", "outside", "readme", "main.go"))
	require.NoError(t, err)
	assert.Contains(t, string(readme), "```go\n"+string(program)+"```\n")
	assert.Contains(t, string(readme), "\ngo run ./cmd/wengert train date\ngo test ./...\n")
}
