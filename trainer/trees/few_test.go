package trees

import (
	"math"
	"testing"

	"tuned/trainer/model"
)

// TestFewAsMany: a node's best split by the bins that its rows fall into is that of its whole histogram.
func TestFewAsMany(t *testing.T) {
	for _, classes := range []int{0, 2, 4} {
		v, d := noise(400, 12, 4, classes)
		c := usual
		c.MaxBatch = v.Rows
		f, rows := grown(t, v, d, c, 3)
		f.Step(rows, model.Step{LR: 0.1, Dropout: 0.3})
		h := f.grower.crew.hands[0]
		for at := 0; at+40 <= len(rows); at += 7 {
			some := rows[at : at+2+at%39]
			var all cell
			for _, r := range some {
				all.first += float64(h.first[r])
				all.second += float64(h.second[r])
			}
			f.histogram(h, h.sums[0], some)
			many, few := f.best(h, h.sums[0], all), f.bestOfFew(h, some, all)
			if many.column != few.column || many.bin != few.bin || math.Abs(many.gain-few.gain) > 1e-9*math.Abs(many.gain) {
				t.Fatalf("%d classes, %d rows: %+v by their histogram, %+v by their bins", classes, len(some), many, few)
			}
		}
		if h.sparse != (sparse{}) {
			t.Error("something is left of one node for the next")
		}
	}
}
