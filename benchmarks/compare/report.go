package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/wengert-ml/wengert/benchmarks/compare/rig"
)

// facts are what a reader needs to judge and repeat a run.
type facts struct {
	command string
	began   time.Time
	took    time.Duration
	load    string
}

// report writes everything as Markdown.
func report(w io.Writer, r *runner, groups []*group, f facts) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# wengert beside others\n\n")
	fmt.Fprintf(b, "Written by `%s` on %s in %s. To repeat it, run that on a quiet machine.\n\n", f.command, f.began.UTC().Format("2 January 2006"), f.took.Round(time.Second))
	fmt.Fprintf(b, "Whole processes took turns, pinned with taskset to one core or to two; each warmed up, then timed 7 blocks and gave their median. A cell is the median of the rounds with the least and the largest; a ratio is that of neighbours within a round, how many times as fast wengert is. Behind it stands what is aimed at: ✓ reached, ✗ not.\n\n")
	fmt.Fprintf(b, "A processor with AVX-512 is on page [benchmarks.md](benchmarks.md), one without on [benchmarks-avx2.md](benchmarks-avx2.md).\n\n")
	fmt.Fprintf(b, "Launches, copies and memory of the same training steps on a GPU are in [launches.md](launches.md).\n\n")

	fmt.Fprintf(b, "| | |\n|---|---|\n| processor | %s |\n| load before | %s |\n", processor(), f.load)
	for _, name := range slices.Sorted(maps.Keys(r.about)) {
		version := r.about[name]
		if name == "wengert" {
			version = commit()
		}
		if name == "instructions" || strings.HasSuffix(name, "'s kernels") || strings.HasSuffix(name, "'s instructions") {
			continue // they differ between sides; notes say which were used
		}
		fmt.Fprintf(b, "| %s | %s |\n", name, version)
	}
	fmt.Fprintln(b)
	for _, n := range r.notes {
		fmt.Fprintf(b, "- %s\n", n)
	}
	fmt.Fprintf(b, "- In the sequence to sequence models, where a batch has more tokens than there are vectors, wengert multiplies the table by the LSTM's weights and looks tokens up in the product (`nn.LSTM.ForwardIDs`); PyTorch's fused LSTM takes vectors. The function and its gradients are the same.\n")
	fmt.Fprintf(b, "- PyTorch is as fast as it goes: fused LSTM over all time steps, time-major; fused Adam and SGD; jemalloc where not said otherwise; as many threads as cores.\n")
	fmt.Fprintf(b, "- PyTorch adds Adam's epsilon to the corrected root, the book beside the uncorrected one; the rest is the same arithmetic on the same numbers, as the losses below show.\n\n")

	for _, g := range groups {
		r.table(b, g)
	}
	r.denormals(b, groups)
	r.threads(b, groups)
	r.allocations(b, groups)
	r.agreement(b, groups)
	return b.Flush()
}

// table writes a group.
func (r *runner) table(w io.Writer, g *group) {
	fmt.Fprintf(w, "## %s\n\n%s\n\n", g.title, g.about)
	fmt.Fprint(w, "| work | threads |")
	for _, s := range g.sides {
		fmt.Fprintf(w, " %s |", s.name)
	}
	for _, v := range g.versus {
		fmt.Fprintf(w, " : %s |", v.name)
	}
	fmt.Fprintf(w, "\n|---|---|%s\n", strings.Repeat("---|", len(g.sides)+len(g.versus)))
	for _, work := range g.works {
		for _, threads := range []int{1, 2} {
			fmt.Fprintf(w, "| %s | %d |", work, threads)
			for _, s := range g.sides {
				fmt.Fprintf(w, " %s |", g.unit.cell(work, r.samples[key{g.title, s.name, work, threads}]))
			}
			for _, v := range g.versus {
				fmt.Fprintf(w, " %s |", r.ratio(g, v, work, threads))
			}
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintln(w)
}

// ratio is a cell of a column of ratios.
func (r *runner) ratio(g *group, v versus, work string, threads int) string {
	ours := r.samples[key{g.title, g.sides[0].name, work, threads}]
	var peer []float64
	for _, name := range v.of {
		if s := r.samples[key{g.title, name, work, threads}]; done(s) && (peer == nil || median(s) < median(peer)) {
			peer = s
		}
	}
	if peer == nil || !done(ours) {
		return "–"
	}
	ratios := make([]float64, len(ours))
	for i := range ratios {
		ratios[i] = peer[i] / ours[i]
	}
	cell := fmt.Sprintf("**%.2f** (%.2f–%.2f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
	aim := v.aim(work, threads)
	switch {
	case aim == 0:
		return cell
	case median(ratios) >= aim:
		return fmt.Sprintf("%s, %.2f ✓", cell, aim)
	}
	return fmt.Sprintf("%s, %.2f ✗", cell, aim)
}

// done reports whether the work was done in every round.
func done(samples []float64) bool {
	return len(samples) > 0 && !slices.ContainsFunc(samples, math.IsNaN)
}

func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// cell prints samples in a unit: the median, and the least and the largest.
func (u unit) cell(work string, seconds []float64) string {
	if !done(seconds) {
		return "–"
	}
	values := make([]float64, len(seconds))
	for i, s := range seconds {
		switch u {
		case gflops:
			p, _ := rig.ParseProduct(work) // a work that ran
			values[i] = p.Flop() / s / 1e9
		case nanosPerElement:
			sizes, _ := rig.ParseSizes(work)
			n := 1
			for _, d := range sizes {
				n *= d
			}
			values[i] = s / float64(n) * 1e9
		case millis:
			values[i] = s * 1e3
		}
	}
	return fmt.Sprintf("%s (%s–%s)", digits(median(values)), digits(slices.Min(values)), digits(slices.Max(values)))
}

// digits prints three digits that count.
func digits(x float64) string {
	places := 2 - int(math.Floor(math.Log10(x)))
	return fmt.Sprintf("%.*f", max(0, places), x)
}

// denormals writes what they cost.
func (r *runner) denormals(w io.Writer, groups []*group) {
	const worst = 2
	fmt.Fprintf(w, "## Denormal against ordinary inputs\n\nHow many times as long; at most %d is aimed at.\n\n| work | threads | ratio |\n|---|---|---|\n", worst)
	for _, g := range groups {
		for _, work := range g.works {
			ordinary, is := strings.CutSuffix(work, "/denormal")
			for _, threads := range []int{1, 2} {
				a, b := r.samples[key{g.title, g.sides[0].name, ordinary, threads}], r.samples[key{g.title, g.sides[0].name, work, threads}]
				if !is || !done(a) || !done(b) {
					continue
				}
				x, mark := median(b)/median(a), "✓"
				if x > worst {
					mark = "✗"
				}
				fmt.Fprintf(w, "| %s | %d | %.2f %s |\n", work, threads, x, mark)
			}
		}
	}
	fmt.Fprintln(w)
}

// threads writes what a second core brings.
func (r *runner) threads(w io.Writer, groups []*group) {
	aims := map[string]bool{"step/better": true, "gemm/1024x1024x1024/NN": true, "gemm/1024x1024x1024/TN": true, "gemm/1024x1024x1024/NT": true}
	fmt.Fprintf(w, "## Two threads against one\n\n| work | ratio |\n|---|---|\n")
	for _, g := range groups {
		if g.unit == nanosPerElement || g.title == "GoMLX" || g.title == "Denormal numbers" {
			continue
		}
		for _, work := range g.works {
			one, two := r.samples[key{g.title, g.sides[0].name, work, 1}], r.samples[key{g.title, g.sides[0].name, work, 2}]
			if !done(one) || !done(two) {
				continue
			}
			x, aim := median(one)/median(two), ""
			switch {
			case aims[work] && x >= 1.8:
				aim = ", 1.80 ✓"
			case aims[work]:
				aim = ", 1.80 ✗"
			}
			fmt.Fprintf(w, "| %s (%s) | %.2f%s |\n", work, g.title, x, aim)
		}
	}
	fmt.Fprintln(w)
}

// allocations writes how many a warm training step makes.
func (r *runner) allocations(w io.Writer, groups []*group) {
	fmt.Fprintf(w, "## Allocations of a warm training step\n\nAll that the process allocates while it is timed, divided by the steps.\n\n| work | threads | allocations |\n|---|---|---|\n")
	for _, g := range groups {
		for _, work := range g.works {
			if !strings.HasPrefix(work, "step/") || !strings.HasPrefix(g.title, "Training steps") {
				continue
			}
			for _, threads := range []int{1, 2} {
				fmt.Fprintf(w, "| %s | %d | %.1f |\n", work, threads, r.allocs[key{g.title, g.sides[0].name, work, threads}])
			}
		}
	}
	fmt.Fprintln(w)
}

// agreement writes the losses of the first three steps, and what does not agree.
func (r *runner) agreement(w io.Writer, groups []*group) {
	fmt.Fprintf(w, "## Losses of the first three steps\n\nFrom the same initial values and batches. Dropout's masks differ (better).\n\n| work | side | losses |\n|---|---|---|\n")
	var differ []string
	for _, g := range groups {
		for _, work := range g.works {
			ours := r.checks[key{g.title, g.sides[0].name, work, 1}]
			for _, s := range g.sides {
				theirs := r.checks[key{g.title, s.name, work, 1}]
				if len(theirs) == 0 {
					continue
				}
				if strings.HasPrefix(work, "step/") {
					fmt.Fprintf(w, "| %s | %s | %.4f |\n", work, s.name, theirs)
				}
				steps := len(theirs)
				if work == "step/better" {
					steps = 1 // what the masks of dropout leave alike
				}
				if len(ours) < steps || !agree(ours[:steps], theirs[:steps]) {
					differ = append(differ, fmt.Sprintf("%s: %s has %v, wengert %v", work, s.name, theirs, ours))
				}
			}
		}
	}
	fmt.Fprintln(w)
	if len(differ) > 0 {
		fmt.Fprintf(w, "**These do not agree:**\n\n- %s\n", strings.Join(differ, "\n- "))
		return
	}
	fmt.Fprintf(w, "All sides agree to a thousandth, in every piece of work.\n")
}

// agree reports whether numbers differ by a thousandth at most.
func agree(x, y []float64) bool {
	return slices.EqualFunc(x, y, func(a, b float64) bool { return math.Abs(a-b) <= 1e-3*max(math.Abs(a), math.Abs(b)) })
}

// processor is what the kernel knows of it.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	fields, cores := map[string]string{}, 0
	for line := range strings.SplitSeq(string(b), "\n") {
		k, v, _ := strings.Cut(line, ":")
		k = strings.TrimSpace(k)
		fields[k] = strings.TrimSpace(v)
		if k == "processor" {
			cores++
		}
	}
	var has []string
	for _, flag := range []string{"avx2", "fma", "avx512f", "avx512_bf16", "amx_tile"} {
		if slices.Contains(strings.Fields(fields["flags"]), flag) {
			has = append(has, flag)
		}
	}
	return fmt.Sprintf("%s, family %s, model %s, %d cores, %s", fields["model name"], fields["cpu family"], fields["model"], cores, strings.Join(has, " "))
}

// commit is the one that was measured.
func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return "commit " + strings.TrimSpace(string(out))
}
