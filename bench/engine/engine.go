// Package engine measures what the engine makes of the machine: matrix products and training steps beside the machine's
// own peak, and beside PyTorch's where a Python with it is at hand.
//
// On one thread a figure is the best call by processor time, which other programs on the machine disturb little; on two
// it is the best by the clock, which asks for a quiet machine. A peak is measured before and after each figure, by
// the same clock.
package engine

import (
	"context"
	"fmt"
	"io"
	"time"

	"tuned/trainer/nn/kernel"
)

// Options say how much is measured.
type Options struct {
	Budget   time.Duration // of measuring, for each figure
	Products bool          // measure them
	Nets     []string      // by name; empty: all
	Python   string        // an interpreter with PyTorch; "": PyTorch is left out
	Script   string        // PyTorch's side
	Job      string        // a job that is run as a whole; "": none
	Progress io.Writer
}

// Report is everything that one run measured. Speeds are in 10⁹ operations or in rows a second.
type Report struct {
	Machine  string    `json:"machine"`
	Commit   string    `json:"commit"`
	Time     time.Time `json:"time"`
	Load     string    `json:"load,omitempty"` // what else ran: the system's averages at the start and the end
	ISA      string    `json:"isa"`
	PyTorch  string    `json:"pytorch,omitempty"` // its version
	Products []Product `json:"products"`
	Nets     []Net     `json:"nets"`
	Whole    *Whole    `json:"whole,omitempty"`
}

// Product is the speed of one matrix product: two threads compute one each, at the same time.
type Product struct {
	ISA     string  `json:"isa"`
	Form    string  `json:"form"`
	M       int     `json:"m"`
	N       int     `json:"n"`
	K       int     `json:"k"`
	Threads int     `json:"threads"`
	GFLOPS  float64 `json:"gflops"`
	Peak    float64 `json:"peak_gflops"`
}

// Share is the part of the peak that was reached.
func (p Product) Share() float64 { return p.GFLOPS / p.Peak }

// Net is the speed of training steps.
type Net struct {
	Name    string  `json:"net"`
	Batch   int     `json:"batch"`
	Threads int     `json:"threads"`
	Rows    float64 `json:"rows_per_second"`
	Floor   float64 `json:"floor_rows_per_second"` // what the peak would allow if products were all that there is to do
	Peak    float64 `json:"peak_gflops"`
	Allocs  float64 `json:"allocations_per_step"`
	Torch   *Torch  `json:"pytorch,omitempty"`
}

// Torch is what the best of PyTorch's variants reached.
type Torch struct {
	Rows    float64 `json:"rows_per_second"`
	Variant string  `json:"variant"`
	Version string  `json:"version"`
}

// Share is the part of the floor's speed that was reached.
func (n Net) Share() float64 { return n.Rows / n.Floor }

// Times is how many times PyTorch's speed that is; 0 without PyTorch.
func (n Net) Times() float64 {
	if n.Torch == nil {
		return 0
	}
	return n.Rows / n.Torch.Rows
}

// Measure fills in the report's figures. What it cannot run is an error, PyTorch included when it is asked for.
func Measure(ctx context.Context, o Options) (Report, error) {
	r := Report{Time: time.Now().UTC().Truncate(time.Second), ISA: kernel.Active().String()}
	start := loadAverage()
	if o.Products {
		r.multiply(o)
	}
	if err := r.nets(ctx, o); err != nil {
		return r, err
	}
	if err := r.whole(ctx, o); err != nil {
		return r, err
	}
	if start != "" {
		r.Load = start + " to " + loadAverage()
	}
	return r, nil
}

// multiply measures products.
func (r *Report) multiply(o Options) {
	for _, s := range shapes {
		for _, isa := range sets(s) {
			for _, threads := range []int{1, 2} {
				p := s.measure(isa, threads, o.Budget)
				fmt.Fprintf(o.Progress, "%s %s %d×%d×%d, %d threads: %.1f GFLOP/s, %.1f %% of peak\n", p.ISA, p.Form, p.M, p.N, p.K, threads, p.GFLOPS, 100*p.Share())
				r.Products = append(r.Products, p)
			}
		}
	}
}

// nets measures training steps, ours and PyTorch's next to each other in time.
func (r *Report) nets(ctx context.Context, o Options) error {
	for _, n := range measured() {
		if !wanted(o.Nets, n.name) {
			continue
		}
		for _, threads := range []int{1, 2} {
			f, err := n.measure(threads, o.Budget)
			if err != nil {
				return fmt.Errorf("%s: %w", n.name, err)
			}
			if o.Python != "" {
				if f.Torch, err = n.torch(ctx, o, threads); err != nil {
					return fmt.Errorf("%s: %w", n.name, err)
				}
				r.PyTorch = f.Torch.Version
			}
			fmt.Fprintf(o.Progress, "%s, batch %d, %d threads: %.0f rows/s, %.1f %% of the floor, %.2f × PyTorch\n", f.Name, f.Batch, threads, f.Rows, 100*f.Share(), f.Times())
			r.Nets = append(r.Nets, f)
		}
	}
	return nil
}

// whole runs the job, if there is one.
func (r *Report) whole(ctx context.Context, o Options) (err error) {
	if o.Job == "" {
		return nil
	}
	if r.Whole, err = whole(ctx, o.Job); err == nil {
		fmt.Fprintf(o.Progress, "%s: %.1f s of processor time, %.1f %% of it for training, evaluation and probes\n", o.Job, r.Whole.CPU, 100*r.Whole.Share())
	}
	return err
}

func wanted(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return len(names) == 0
}
