package trees

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"tuned/trainer/model"
)

// TestHandsChangeNoBits: however many goroutines grow the trees, and whether they share them out or a tree's parts, the same trees
// grow for the same count of operations.
func TestHandsChangeNoBits(t *testing.T) {
	for _, classes := range []int{0, 2, 4} {
		t.Run(fmt.Sprintf("%d classes", classes), func(t *testing.T) {
			v, d := noise(4*shareRows, 40, 0, classes)
			c := usual
			c.Rounds, c.MaxBatch = 12, v.Rows
			alone, rows := grown(t, v, d, c, 0)
			c.Threads = 3
			together, _ := grown(t, v, d, c, 0)
			defer together.Close()
			if n := together.grower.crew.size(together); n != 3 {
				t.Fatalf("%d hands", n)
			}
			for range 4 {
				a, b := alone.Step(rows, model.Step{LR: 0.3, Dropout: 0.3}), together.Step(rows, model.Step{LR: 0.3, Dropout: 0.3})
				if a.Loss != b.Loss || a.FLOPs != b.FLOPs {
					t.Fatalf("alone %+v, together %+v", a, b)
				}
			}
			sameBits(t, together.State(), alone.State())
			a, b := make([]float32, v.Rows*alone.Outputs()), make([]float32, v.Rows*alone.Outputs())
			if x, y := alone.Forward(upTo(v.Rows), a), together.Forward(upTo(v.Rows), b); x != y || !slices.Equal(a, b) {
				t.Errorf("predictions differ, with losses of %v and %v", x, y)
			}
			if n := testing.AllocsPerRun(5, func() { together.Step(rows, model.Step{LR: 0.1}) }); n != 0 {
				t.Errorf("%v allocations a step", n)
			}
		})
	}
}

// TestHandsGoHome: Close ends the goroutines, and may be called twice.
func TestHandsGoHome(t *testing.T) {
	helpers(t, 0)
	v, d := table(200, model.Classification, 3)
	c := usual
	c.Threads = 3
	f, _ := grown(t, v, d, c, 1)
	helpers(t, 2)
	f.Close()
	f.Close()
	helpers(t, 0)
}

// helpers waits until so many goroutines help.
func helpers(t *testing.T, want int) {
	t.Helper()
	stacks, got := make([]byte, 1<<20), 0
	for range 500 {
		if got = strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "(*Forest).help("); got == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d goroutines help, want %d", got, want)
}

// TestHandsThatMemoryAllows: wide tables have fewer.
func TestHandsThatMemoryAllows(t *testing.T) {
	v := model.View{Rows: 100, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, Columns: 2000}}}
	f, err := New(v, Config{Rounds: 1, Depth: 6, Bins: 255, MaxBatch: 100, Threads: 8})
	if err != nil {
		t.Fatal(err)
	}
	if n := f.grower.crew.size(f); n != 1 {
		t.Errorf("%d hands of %d bytes each", n, f.handBytes())
	}
	v.Inputs[0].Columns = 20
	for _, c := range []struct {
		limit int64
		hands int
	}{{0, 8}, {24 << 20, 6}, {12 << 20, 3}} {
		f, err := New(v, Config{Rounds: 1, Depth: 6, Bins: 255, MaxBatch: 100, Threads: 8, MemoryBytes: c.limit})
		if err != nil {
			t.Fatal(err)
		}
		if n := f.grower.crew.size(f); n != c.hands {
			t.Errorf("%d hands of %d bytes each in %d bytes, want %d", n, f.handBytes(), c.limit, c.hands)
		}
	}
}
