package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

// key names what was measured.
type key struct {
	group   string
	side    string
	work    string
	threads int
}

// runner runs sides and keeps what they print.
type runner struct {
	tools *tools
	quick bool

	samples map[key][]float64 // seconds, by round; NaN where the work was not done
	checks  map[key][]float64 // what showed that the result is right
	allocs  map[key]float64
	about   map[string]string // versions
	notes   []string
}

// deadline is how long one process may take.
const deadline = 5 * time.Minute

// run measures a group, on one thread and on two, side after side, round after round.
func (r *runner) run(g *group) error {
	rounds, ms := g.rounds, g.ms
	if r.quick {
		rounds, ms = 1, ms/2
	}
	for _, threads := range []int{1, 2} {
		for round := range rounds {
			for _, s := range g.sides {
				if s.threads != nil && !slices.Contains(s.threads, threads) {
					continue
				}
				fmt.Fprintf(os.Stderr, "%s: %d thread(s), round %d of %d: %s\n", g.title, threads, round+1, rounds, s.name)
				results, err := r.process(s, threads, ms, g.works)
				if err != nil {
					return fmt.Errorf("%s on %d thread(s): %w", s.name, threads, err)
				}
				for _, w := range g.works {
					k, res := key{g.title, s.name, w, threads}, results[w]
					if res.Error != "" || res.Seconds == 0 {
						res.Seconds = math.NaN()
					}
					r.samples[k] = append(r.samples[k], res.Seconds)
					r.checks[k] = res.Checks
					r.allocs[k] = res.Allocs
				}
			}
		}
	}
	return nil
}

// process runs one side's program once, pinned to cores.
func (r *runner) process(s *side, threads, ms int, works []string) (map[string]rig.Result, error) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	cores := "0"
	if threads == 2 {
		cores = "0,1"
	}
	args := append([]string{"-c", cores}, s.program...)
	args = append(args, "-works", strings.Join(works, ","), "-threads", strconv.Itoa(threads), "-ms", strconv.Itoa(ms))
	c := exec.CommandContext(ctx, "taskset", args...)
	c.Env = environment(s.env, threads)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, tail(stderr.String()))
	}
	results := map[string]rig.Result{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		var res rig.Result
		if json.Unmarshal(lines.Bytes(), &res) != nil {
			continue // a library's own chatter
		}
		maps.Copy(r.about, res.About)
		if res.Work != "" {
			results[res.Work] = res
		}
	}
	return results, lines.Err()
}

// environment is this process's without what would choose for a side.
func environment(extra map[string]string, threads int) []string {
	n := strconv.Itoa(threads)
	env := slices.DeleteFunc(os.Environ(), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		for _, p := range []string{"OPENBLAS_", "OMP_", "MKL_", "KMP_", "ONEDNN_", "DNNL_", "ATEN_", "COMPARE_", "WENGERT_", "GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG", "LD_PRELOAD", "MALLOC_", "NPY_", "NVPL_"} {
			if strings.HasPrefix(name, p) {
				return true
			}
		}
		return false
	})
	env = append(env, "OMP_NUM_THREADS="+n, "MKL_NUM_THREADS="+n, "OPENBLAS_NUM_THREADS="+n, "GOMAXPROCS="+n, "PYTHONDONTWRITEBYTECODE=1")
	for k, v := range extra {
		env = append(env, k+"="+v)
	}
	return env
}

// tail is the end of what a program complained.
func tail(s string) string {
	const most = 2000
	return s[max(0, len(s)-most):]
}

// peak notes what a core can do at most, now: multiply-adds on registers. Products are
// to be seen beside it; where the machine is shared it changes while they are measured.
func (r *runner) peak(when string) {
	s := &side{program: []string{r.tools.blas}, env: map[string]string{"COMPARE_BLAS": "openblas"}}
	var limits []string
	for _, isa := range []string{rig.PeakAVX512, rig.PeakAVX2} {
		res, err := r.process(s, 1, 200, []string{isa})
		if err != nil {
			continue // the processor does not have it: the process stopped there
		}
		if sec := res[isa].Seconds; sec > 0 {
			limits = append(limits, fmt.Sprintf("%s %.0f", strings.TrimPrefix(isa, "peak/"), rig.PeakFlop/sec/1e9))
		}
	}
	r.notes = append(r.notes, fmt.Sprintf("What a core can do at most, multiply-adds on registers alone, %s, GFLOP/s: %s.", when, strings.Join(limits, ", ")))
}

// kernels are the names of OpenBLAS's for processors like those that wengert has
// assembly for.
var kernels = []string{"SkylakeX", "Cooperlake", "SapphireRapids", "Zen", "Haswell"}

// chooseKernels lets each OpenBLAS that chooses for itself use another processor's
// kernels where they are faster on this one.
func (r *runner) chooseKernels(groups []*group) {
	const work, gain = "gemm/1024x1024x1024/NN", 1.02
	chosen := map[string]string{}
	for _, g := range groups {
		for _, s := range g.sides {
			lib := s.env["COMPARE_BLAS"]
			if lib == "netlib" {
				lib = "openblas" // the same library
			}
			if lib == "" || lib == "onednn" || s.env["OPENBLAS_CORETYPE"] != "" {
				continue
			}
			core, ok := chosen[lib]
			if !ok {
				best, note := 0.0, ""
				rates := r.tryKernels(s, lib, work)
				for _, k := range append([]string{""}, kernels...) {
					rate, ok := rates[k]
					if !ok {
						continue
					}
					if k == "" || rate > gain*best {
						best, core = rate, k
					}
					if k == "" {
						k = "its own choice"
					}
					note += fmt.Sprintf(", %s %.0f", k, rate)
				}
				chosen[lib] = core
				if core == "" {
					core = "its own choice"
				}
				r.notes = append(r.notes, fmt.Sprintf("%s, kernels by OPENBLAS_CORETYPE at %s on one thread, GFLOP/s: %s. Used: %s.", s.name, work, note[2:], core))
				core = chosen[lib]
			}
			if core != "" {
				s.env["OPENBLAS_CORETYPE"] = core
			}
		}
	}
}

// tryKernels returns the best GFLOP/s of a few tries of each processor's kernels, ""
// for those that the library chooses, less those that this processor cannot run.
func (r *runner) tryKernels(s *side, lib, work string) map[string]float64 {
	rates := map[string]float64{}
	p, err := rig.ParseProduct(work)
	if err != nil {
		return rates
	}
	tries := 3
	if r.quick {
		tries = 1
	}
	for range tries {
		for _, k := range append([]string{""}, kernels...) {
			trial := &side{program: s.program, env: map[string]string{"COMPARE_BLAS": lib}}
			if k != "" {
				trial.env["OPENBLAS_CORETYPE"] = k
			}
			res, err := r.process(trial, 1, 50, []string{work})
			if err == nil && res[work].Seconds > 0 {
				rates[k] = max(rates[k], p.Flop()/res[work].Seconds/1e9)
			}
		}
	}
	return rates
}

// loadAverage is the machine's load before the run.
func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
