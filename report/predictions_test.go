package report

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPredictionsAreChecked(t *testing.T) {
	tests := map[string]struct {
		text    string
		classes []string
		good    bool
	}{
		"classes":       {"row,sort,prediction,p_a,p_b\n3,a,b,0.25,0.75\n", []string{"a", "b"}, true},
		"values":        {"row,price,prediction\n3,1.5,2\n", nil, true},
		"empty":         {"", nil, false},
		"unknown class": {"row,sort,prediction,p_a,p_b\n3,a,c,0.25,0.75\n", []string{"a", "b"}, false},
		"no number":     {"row,price,prediction\n3,x,2\n", nil, false},
		"no row":        {"row,price,prediction\nx,1,2\n", nil, false},
		"probability":   {"row,sort,prediction,p_a,p_b\n3,a,b,?,0.75\n", []string{"a", "b"}, false},
		"columns":       {"row,price\n3,1\n", nil, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "predictions.csv")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := readPredictions(path, test.classes)
			if (err == nil) != test.good {
				t.Fatalf("got %v", err)
			}
			if test.good && p.Len() != 1 {
				t.Errorf("%d rows", p.Len())
			}
		})
	}
}

func TestWorstComesFirst(t *testing.T) {
	p := &Predictions{
		Rows: []int{0, 1, 2, 3}, Classes: []string{"a", "b"}, Truth: []int32{0, 0, 1, 1}, Predicted: []int32{0, 1, 0, 1},
		Probabilities: [][]float64{{0.9, 0.1}, {0.4, 0.6}, {0.8, 0.2}, {0.3, 0.7}},
	}
	if got := p.worst(5); !slices.Equal(got, []int{2, 1}) {
		t.Errorf("classes: %v", got)
	}
	v := &Predictions{Rows: []int{0, 1, 2}, Actual: []float64{1, 2, 3}, Value: []float64{1, 9, 4}}
	if got := v.worst(2); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("values: %v", got)
	}
	if q := v.errorQuantile(0.5); q != 1 {
		t.Errorf("median error %g", q)
	}
}

func TestCalibrationOfAnHonestModel(t *testing.T) {
	p := &Predictions{Classes: []string{"a", "b"}}
	for i := range 400 {
		sure, truth := 0.6, int32(0)
		if i%2 == 0 {
			sure = 0.9
		}
		if i/2%10 >= int(10*sure) { // of the rows with 0.6, four in ten are wrong
			truth = 1
		}
		p.Rows = append(p.Rows, i)
		p.Truth, p.Predicted = append(p.Truth, truth), append(p.Predicted, 0)
		p.Probabilities = append(p.Probabilities, []float64{sure, 1 - sure})
	}
	bins := p.calibration()
	if len(bins) != 10 {
		t.Fatalf("%d bins", len(bins))
	}
	for _, b := range bins {
		if math.Abs(b.said-b.was) > 1e-9 {
			t.Errorf("said %g, was %g", b.said, b.was)
		}
	}
}

// By how much the share of right answers of an honest model differs from what it says is what throws of a die give.
func TestChanceOfAnHonestModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, said := range []float64{0.5, 0.8} {
		const repeats, rows = 4000, 40
		gap := 0.0
		for range repeats {
			right := 0
			for range rows {
				if r.Float64() < said {
					right++
				}
			}
			gap += math.Abs(float64(right)/rows-said) / repeats
		}
		if got := (bin{said: said, n: rows}).chance(); math.Abs(got-gap) > 0.003 {
			t.Errorf("sure by %g: %g, where dice give %g", said, got, gap)
		}
	}
}

// Where most of the error is the same for all rows, the picture of errors says so: a table that grows with time, for instance.
// Each row is in a bar, the furthest one too.
func TestEveryErrorIsInABar(t *testing.T) {
	for name, errs := range map[string][]float64{
		"apart": {-3, -1, 0, 0.5, 2}, "alike": {2, 2, 2}, "rounded": {-0.1, 0.2, 0.3, 0.7},
	} {
		rows := 0.0
		for _, height := range histogram(errs).y {
			rows += height / 2 // a bar has two corners
		}
		if rows != float64(len(errs)) {
			t.Errorf("%s: %g of %d rows are in bars", name, rows, len(errs))
		}
	}
}

func TestErrorsThatLeanAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		by   float64
		rows int
		want string
	}{
		"too low":     {-20, 40, "on average its predictions are 20 too low"},
		"too high":    {20, 40, "on average its predictions are 20 too high"},
		"even":        {0, 40, "A peak beside zero would mean"},
		"a little":    {1, 40, "A peak beside zero would mean"},
		"by few rows": {20, 4, "A peak beside zero would mean"},
	} {
		p := &Predictions{Rows: make([]int, c.rows), Actual: make([]float64, c.rows), Value: make([]float64, c.rows)}
		for i := range p.Value {
			p.Value[i] = c.by + float64(i%4*2-3)
		}
		if got := p.residuals("y").Caption; !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
