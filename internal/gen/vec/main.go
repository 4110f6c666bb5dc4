package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	log.SetFlags(0)
	// No package flag: avo takes names of its own there.
	if len(os.Args) != 2 {
		log.Fatal("usage: go run . FOLDER, the folder of package vec")
	}
	stamp, err := sourceHash(".")
	if err != nil {
		log.Fatal(err)
	}
	for _, wide := range []bool{true, false} {
		if err := newFile(wide).write(os.Args[1], stamp); err != nil {
			log.Fatal(err)
		}
	}
}

// file is the assembly of one instruction set.
type file struct {
	*build.Context
	wide  bool
	table map[string]operand.Mem
}

func newFile(wide bool) *file {
	f := &file{build.NewContext(), wide, map[string]operand.Mem{}}
	f.ConstraintExpr("amd64")
	return f
}

func newKernel(f *file, name, signature string) *kernel {
	f.Function(name)
	f.Attributes(attr.NOSPLIT)
	f.SignatureExpr(signature)
	f.Pragma("noescape")
	return &kernel{
		Context: f.Context, wide: f.wide, table: f.table,
		ptr: map[string]reg.GPVirtual{}, pinned: map[string]reg.VecVirtual{}, uses: map[string]int{},
	}
}

// compile allocates registers. It names the function that it fails for.
func (f *file) compile() (*ir.File, error) {
	code, err := f.Result()
	if err != nil {
		return nil, err
	}
	for _, fn := range code.Functions() {
		if err := pass.Compile.Execute(&ir.File{Sections: []ir.Section{fn}}); err != nil {
			return nil, fmt.Errorf("%s: %w", fn.Name, err)
		}
		// avo also hands out the registers that only AVX-512 has.
		for _, i := range fn.Instructions() {
			for _, r := range i.Registers() {
				if p, ok := r.(reg.Physical); ok && !f.wide && p.Kind() == reg.KindVector && p.PhysicalIndex() >= 16 {
					return nil, fmt.Errorf("%s: out of AVX2 registers", fn.Name)
				}
			}
		}
	}
	return code, pass.IncludeTextFlagHeader(code)
}

// write assembles every kernel and writes NAME_amd64.s and NAME_amd64.go.
func (f *file) write(dir, stamp string) error {
	for _, s := range slices.Concat(pointwise(), reductions(), lstm(), gru(), optimisers()) {
		if err := s.emit(f); err != nil {
			return err
		}
	}
	philox(f)
	code, err := f.compile()
	if err != nil {
		return err
	}
	name := "avx512_amd64"
	if !f.wide {
		name = "avx2_amd64"
	}
	cfg := printer.Config{Name: "internal/gen/vec", Pkg: "vec"}
	for ext, p := range map[string]printer.Printer{".s": printer.NewGoAsm(cfg), ".go": printer.NewStubs(cfg)} {
		text, err := p.Print(code)
		if err != nil {
			return err
		}
		text = bytes.Replace(text, []byte("DO NOT EDIT.\n"), []byte("DO NOT EDIT.\n// Generator: sha256 "+stamp+"\n"), 1)
		// avo has no way to ask for alignment; a loop that starts a cache line runs faster.
		text = regexp.MustCompile(`(?m)^loop1?:`).ReplaceAll(text, []byte("\tPCALIGN $$64\n$0"))
		if err := os.WriteFile(filepath.Join(dir, name+ext), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sourceHash returns the sha256 of the generator: every Go file and go.mod, in
// the order of their names. A test of package vec computes the same.
func sourceHash(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range append(files, filepath.Join(dir, "go.mod")) {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		h.Write(text)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
