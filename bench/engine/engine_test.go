package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tuned/trainer/nn"
)

// The floor counts products alone: nearly all that the plan counts, and never more; but for plain convolutions, of which
// Winograd's algorithm leaves a quarter at least.
func TestFloorCountsProducts(t *testing.T) {
	for _, n := range nets {
		t.Run(n.name, func(t *testing.T) {
			g := nn.New()
			n.build(g)
			p, err := nn.Compile(g, nn.Config{MaxBatch: 1, Threads: 1, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			least, most := 0.9, 1.0
			if n.images {
				least, most = 1, 4
			}
			if share := float64(n.products) / float64(p.Facts().FLOPsRow); share < least || share > most {
				t.Errorf("products are %.3f of the plan's operations", share)
			}
		})
	}
}

func TestBestCountsOneCall(t *testing.T) {
	calls := [2]int{}
	work := func(i int) func() {
		return func() {
			calls[i]++
			for end := time.Now().Add(time.Millisecond); time.Now().Before(end); {
			}
		}
	}
	for _, together := range [][]func(){{work(0)}, {work(0), work(1)}} {
		if took := best(20*time.Millisecond, together...); took < time.Millisecond/2 && len(together) == 2 || took <= 0 {
			t.Errorf("%d together: %v a call", len(together), took)
		}
	}
	if calls[0] < 2 || calls[1] < 2 {
		t.Errorf("calls: %v", calls)
	}
}

func TestTable(t *testing.T) {
	r := Report{
		Machine: "a machine", Commit: "abc", ISA: "avx2", PyTorch: "1.13", Load: "0.1 to 0.2",
		Products: []Product{
			{ISA: "avx2", Form: "AB", M: 2, N: 3, K: 4, Threads: 1, GFLOPS: 90, Peak: 100},
			{ISA: "avx2", Form: "AB", M: 2, N: 3, K: 4, Threads: 2, GFLOPS: 180, Peak: 200},
		},
		Nets: []Net{
			{Name: "net", Batch: 8, Threads: 1, Rows: 5000, Floor: 10000, Torch: &Torch{Rows: 2500, Variant: "flat"}},
			{Name: "net", Batch: 8, Threads: 2, Rows: 90, Floor: 100, Allocs: 1},
		},
		Whole: &Whole{Job: "small.toml", CPU: 8, Counted: 7.6, Read: 0.1},
	}
	for _, want := range []string{
		"| AB 2×3×4 | avx2 | 90.0 | 90.0 % | 180.0 | 90.0 % | 2.00 |",
		"| net | 8 | 1 | 5.00k | 50.0 % | 0 | 2.50k | flat | 2.00 |",
		"| net | 8 | 2 | 90.0 | 90.0 % | 1 | - | - | - |",
		"load went from 0.1 to 0.2",
		"`tuned run small.toml` used 8.00 s", "7.60 s of them, 95 %",
	} {
		if !strings.Contains(r.Table(), want) {
			t.Errorf("no %q in\n%s", want, r.Table())
		}
	}
}

// TestWholeRun starts the command on a table of its own: what the ledger counts is within what the processes used.
func TestWholeRun(t *testing.T) {
	dir := t.TempDir()
	var table strings.Builder
	table.WriteString("x,y\n")
	for i := range 200 {
		fmt.Fprintf(&table, "%d,%d\n", i*37%101, i*37%101/7)
	}
	for name, text := range map[string]string{
		"data.csv": table.String(),
		"job.toml": "name = \"small\"\n[data]\npath = \"data.csv\"\ntarget = \"y\"\n[pin]\nepochs = 5\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := whole(t.Context(), filepath.Join(dir, "job.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if w.Counted <= 0 || w.Read < 0 || w.Counted+w.Read > w.CPU {
		t.Errorf("%+v", w)
	}
	if _, err := whole(t.Context(), filepath.Join(dir, "none.toml")); err == nil || !strings.Contains(err.Error(), "none.toml") {
		t.Errorf("a job that is not there: %v", err)
	}
}
