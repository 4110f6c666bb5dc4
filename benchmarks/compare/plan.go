package main

import (
	"regexp"
	"slices"
	"strings"
)

// side is a contender.
type side struct {
	name    string
	program []string          // the command, less its flags
	env     map[string]string // beside what every side gets
	threads []int             // nil means 1 and 2
}

// unit is how a group's results are printed.
type unit int

const (
	gflops unit = iota
	nanosPerElement
	millis
)

// versus is a column of ratios: how many times as fast as the fastest of others the
// first side is.
type versus struct {
	name string
	of   []string                               // names of sides
	aim  func(work string, threads int) float64 // at least this; 0 means no aim
}

// group is works that the same sides do.
type group struct {
	title, about string
	unit         unit
	sides        []*side // ours comes first
	works        []string
	versus       []versus
	rounds, ms   int
}

func all(ratio float64) func(string, int) float64 {
	return func(string, int) float64 { return ratio }
}

// plan returns what is compared, less the work that is not wanted.
func plan(t *tools, want *regexp.Regexp) []*group {
	wengert := &side{name: "wengert", program: []string{t.wengert}}
	dense := &side{name: "wengert, dense Adam", program: []string{t.wengert}, env: map[string]string{"COMPARE_ADAM": "dense"}}
	avx2 := &side{name: "wengert", program: []string{t.wengert}, env: map[string]string{"WENGERT_ISA": "avx2"}}
	blas := func(name, lib, core string, threads ...int) *side {
		env := map[string]string{"COMPARE_BLAS": lib}
		if core != "" {
			env["OPENBLAS_CORETYPE"] = core
		}
		return &side{name: name, program: []string{t.blas}, env: env, threads: threads}
	}
	torch := func(name string, env ...string) *side {
		s := &side{name: name, program: []string{t.python, "benchmarks/compare/python/torch_side.py"}, env: map[string]string{}}
		for _, e := range env {
			k, v, _ := strings.Cut(e, "=")
			s.env[k] = v
		}
		return s
	}
	numpy := &side{name: "NumPy", program: []string{t.python, "benchmarks/compare/python/numpy_side.py"}}
	jemalloc := "LD_PRELOAD=" + t.jemalloc
	compiled := []string{jemalloc, "COMPARE_TORCH=compiled", "TORCHINDUCTOR_CACHE_DIR=" + t.compiled}
	avx2Torch := []string{jemalloc, "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2"}
	bothBLAS := []string{"OpenBLAS", "NumPy's OpenBLAS"}

	groups := []*group{
		{
			title: "Matrix products",
			about: "C = A B in float32, row-major, M x N x K; T marks a factor that is stored transposed, + that the product is added to C. GFLOP/s.",
			unit:  gflops,
			sides: []*side{
				wengert, blas("OpenBLAS", "openblas", ""), blas("NumPy's OpenBLAS", t.numpyBLAS, ""), blas("oneDNN", "onednn", "", 1),
			},
			works: products(true), versus: []versus{{"OpenBLAS", bothBLAS, aimOpenBLAS}, {"oneDNN", []string{"oneDNN"}, aimOneDNN}},
			rounds: 3, ms: 50,
		},
		{
			title: "OpenBLAS through gonum's netlib",
			about: "What a Go program gets from OpenBLAS, the crossing from Go to C included. GFLOP/s.",
			unit:  gflops,
			sides: []*side{wengert, blas("netlib", "netlib", ""), blas("OpenBLAS", "openblas", "")},
			works: []string{"gemm/512x512x512/NN", "gemm/20x400x100/NN", "gemm/4x400x100/NN"}, versus: []versus{{"netlib", []string{"netlib"}, all(1)}},
			rounds: 3, ms: 50,
		},
		{
			title: "Matrix products with AVX2",
			about: "The same where AVX-512 is switched off: WENGERT_ISA=avx2 and OPENBLAS_CORETYPE=Haswell. GFLOP/s.",
			unit:  gflops,
			sides: []*side{avx2, blas("OpenBLAS", "openblas", "Haswell"), blas("NumPy's OpenBLAS", t.numpyBLAS, "Haswell")},
			works: products(false), versus: []versus{{"OpenBLAS", bothBLAS, all(1)}},
			rounds: 3, ms: 50,
		},
		{
			title:  "Functions",
			about:  "Into memory that is there; softmax is of rows of scores, xent is the mean cross entropy of rows of scores and its gradient. Nanoseconds an element.",
			unit:   nanosPerElement,
			sides:  []*side{wengert, numpy, torch("PyTorch", jemalloc)},
			works:  functions,
			versus: []versus{{"the better", []string{"NumPy", "PyTorch"}, aimFunction}},
			rounds: 3, ms: 100,
		},
		{
			title: "Training steps: word vectors",
			about: "V 10,000, D 100, batches of 100 words, 10 neighbours, 5 negatives, Adam. Milliseconds.\n\n" +
				"\"wengert\" is lazy and so is PyTorch's SparseAdam: only the rows of the batch change. The dense columns change all rows at each step. These are different mathematics: compare lazy with lazy and dense with dense.",
			unit: millis,
			sides: []*side{
				wengert, dense,
				torch("PyTorch, sparse", jemalloc, "COMPARE_TORCH=sparse"), torch("PyTorch, sparse, no jemalloc", "COMPARE_TORCH=sparse"),
				torch("PyTorch, dense", jemalloc), torch("PyTorch, dense, compiled", compiled...), numpy,
			},
			works: []string{"step/cbow", "step/skipgram"},
			versus: []versus{
				{"PyTorch, sparse", []string{"PyTorch, sparse", "PyTorch, sparse, no jemalloc"}, all(3)},
				{"PyTorch, best", []string{"PyTorch, sparse", "PyTorch, sparse, no jemalloc", "PyTorch, dense", "PyTorch, dense, compiled"}, all(1.5)},
				{"NumPy (lazy : dense)", []string{"NumPy"}, all(50)},
			},
			rounds: 3, ms: 150,
		},
		{
			title: "Training steps: language models",
			about: "V 10,000, N 20, T 35, SGD, clipping at 0.25; rnnlm and lstm have widths of 100, better has two layers of 650, dropout 0.5 and tied weights. Milliseconds.",
			unit:  millis,
			sides: []*side{
				wengert, torch("PyTorch", jemalloc), torch("PyTorch, no jemalloc"), torch("PyTorch, sparse embeddings", jemalloc, "COMPARE_TORCH=sparse"),
				torch("PyTorch, compiled", compiled...),
			},
			works:  []string{"step/rnnlm", "step/lstm", "step/better"},
			versus: []versus{{"PyTorch, best", []string{"PyTorch", "PyTorch, no jemalloc", "PyTorch, sparse embeddings", "PyTorch, compiled"}, aimStep}},
			rounds: 3, ms: 200,
		},
		{
			title: "Training steps: sequence to sequence",
			about: "N 128, Adam, clipping at 5; seq2seq and peeky: V 13, D 16, H 128, questions of 7 and answers of 4; attention: V 59, D 16, H 256, questions of 29 and answers of 10. Milliseconds.",
			unit:  millis,
			sides: []*side{
				wengert, torch("PyTorch", jemalloc), torch("PyTorch, no jemalloc"), torch("PyTorch, compiled", compiled...),
			},
			works:  []string{"step/seq2seq", "step/peeky", "step/attention"},
			versus: []versus{{"PyTorch, best", []string{"PyTorch", "PyTorch, no jemalloc", "PyTorch, compiled"}, aimStep}},
			rounds: 3, ms: 200,
		},
		{
			title:  "The dates job with AVX2",
			about:  "Both without AVX-512. Milliseconds.",
			unit:   millis,
			sides:  []*side{avx2, torch("PyTorch", avx2Torch...)},
			works:  []string{"step/attention"},
			versus: []versus{{"PyTorch", []string{"PyTorch"}, all(1.5)}},
			rounds: 3, ms: 200,
		},
		{
			title: "GoMLX",
			about: "Its backend in Go. This version has no SIMD code of its own, so GOEXPERIMENT=simd changes nothing in it; its gradients of products are not products. Milliseconds.",
			unit:  millis,
			sides: []*side{
				wengert, {name: "GoMLX", program: []string{t.gomlx}}, {name: "GoMLX, simd", program: []string{t.gomlxSIMD}},
			},
			works: []string{
				"gemm/512x512x512/NN", "gemm/512x512x512/TN", "gemm/512x512x512/NT", "gemm/700x10000x100/NN", "gemm/20x2600x650/NN",
				"gemm/20x400x100/NN", "gemm/128x512x128/NN", "exp/10000", "sigmoid/10000", "tanh/10000", "softmax/20x10000", "xent/700x10000",
				"step/cbow", "step/skipgram", "step/seq2seq", "step/peeky",
			},
			versus: []versus{{"GoMLX", []string{"GoMLX", "GoMLX, simd"}, all(1)}},
			rounds: 1, ms: 50,
		},
		{
			title:  "Denormal numbers",
			about:  "The same work on ordinary and on denormal inputs, wengert alone. Milliseconds.",
			unit:   millis,
			sides:  []*side{wengert},
			works:  []string{"gemm/512x512x512/NN", "gemm/512x512x512/NN/denormal", "exp/10000", "exp/10000/denormal", "sigmoid/10000", "sigmoid/10000/denormal", "tanh/10000", "tanh/10000/denormal"},
			rounds: 3, ms: 50,
		},
	}
	for _, g := range groups {
		g.works = slices.DeleteFunc(g.works, func(w string) bool { return !want.MatchString(w) })
	}
	return slices.DeleteFunc(groups, func(g *group) bool { return len(g.works) == 0 })
}

var functions = []string{
	"exp/10000", "exp/1000000", "sigmoid/10000", "sigmoid/1000000", "tanh/10000", "tanh/1000000",
	"softmax/20x10000", "softmax/700x10000", "xent/700x10000",
}

// products returns the shapes of the book's models and squares; the largest ones
// only where asked for.
func products(large bool) []string {
	shapes := []string{"512x512x512", "1024x1024x1024", "2048x2048x2048", "700x10000x100", "700x10000x650", "128x512x128", "20x400x100"}
	var works []string
	for _, s := range shapes {
		if s == "2048x2048x2048" && !large {
			continue
		}
		for _, form := range []string{"NN", "TN", "NT"} {
			works = append(works, "gemm/"+s+"/"+form)
		}
	}
	return append(works,
		"gemm/20x2600x650/NN", "gemm/650x2600x20/TN+", "gemm/20x650x2600/NT", // a step of the better model and its gradients
		"gemm/1x1000x1000/NN", "gemm/1x2600x650/NN", "gemm/4x400x100/NN") // generation
}

func aimOpenBLAS(work string, threads int) float64 {
	two := threads == 2
	switch shape := strings.Split(work, "/")[1]; shape {
	case "512x512x512", "1024x1024x1024", "700x10000x650":
		return 1.05
	case "700x10000x100":
		return 1.25
	case "128x512x128":
		return 1.15
	case "20x2600x650", "650x2600x20", "20x650x2600":
		if two {
			return 1.8
		}
		return 1.4
	case "20x400x100":
		if two || strings.HasSuffix(work, "NT") {
			return 1.5
		}
	}
	return 1
}

func aimOneDNN(work string, threads int) float64 {
	for _, s := range []string{"512x512x512", "1024x", "2048x", "/1x", "/4x"} {
		if strings.Contains(work, s) && threads == 1 {
			return 1
		}
	}
	return 0
}

func aimFunction(work string, _ int) float64 {
	switch kind, _, _ := strings.Cut(work, "/"); kind {
	case "tanh":
		return 1.15
	case "softmax":
		return 2.5
	case "xent":
		return 1.5
	}
	return 2
}

func aimStep(work string, _ int) float64 {
	if work == "step/better" {
		return 1.1
	}
	return 1.5
}
