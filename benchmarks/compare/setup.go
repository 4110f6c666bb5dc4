package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tools are the programs and libraries that the sides are made of.
type tools struct {
	wengert, blas, gomlx, gomlxSIMD string
	python                          string
	numpyBLAS                       string // the OpenBLAS that NumPy's wheel carries
	jemalloc                        string
	compiled                        string // folder where torch.compile keeps what it has made
}

// setUp installs and builds what is not there yet in a scratch folder.
func setUp(scratch string) (*tools, error) {
	if err := os.MkdirAll(scratch, 0o755); err != nil {
		return nil, fmt.Errorf("make the scratch folder: %w", err)
	}
	if err := debian("libopenblas-dev", "libdnnl-dev", "libjemalloc2"); err != nil {
		return nil, err
	}
	t := &tools{python: filepath.Join(scratch, "venv/bin/python"), compiled: filepath.Join(scratch, "inductor")}
	if err := exec.Command(t.python, "-c", "import torch, numpy").Run(); err != nil {
		venv := filepath.Join(scratch, "venv")
		if err := say("", nil, "python3", "-m", "venv", venv); err != nil {
			return nil, err
		}
		// Everything that torch asks for: its library does not load without the others.
		if err := say("", nil, t.python, "-m", "pip", "install", "--quiet", "--upgrade", "torch", "numpy"); err != nil {
			return nil, err
		}
	}
	var err error
	if t.numpyBLAS, err = one(filepath.Join(scratch, "venv/lib/python3*/site-packages/numpy.libs/libscipy_openblas64_*.so")); err != nil {
		return nil, err
	}
	if t.jemalloc, err = one("/usr/lib/*/libjemalloc.so.2"); err != nil {
		return nil, err
	}
	for _, b := range []struct {
		program *string
		name    string
		dir     string
		env     []string
	}{
		{&t.wengert, "wengert", "wengert", []string{"CGO_ENABLED=0"}},
		{&t.blas, "blas", "blas", []string{"CGO_ENABLED=1", "CGO_LDFLAGS=-lopenblas"}},
		{&t.gomlx, "gomlx", "gomlx", []string{"CGO_ENABLED=0"}},
		{&t.gomlxSIMD, "gomlx-simd", "gomlx", []string{"CGO_ENABLED=0", "GOEXPERIMENT=simd"}},
	} {
		*b.program = filepath.Join(scratch, b.name)
		if err := say(filepath.Join("benchmarks/compare", b.dir), b.env, "go", "build", "-o", *b.program, "."); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// debian installs packages that are missing, or says how.
func debian(packages ...string) error {
	var missing []string
	for _, p := range packages {
		out, err := exec.Command("dpkg-query", "-W", "-f", "${Status}", p).Output()
		if err != nil || !strings.HasSuffix(string(out), " installed") {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	args := append([]string{"install", "-y", "--no-install-recommends"}, missing...)
	if os.Geteuid() != 0 {
		return fmt.Errorf("libraries are missing: sudo apt-get %s", strings.Join(args, " "))
	}
	return say("", nil, "apt-get", args...)
}

// one returns the file that a pattern matches.
func one(pattern string) (string, error) {
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("find a library: nothing matches %s", pattern)
	}
	return found[0], nil
}

// say runs a command and shows it.
func say(dir string, env []string, name string, args ...string) error {
	fmt.Fprintln(os.Stderr, "+", strings.Join(append(append(env[:len(env):len(env)], name), args...), " "))
	c := exec.Command(name, args...)
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), env...), os.Stderr, os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("run %s: %w", name, err)
	}
	return nil
}
