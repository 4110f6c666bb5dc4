package backendtest

import (
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/wengert-ml/wengert/backend"
)

// Faulter is offered by a backend, or by the emulator of one, that can be made
// to fail: after Break the next kernel does, and those after it work again.
type Faulter interface {
	backend.Backend
	Break()
}

// faultChecks are what holds of Sync and Download where nothing fails.
func faultChecks() []check {
	return []check{
		{name: "sync-without-fault", run: func(be backend.Backend) error {
			count, _ := be.Sync(0)
			if err := trySome(be); err != nil {
				return err
			}
			for range 3 {
				again, err := be.Sync(count)
				if err != nil || again != count {
					return fmt.Errorf("Sync(%d) = %d, %v; want the same count and no error", count, again, err)
				}
			}
			return nil
		}},
		{name: "name", run: func(be backend.Backend) error {
			if be.Name() == "" {
				return errors.New("Name() is empty")
			}
			return nil
		}},
	}
}

// injectedChecks are what holds of them where a kernel fails.
func injectedChecks() []check {
	return []check{
		{name: "sync-tells-each-caller-once", run: brokenSync},
		{name: "download-tells-once", run: brokenDownload},
		{name: "download-is-silent-when-sync-told", run: brokenSyncThenDownload},
		{name: "two-faults", run: twoFaults},
		{name: "a-fault-waits-for-a-kernel", run: patientFault},
		{name: "next-call-is-exact", run: func(be backend.Backend) error {
			f := be.(Faulter)
			for range 3 {
				if _, err := failOnce(f); err != nil {
					return err
				}
				if err := trySome(be); err != nil {
					return fmt.Errorf("after a fault: %w", err)
				}
			}
			return nil
		}},
	}
}

// failOnce makes a kernel fail and returns the count of faults before it.
func failOnce(be Faulter) (since uint64, err error) {
	since, err = breakKernel(be)
	if err != nil {
		return since, err
	}
	_, fault := be.Sync(since)
	if fault == nil {
		return since, fmt.Errorf("Sync(%d): no error after Break and a kernel", since)
	}
	return since, nil
}

// breakKernel makes a kernel fail and tells nobody.
func breakKernel(be Faulter) (since uint64, err error) {
	since, _ = be.Sync(0)
	buf, err := be.Alloc(backend.F32, 8)
	if err != nil {
		return since, err
	}
	defer be.Free(buf)
	be.Break()
	be.Fill(wholeOf(buf, backend.F32, 8), 1)
	return since, nil
}

func brokenSync(be backend.Backend) error {
	f := be.(Faulter)
	since, err := breakKernel(f)
	if err != nil {
		return err
	}
	for tape := range 2 { // two tapes that have seen the same number of faults
		count, err := f.Sync(since)
		if err == nil || count != since+1 {
			return fmt.Errorf("tape %d: Sync(%d) = %d, %v; want %d and the fault", tape, since, count, err, since+1)
		}
		if again, err := f.Sync(count); err != nil || again != count {
			return fmt.Errorf("tape %d: Sync(%d) = %d, %v; want no second report", tape, count, again, err)
		}
	}
	return nil
}

// downloadOnes uploads ones to fresh memory and downloads them.
func downloadOnes(be backend.Backend) error {
	const n = 5
	buf, err := be.Alloc(backend.F32, n)
	if err != nil {
		return err
	}
	defer be.Free(buf)
	if err := be.Upload(wholeOf(buf, backend.F32, n), []float32{1, 1, 1, 1, 1}); err != nil {
		return err
	}
	got := make([]float32, n)
	if err := be.Download(got, wholeOf(buf, backend.F32, n)); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	for i, v := range got {
		if v != 1 {
			return fmt.Errorf("element %d is %v, want 1", i, v)
		}
	}
	return nil
}

func brokenDownload(be backend.Backend) error {
	f := be.(Faulter)
	since, err := breakKernel(f)
	if err != nil {
		return err
	}
	if err := downloadOnes(be); err == nil {
		return errors.New("method Download: no error after a kernel failed")
	}
	if err := downloadOnes(be); err != nil {
		return fmt.Errorf("the Download after the one that reported: %w", err)
	}
	// A tape that was told nothing yet still learns of it.
	if count, err := f.Sync(since); err == nil || count != since+1 {
		return fmt.Errorf("Sync(%d) = %d, %v after Download; want %d and the fault", since, count, err, since+1)
	}
	return nil
}

func brokenSyncThenDownload(be backend.Backend) error {
	if _, err := failOnce(be.(Faulter)); err != nil {
		return err
	}
	if err := downloadOnes(be); err != nil {
		return fmt.Errorf("method Download of a fault that Sync has returned: %w", err)
	}
	return nil
}

func twoFaults(be backend.Backend) error {
	f := be.(Faulter)
	since, err := breakKernel(f)
	if err != nil {
		return err
	}
	middle, err := breakKernel(f)
	if err != nil {
		return err
	}
	if middle != since+1 {
		return fmt.Errorf("count of faults went from %d to %d with one fault", since, middle)
	}
	for _, seen := range []uint64{since, middle} {
		if count, err := f.Sync(seen); err == nil || count != since+2 {
			return fmt.Errorf("Sync(%d) = %d, %v; want %d and the fault", seen, count, err, since+2)
		}
	}
	if _, err := f.Sync(since + 2); err != nil {
		return fmt.Errorf("Sync(%d): %w; want no error", since+2, err)
	}
	return nil
}

// patientFault looks that Break alone is no fault, nor are transfers kernels.
func patientFault(be backend.Backend) error {
	f := be.(Faulter)
	since, _ := f.Sync(0)
	f.Break()
	if count, err := f.Sync(since); err != nil || count != since {
		return fmt.Errorf("Sync(%d) = %d, %v after Break and no kernel; want %d and no error", since, count, err, since)
	}
	if err := downloadOnes(be); err != nil {
		return fmt.Errorf("transfers after Break and no kernel: %w", err)
	}
	buf, err := be.Alloc(backend.F32, 1)
	if err != nil {
		return err
	}
	defer be.Free(buf)
	be.Fill(wholeOf(buf, backend.F32, 1), 1)
	if count, err := f.Sync(since); err == nil || count != since+1 {
		return fmt.Errorf("Sync(%d) = %d, %v after Break and a kernel; want %d and the fault", since, count, err, since+1)
	}
	return nil
}

func float64Checks() []check {
	return []check{{name: "keeps-every-bit", run: func(be backend.Backend) error {
		f := be.(backend.Float64)
		src := []float64{math.Pi, 1e-300, 1e300, 1 + 1.0/(1<<52), math.Copysign(0, -1), math.Inf(-1), math.NaN()}
		n := len(src)
		buf, err := f.Alloc(backend.F32, 2*n)
		if err != nil {
			return err
		}
		defer f.Free(buf)
		every := backend.Layout{Rank: 1, Shape: [6]int{n}, Stride: [6]int{2}, Off: 1}
		given := append([]float64(nil), src...)
		if err := f.UploadFloat64(&backend.View{Buf: buf, Layout: every}, given); err != nil {
			return err
		}
		clear(given)
		f.Unary(backend.Scale, &backend.View{Buf: buf, Layout: every}, &backend.View{Buf: buf, Layout: every}, 1.0/3, 0)
		got := make([]float64, n)
		if err := f.DownloadFloat64(got, &backend.View{Buf: buf, Layout: every}); err != nil {
			return err
		}
		for i, v := range src {
			if want := v * (1.0 / 3); !same(got[i], want) && got[i] != want {
				return fmt.Errorf("%v/3 came back as %v, want %v", v, got[i], want)
			}
		}
		return nil
	}}}
}

func goroutineChecks() []check {
	return []check{{name: "own-buffers", run: func(be backend.Backend) error {
		const workers = 4
		errs := make([]error, workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for range 5 {
					if errs[w] == nil {
						errs[w] = trySome(be)
					}
				}
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	}}, {name: "shared-input", run: func(be backend.Backend) error {
		const n, workers = 1000, 4
		o := input(packed(n), listed(1.0, 2, 3, 4))
		buf, held, err := o.mem.upload(be, 0)
		if err != nil {
			return err
		}
		defer be.Free(buf)
		errs := make([]error, workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				dst, err := be.Alloc(backend.F32, n)
				if err != nil {
					errs[w] = err
					return
				}
				defer be.Free(dst)
				for range 20 {
					be.Unary(backend.Scale, wholeOf(dst, backend.F32, n), wholeOf(buf, backend.F32, n), float64(w), 0)
				}
				got, err := download(be, dst, backend.F32, n)
				if err != nil {
					errs[w] = err
					return
				}
				for i, v := range got {
					if v != held[i]*float64(w) {
						errs[w] = fmt.Errorf("worker %d: element %d is %v, want %v", w, i, v, held[i]*float64(w))
						return
					}
				}
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	}}}
}
