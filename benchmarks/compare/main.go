package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/wengert-ml/wengert/backend/cpu/isa"
)

func main() {
	if err := compare(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// page is where the tables of a machine like this one are kept.
func page() string {
	if slices.Contains(isa.Supported(), isa.AVX512) {
		return "docs/benchmarks.md"
	}
	return "docs/benchmarks-avx2.md"
}

func compare() error {
	quick := flag.Bool("quick", false, "one round, and a shorter one")
	rows := flag.String("rows", "", "measure only the work whose name matches this regular expression")
	out := flag.String("o", "", "write the tables to this file; without -quick and -rows it is docs/benchmarks.md, docs/benchmarks-avx2.md on a processor without AVX-512, else the terminal")
	scratch := flag.String("scratch", "", "folder for what is installed and built; wengert-compare in the user's cache if not set")
	flag.Parse()

	want, err := regexp.Compile(*rows)
	if err != nil {
		return fmt.Errorf("read -rows: %w", err)
	}
	if _, err := os.Stat("benchmarks/compare/plan.go"); err != nil {
		return fmt.Errorf("run it at the root of the module: %w", err)
	}
	if *scratch == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("find a folder for scratch: %w", err)
		}
		*scratch = filepath.Join(cache, "wengert-compare")
	}
	if *out == "" && !*quick && *rows == "" {
		*out = page()
	}

	t, err := setUp(*scratch)
	if err != nil {
		return err
	}
	r := &runner{tools: t, quick: *quick, samples: map[key][]float64{}, checks: map[key][]float64{}, allocs: map[key]float64{}, about: map[string]string{}}
	began, load := time.Now(), loadAverage()
	groups := plan(t, want)
	r.chooseKernels(groups)
	r.peak("before")
	for i, g := range groups {
		if err := r.run(g); err != nil {
			return err
		}
		if i == 0 {
			r.peak("after the first table")
		}
	}
	r.peak("at the end")

	w := io.Writer(os.Stdout)
	if *out != "" {
		f, err := os.Create(*out)
		if err != nil {
			return fmt.Errorf("write the tables: %w", err)
		}
		defer f.Close()
		w = f
	}
	command := "go run ./benchmarks/compare"
	if *quick {
		command += " -quick"
	}
	if *rows != "" {
		command += " -rows '" + *rows + "'"
	}
	return report(w, r, groups, facts{
		command: command, began: began, took: time.Since(began), load: cmp.Or(load, "unknown"),
	})
}
