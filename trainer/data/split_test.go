package data

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestSplitDivides: whatever the seed and the share, both sides together are all rows, in order, and classes keep their proportion.
func TestSplitDivides(t *testing.T) {
	base := read(t, plants(600), Spec{Target: "kind"})
	rapid.Check(t, func(rt *rapid.T) {
		s := Spec{Target: "kind", Holdout: rapid.Float64Range(0, 0.9).Draw(rt, "holdout"), SplitSeed: rapid.Int64().Draw(rt, "seed")}
		d := *base
		d.Spec = s
		if err := d.split(); err != nil {
			rt.Fatal(err)
		}
		all := slices.Concat(d.Train, d.Holdout)
		slices.Sort(all)
		if !slices.Equal(all, d.all()) || !slices.IsSorted(d.Train) || !slices.IsSorted(d.Holdout) {
			rt.Fatal("the sides are not a division of the rows")
		}
		counts := make([]int, 3)
		for _, row := range d.Holdout {
			counts[d.Labels()[row]]++
		}
		for class, n := range counts {
			if math.Abs(float64(n)-200*s.Holdout) > 1 {
				rt.Fatalf("class %d has %d rows of 200 held out", class, n)
			}
		}
		fit, validation := d.SplitValidation(0.25, 3)
		if got := len(fit) + len(validation); got != len(d.Train) || math.Abs(float64(len(validation))-float64(len(d.Train))/4) > 3 {
			rt.Fatalf("validation has %d of %d rows", len(validation), len(d.Train))
		}
	})
}

// TestSplitStays pins the split: it must not change with the machine, the Go version or ours.
func TestSplitStays(t *testing.T) {
	d := read(t, plants(60), Spec{Target: "kind", Holdout: 0.2, SplitSeed: 7})
	if got := fmt.Sprint(d.Holdout); got != "[9 10 25 27 29 31 35 43 48 51 53 56]" {
		t.Errorf("got %s", got)
	}
	if got := fmt.Sprint(NewOrder(d.Holdout, 5, 7).Batch(3)); got != "[25 27 35 51 56]" {
		t.Errorf("got %s", got)
	}
}

// TestSplitKeepsDuplicatesTogether: rows of equal inputs are on one side, whether they agree about the target or not.
func TestSplitKeepsDuplicatesTogether(t *testing.T) {
	text := rows("a,b,y", 600, func(i int) string {
		y := i % 3
		if y == 0 {
			y = i / 300 // a third of the rows come twice, with another answer the second time
		}
		return fmt.Sprintf("%d,%d,%d", i%300, i%300%7, y)
	})
	for seed := range int64(20) {
		d := read(t, text, Spec{Target: "y", Holdout: 0.3, SplitSeed: seed})
		keys, side := d.rowKeys(false), map[uint64]bool{}
		for _, row := range d.Holdout {
			side[keys[row]] = true
		}
		for _, row := range d.Train {
			if side[keys[row]] {
				t.Fatalf("seed %d: row %d has one of equal inputs in the holdout", seed, row)
			}
		}
		if len(d.Holdout) < 160 || len(d.Holdout) > 200 {
			t.Errorf("seed %d: %d rows are held out", seed, len(d.Holdout))
		}
	}
}

// TestSplitOfMixedDuplicates: equal inputs with different answers stay together, and the answers in proportion, to half of such inputs.
func TestSplitOfMixedDuplicates(t *testing.T) {
	text := rows("a,b,y", 1000, func(i int) string {
		a := i
		if i < 300 {
			a = i / 30 // ten inputs of thirty rows each, the first of which has another answer than most
		}
		y := i % 4 / 3
		if i < 300 && i%30 < 5 {
			y = 1
		}
		return fmt.Sprintf("%d,%d,%d", a, a%7, y)
	})
	for seed := range int64(20) {
		d := read(t, text, Spec{Target: "y", Holdout: 0.2, SplitSeed: seed})
		held, all := [2]int{}, [2]int{}
		for row, label := range d.Labels() {
			all[label]++
			if _, ok := slices.BinarySearch(d.Holdout, int32(row)); ok {
				held[label]++
			}
		}
		for label := range held {
			if want := float64(all[label]) / 5; math.Abs(float64(held[label])-want) > 15 {
				t.Errorf("seed %d: %d rows of class %d are held out, want %.0f", seed, held[label], label, want)
			}
		}
	}
}

// TestALoneRowAmongEqualOnesIsLearned: a class whose only row has the inputs of many others is not held out with them.
func TestALoneRowAmongEqualOnesIsLearned(t *testing.T) {
	text := rows("a,b,y", 200, func(i int) string {
		y := i % 2
		if i == 7 {
			y = 2
		}
		return fmt.Sprintf("%d,%d,%d", max(i, 20), max(i, 20)%7, y)
	})
	for seed := range int64(40) {
		d := read(t, text, Spec{Target: "y", Holdout: 0.3, SplitSeed: seed})
		if _, held := slices.BinarySearch(d.Holdout, 7); held {
			t.Fatalf("seed %d: the only row of a class is held out", seed)
		}
	}
}

// TestSplitOfCoarseColumns: a survey of four questions is divided row by row, so that both sides know each combination, and answers
// to it in the same proportion.
func TestSplitOfCoarseColumns(t *testing.T) {
	text := rows("a,b,c,d,y", 1600, func(i int) string {
		return fmt.Sprintf("%d,%d,%d,%d,%d", i%2, i/2%2, i/4%2, i/8%2, min(1, i/16%4))
	})
	d := read(t, text, Spec{Target: "y", Holdout: 0.25})
	seen := map[uint64]int{}
	keys, labels := d.rowKeys(false), d.Labels()
	for _, row := range d.Holdout {
		seen[keys[row]] += 1 + 100*int(labels[row])
	}
	if len(d.Holdout) != 400 || len(seen) != 16 {
		t.Errorf("%d rows of %d combinations are held out", len(d.Holdout), len(seen))
	}
	for _, n := range seen {
		if n/100 < n%100/2 {
			t.Errorf("of %d rows, %d have the answer of three quarters", n%100, n/100)
		}
	}
}

func TestSplitByGroup(t *testing.T) {
	text := rows("who,x,y", 500, func(i int) string { return fmt.Sprintf("p%d,%d,%.1f", i%37, i*i%101, float64(i)) })
	d := read(t, text, Spec{Target: "y", Group: "who", Holdout: 0.2})
	codes := d.raw.codes(d.column("who"))
	held := map[int32]bool{}
	for _, row := range d.Holdout {
		held[codes[row]] = true
	}
	for _, row := range d.Train {
		if held[codes[row]] {
			t.Fatalf("a group is on both sides")
		}
	}
	if len(d.Holdout) < 60 || len(d.Holdout) > 140 || d.Columns[0].Used {
		t.Errorf("%d rows are held out; the group is used: %t", len(d.Holdout), d.Columns[0].Used)
	}
}

func TestSplitByTime(t *testing.T) {
	text := rows("day,x,y", 300, func(i int) string {
		return fmt.Sprintf("2024-%02d-%02d,%d,%d", 1+i*7%12, 1+i%28, i, i%2)
	})
	d := read(t, text, Spec{Target: "y", Time: "day", Holdout: 0.25})
	times := d.times()
	latest := 0.0
	for _, row := range d.Train {
		latest = max(latest, times[row])
	}
	for _, row := range d.Holdout {
		if times[row] <= latest {
			t.Fatal("a held-out row is no later than a training row")
		}
	}
	if n := len(d.Holdout); n < 40 || n > 75 {
		t.Errorf("%d rows are held out", n)
	}
}

// TestSplitByTimeKeepsGroups: no group is on both sides; those whose latest row is latest are held out, up to the share, and one of them in
// any case.
func TestSplitByTimeKeepsGroups(t *testing.T) {
	for _, tt := range []struct{ groups, low, high int }{{30, 80, 100}, {4, 125, 125}} {
		text := rows("day,who,x,y", 500, func(i int) string {
			return fmt.Sprintf("%d,p%d,%d,%d", i%tt.groups*3+i*i%11, i%tt.groups, i*i%101, i%2)
		})
		d := read(t, text, Spec{Target: "y", Time: "day", Group: "who", Types: map[string]string{"day": "numeric"}, Holdout: 0.2})
		fit, validation := d.SplitValidation(0.2, 1)
		groups, times, latest := d.raw.codes(d.column("who")), d.times(), map[int32]float64{}
		for row, group := range groups {
			latest[group] = max(latest[group], times[row])
		}
		for _, sides := range [][2][]int32{{d.Train, d.Holdout}, {fit, validation}} {
			earliest, held := math.Inf(1), map[int32]bool{}
			for _, row := range sides[1] {
				held[groups[row]], earliest = true, min(earliest, latest[groups[row]])
			}
			for _, row := range sides[0] {
				if group := groups[row]; held[group] || latest[group] > earliest {
					t.Fatalf("%d groups: group %d is on both sides, or too late to be learned from", tt.groups, group)
				}
			}
		}
		if n := len(d.Holdout); n < tt.low || n > tt.high {
			t.Errorf("%d groups: %d rows are held out", tt.groups, n)
		}
	}
}

func TestSplitByColumn(t *testing.T) {
	text := rows("side,x,y", 100, func(i int) string {
		return fmt.Sprintf("%s,%d,%d", []string{"Train", "train", "val", "TEST"}[i%4], i*i%31, i%2)
	})
	d := read(t, text, Spec{Target: "y", SplitColumn: "side", Holdout: 0.9})
	fit, validation := d.SplitValidation(0.5, 1)
	if len(d.Holdout) != 25 || len(d.Train) != 75 || len(fit) != 50 || len(validation) != 25 || validation[0] != 2 {
		t.Errorf("got %d held out, %d for training, of these %d fitted", len(d.Holdout), len(d.Train), len(fit))
	}
}

func TestOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, batch := rapid.IntRange(1, 300).Draw(rt, "rows"), rapid.IntRange(1, 80).Draw(rt, "batch")
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = int32(3 * i)
		}
		o := NewOrder(rows, batch, 5)
		epoch := rapid.Int64Range(0, 1<<40).Draw(rt, "epoch")
		seen := map[int32]bool{}
		for s := range o.StepsPerEpoch() {
			for _, row := range o.Batch(epoch*int64(o.StepsPerEpoch()) + int64(s)) {
				if seen[row] || row%3 != 0 {
					rt.Fatalf("row %d comes twice, or from nowhere", row)
				}
				seen[row] = true
			}
		}
		if want := n / min(batch, n) * min(batch, n); len(seen) != want {
			rt.Fatalf("an epoch has %d rows, want %d", len(seen), want)
		}
	})
}

// TestBatchesAreTheCallers: a batch stays what it was, whatever is asked for later, and costs nothing but itself.
func TestBatchesAreTheCallers(t *testing.T) {
	rows := []int32{1, 2, 3, 4, 5, 6, 7}
	o := NewOrder(rows, 3, 1)
	var held [][]int32
	for s := range int64(10_000) {
		held = append(held, o.Batch(s))
	}
	for s, batch := range held {
		if want := NewOrder(rows, 3, 1).Batch(int64(s)); !slices.Equal(batch, want) {
			t.Fatalf("the batch of step %d changed", s)
		}
	}
	if n := testing.AllocsPerRun(100, func() { o.Batch(9999) }); n > 1 {
		t.Errorf("a batch costs %g allocations", n)
	}
}

// TestAnOrderHoldsOnePermutation: where every step is an epoch, as for trees, many of them take no more memory than one.
func TestAnOrderHoldsOnePermutation(t *testing.T) {
	rows := make([]int32, 50_000)
	o := NewOrder(rows, 40_000, 1)
	before := heap()
	for s := range int64(50) {
		o.Batch(s)
	}
	if grown := heap() - before; grown > 4*int64(len(rows)) {
		t.Errorf("50 epochs hold %d bytes", grown)
	}
	runtime.KeepAlive(o)
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestALoneRowIsLearned: the single row of a class is never held out, and said to be alone.
func TestALoneRowIsLearned(t *testing.T) {
	text := rows("x,y", 100, func(i int) string {
		if i == 42 {
			return "3,lone"
		}
		return fmt.Sprintf("%d,%s", i*i%89, []string{"a", "b"}[i%2])
	})
	for seed := range int64(20) {
		s, d := scanned(t, text, Spec{Target: "y", Holdout: 0.2, SplitSeed: seed})
		fit, validation := d.SplitValidation(0.2, seed)
		if slices.Contains(d.Holdout, 42) || slices.Contains(validation, 42) || !slices.Contains(fit, 42) {
			t.Fatalf("seed %d: the lone row is held out", seed)
		}
		if s.Facts["data.lone_classes"] != "lone" {
			t.Fatalf("lone classes are %q", s.Facts["data.lone_classes"])
		}
	}
}

func TestClassesThatCannotBeToldApart(t *testing.T) {
	names := []string{"a", "b", "c"}
	for _, c := range []struct {
		counts []int
		want   string
	}{
		{nil, "no row"},
		{[]int{9}, "one class"},
		{[]int{1, 1}, "2 of the 2 classes"},
		{[]int{9, 1}, `"b" has a single row`},
		{[]int{9, 1, 1}, "2 of the 3 classes"},
		{[]int{9, 9, 1}, ""},
		{[]int{2, 2}, ""},
	} {
		why, hint := classFault(names[:len(c.counts)], c.counts, "row")
		if !strings.Contains(why, c.want) || (why == "") != (c.want == "") || (why == "") != (hint == "") {
			t.Errorf("%v: %q, %q", c.counts, why, hint)
		}
	}
}
