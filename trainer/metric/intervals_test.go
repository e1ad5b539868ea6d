package metric

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// spreading draws rows whose true values lie the further from the predictions the larger these are, and further above than below.
func spreading(random *rand.Rand, rows int) (predicted, truth []float64) {
	for range rows {
		said := 10 * random.Float64()
		predicted, truth = append(predicted, said), append(truth, said+said*(random.ExpFloat64()-0.7))
	}
	return predicted, truth
}

// Over many draws of rows, the share that is held is what it should be: in all, and of large predictions where there are groups.
func TestIntervalsHoldWhatTheySay(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{20, 99, 199, 200, 500, 1234} {
		const draws = 300
		all, large := 0.0, 0.0
		for range draws {
			v := IntervalsOf(spreading(random, rows))
			predicted, truth := spreading(random, 400)
			all += v.Inside(predicted, truth) / draws
			for i := range predicted {
				predicted[i], truth[i] = 9+predicted[i]/10, 9+predicted[i]/10+(truth[i]-predicted[i])/predicted[i]*9.5
			}
			large += v.Inside(predicted, truth) / draws
		}
		if all < Coverage-0.01 || all > Coverage+0.03 {
			t.Errorf("%d rows: %.3f lie within", rows, all)
		}
		if grouped := rows >= 500; grouped != (large > Coverage-0.04) {
			t.Errorf("%d rows: %.3f of large predictions lie within", rows, large)
		}
	}
}

func TestIntervalsNeedRows(t *testing.T) {
	line := func(n int) (predicted, truth []float64) { // off by 1, 2, 3, … in turn above and below
		for i := range n {
			predicted, truth = append(predicted, 5), append(truth, 5+float64(i+1)*float64(1-2*(i%2)))
		}
		return predicted, truth
	}
	if v := IntervalsOf(line(19)); v != nil {
		t.Errorf("19 rows: %+v", v)
	}
	// The ceil(21 · 0.9)-th smallest, on either side.
	if v := IntervalsOf(line(20)); v == nil || !slices.Equal(v.Groups, []Spread{{Below: 19, Above: 19, Rows: 20}}) {
		t.Errorf("20 rows: %+v", v)
	}
	// Equal predictions are one group. Ten are further out on either side: 181, 183 … 199 above, 182, 184 … 200 below.
	if v := IntervalsOf(line(200)); !slices.Equal(v.Groups, []Spread{{Below: 182, Above: 181, Rows: 200}}) {
		t.Errorf("200 rows of equal predictions: %+v", v)
	}
}

func TestIntervalsOfWhatIsNoNumber(t *testing.T) {
	predicted := slices.Repeat([]float64{0}, 30)
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		truth := slices.Repeat([]float64{1}, 30)
		truth[7] = bad
		if v := IntervalsOf(predicted, truth); v != nil {
			t.Errorf("%v: %+v", bad, v)
		}
	}
	huge := slices.Repeat([]float64{math.MaxFloat64}, 30)
	if v := IntervalsOf(slices.Repeat([]float64{-math.MaxFloat64}, 30), huge); v != nil {
		t.Errorf("a difference too large for a number: %+v", v)
	}
}

// All true values may lie on one side: the prediction is within all the same.
func TestIntervalsHoldThePredictionItself(t *testing.T) {
	predicted, truth := make([]float64, 300), make([]float64, 300)
	for i := range predicted {
		predicted[i], truth[i] = float64(i), float64(i)+3
	}
	v := IntervalsOf(predicted, truth)
	if len(v.Groups) != 3 {
		t.Fatalf("%d groups", len(v.Groups))
	}
	if low, high := v.Around(150); low != 150 || high != 153 {
		t.Errorf("%v to %v", low, high)
	}
	if share := v.Inside(predicted, truth); share != 1 {
		t.Errorf("%v lie within", share)
	}
}

// Whatever the rows: groups are in order and have no fewer rows than they may, all rows are in one, at least the share that is
// promised lies within, and the file says the same again.
func TestIntervalsOfAnyRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(fewestRows, 700).Draw(t, "rows")
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		levels := rapid.IntRange(1, 1000).Draw(t, "different predictions")
		predicted, truth := make([]float64, n), make([]float64, n)
		for i := range predicted {
			predicted[i], truth[i] = float64(random.IntN(levels)), float64(random.IntN(levels))
		}
		v := IntervalsOf(predicted, truth)
		checkGroups(t, v, n)
		if share := v.Inside(predicted, truth); share < Coverage-1e-9 {
			t.Fatalf("%v lie within", share)
		}
		text, err := json.Marshal(v)
		again := new(Intervals)
		if err != nil || json.Unmarshal(text, again) != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, said := range predicted {
			low, high := v.Around(said)
			if l, h := again.Around(said); l != low || h != high || !(low <= said && said <= high) {
				t.Fatalf("%v: %v to %v, read again %v to %v", said, low, high, l, h)
			}
		}
	})
}

func checkGroups(t *rapid.T, v *Intervals, rows int) {
	sum := 0
	for i, g := range v.Groups {
		sum += g.Rows
		if len(v.Groups) > 1 && g.Rows < groupRows {
			t.Fatalf("group %d of %d: %+v", i, len(v.Groups), g)
		}
	}
	if len(v.Cuts) != len(v.Groups)-1 || !slices.IsSorted(v.Cuts) || len(slices.Compact(slices.Clone(v.Cuts))) != len(v.Cuts) {
		t.Fatalf("cuts at %v", v.Cuts)
	}
	if sum != rows || len(v.Groups) > mostGroups {
		t.Fatalf("%d rows in %d groups, of %d", sum, len(v.Groups), rows)
	}
}
