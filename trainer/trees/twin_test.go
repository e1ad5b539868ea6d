package trees

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// twin is the readable way to one tree for values: every split at every value of every column is tried on the rows themselves.
type twin struct {
	x       [][]float64 // row × column
	first   []float64   // derivative of each row; the second one is 1
	l2, min float64
	depth   int
	rate    float64
}

// add adds the tree's answers to the outputs of the rows.
func (t *twin) add(rows []int, depth int, out []float64) {
	sum := 0.0
	for _, r := range rows {
		sum += t.first[r]
	}
	left, right := t.split(rows, sum)
	if depth == t.depth || left == nil {
		for _, r := range rows {
			out[r] -= t.rate * sum / (float64(len(rows)) + t.l2)
		}
		return
	}
	t.add(left, depth+1, out)
	t.add(right, depth+1, out)
}

// split is the first of the best divisions, or nil.
func (t *twin) split(rows []int, sum float64) (left, right []int) {
	score := func(sum float64, n int) float64 { return sum * sum / (float64(n) + t.l2) }
	best := leastGain
	for column := range t.x[0] {
		for _, at := range rows {
			var l, r []int
			below := 0.0
			for _, row := range rows {
				if t.x[row][column] <= t.x[at][column] {
					l = append(l, row)
					below += t.first[row]
				} else {
					r = append(r, row)
				}
			}
			if float64(len(l)) < t.min || float64(len(r)) < t.min || len(r) == 0 {
				continue
			}
			if gain := score(below, len(l)) + score(sum-below, len(r)) - score(sum, len(rows)); gain > best*(1+1e-9) {
				best, left, right = gain, l, r
			}
		}
	}
	return left, right
}

// TestTheTwinGrowsTheSameTrees compares how well they fit.
func TestTheTwinGrowsTheSameTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, columns := rapid.IntRange(2, 40).Draw(t, "rows"), rapid.IntRange(1, 3).Draw(t, "columns")
		c := Config{
			Rounds: 1, Depth: rapid.IntRange(1, 2).Draw(t, "depth"), Bins: 64, MaxBatch: n,
			L2: rapid.Float64Range(0, 3).Draw(t, "l2"), MinWeight: float64(rapid.IntRange(0, 4).Draw(t, "least")),
		}
		w := &twin{first: make([]float64, n), l2: c.L2, min: c.MinWeight, depth: c.Depth, rate: 0.5}
		d := nn.Data{Rows: n}
		mean := 0.0
		for i := range n {
			row := make([]float64, columns)
			for j := range row {
				row[j] = float64(rapid.IntRange(-20, 20).Draw(t, "x"))
				d.Numeric = append(d.Numeric, float32(row[j]))
			}
			w.x = append(w.x, row)
			// Two splits that gain the same lead to other ones below: what is added keeps their gains apart.
			d.Values = append(d.Values, float32(float64(rapid.IntRange(-50, 50).Draw(t, "y"))+math.Sin(float64(i*i))))
			mean += float64(d.Values[len(d.Values)-1]) / float64(n)
		}
		f, err := New(model.View{Rows: n, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, Columns: columns}}}, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Bind(d); err != nil {
			t.Fatal(err)
		}
		if err := f.Init(upTo(n)); err != nil {
			t.Fatal(err)
		}
		f.Step(upTo(n), model.Step{LR: w.rate})
		got := f.Forward(upTo(n), make([]float32, n))

		out, all, want := make([]float64, n), make([]int, n), 0.0
		for i := range out {
			out[i], all[i] = mean, i
			w.first[i] = mean - float64(d.Values[i])
		}
		w.add(all, 0, out)
		for i, v := range out {
			want += math.Pow(v-float64(d.Values[i]), 2) / float64(n)
		}
		if math.Abs(got-want) > 1e-4*(1+want) {
			t.Fatalf("a loss of %v, by the twin %v", got, want)
		}
	})
}
