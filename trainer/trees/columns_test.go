package trees

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tuned/trainer/model"
)

func TestCuts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float32Range(-100, 100), 1, 300).Draw(t, "values")
		bins := rapid.IntRange(2, 64).Draw(t, "bins")
		slices.Sort(values)
		edges := make([]float32, bins-1)
		cut(values, edges, bins)
		for i := 1; i < len(edges); i++ {
			if edges[i] < edges[i-1] || edges[i] == edges[i-1] && !math.IsInf(float64(edges[i]), 1) {
				t.Fatalf("edges %v", edges)
			}
		}
		used := map[uint8]bool{}
		for i, v := range values {
			bin := above(edges, v)
			if used[bin] = true; i > 0 && bin < above(edges, values[i-1]) {
				t.Fatalf("%v lies in bin %d, below a smaller value's", v, bin)
			}
		}
		if n := distinct(values); n <= bins && len(used) != n {
			t.Fatalf("%d different values lie in %d of %d bins", n, len(used), bins)
		} else if n > 2*bins && len(used) < bins/2 {
			t.Fatalf("%d different values fill only %d of %d bins", n, len(used), bins)
		}
	})
}

func TestWhatIsNoNumberLiesBelowAll(t *testing.T) {
	if bin := above([]float32{-1, 1}, float32(math.NaN())); bin != 0 {
		t.Errorf("NaN lies in bin %d", bin)
	}
	if bin := above([]float32{-1, 1}, float32(math.Inf(1))); bin != 2 {
		t.Errorf("infinity lies in bin %d", bin)
	}
}

// TestAColumnIsWhatRowsHoldOfIt: of numbers and of categories.
func TestAColumnIsWhatRowsHoldOfIt(t *testing.T) {
	const rows = 50
	v, d := noise(rows, 4, 2, 0)
	v.Inputs = append(v.Inputs, model.Input{Kind: model.Categorical, Columns: 2, Cardinalities: []int{3, 5}})
	for i := range 2 * rows {
		d.Codes = append(d.Codes, int32(i%3))
	}
	var c columns
	if err := c.read(v); err != nil {
		t.Fatal(err)
	}
	c.allocate(16)
	for i := range c.values {
		c.values[i] = float32(10 * i)
	}
	values, row := make([]float32, rows), make([]float32, c.count)
	for column := range c.count {
		c.column(&d, column, upTo(rows), values)
		for r, got := range values {
			if c.fill(&d, int32(r), row); row[column] != got {
				t.Fatalf("row %d of column %d is %v, and %v by itself", r, column, row[column], got)
			}
		}
	}
}

// TestColumnsAreCutOneByOne: no more than one lies in memory beside the data.
func TestColumnsAreCutOneByOne(t *testing.T) {
	const rows = 20_000
	v, d := noise(rows, 40, 2, 0)
	var c columns
	if err := c.read(v); err != nil {
		t.Fatal(err)
	}
	c.allocate(16)
	all := upTo(rows)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c.fit(d, all, loss{}, 16)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 2*4*rows {
		t.Errorf("%d bytes for columns of %d", n, 4*rows)
	}
}
