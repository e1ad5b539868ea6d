package metric

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sbinet/npyio"
	"pgregory.net/rapid"

	"tuned/trainer/model"
	"tuned/trainer/npy"
)

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-7 || math.IsNaN(got) {
		t.Errorf("%s = %v, want %v", name, got, want)
	}
}

// Four rows, by hand: rows 0 and 2 are class 0, rows 1 and 3 class 1; row 2 is taken for class 1.
func TestTwoClasses(t *testing.T) {
	outputs := []float32{0.75, 0.25, 0.25, 0.75, 0.375, 0.625, 0.5, 0.5}
	labels := []int32{0, 1, 0, 1}
	m := Classification(ofClasses(2), outputs, labels)
	near(t, "accuracy", m.Get(Accuracy), 0.5) // rows 0 and 1; row 3 is a tie, and goes to class 0
	near(t, "log loss", m.Get(LogLoss), -(2*math.Log(0.75)+math.Log(0.375)+math.Log(0.5))/4)
	near(t, "AUC", m.Get(AUC), 3.0/4) // of the pairs (1,0) (1,2) (3,0) (3,2), the last is lost
	near(t, "F1", m.Get(F1), 2*1.0/(2+2))
	first := model.View{Classes: 2, Target: &model.Target{Priors: []float64{0.4, 0.6}}}
	near(t, "F1 of class 0", Classification(first, outputs, labels).Get(F1), 2*1.0/(2+2))
}

func ofClasses(n int) model.View { return model.View{Task: model.Classification, Classes: n} }

// From a lower probability on, more rows are answered with the rarer class: what is counted changes, what is compared does not.
func TestAThresholdMovesTheAnswers(t *testing.T) {
	outputs := []float32{0.875, 0.125, 0.625, 0.375, 0.75, 0.25, 0.25, 0.75}
	labels := []int32{0, 1, 0, 1}
	half := model.View{Task: model.Classification, Classes: 2, Target: &model.Target{Priors: []float64{0.75, 0.25}}}
	lower := half
	lower.Target = &model.Target{Priors: half.Target.Priors, Threshold: 0.375}
	if got := Predicted(lower, outputs); !slices.Equal(got, []int32{0, 1, 0, 1}) {
		t.Errorf("from 3/8 on, the answers are %v", got)
	}
	before, after := Classification(half, outputs, labels), Classification(lower, outputs, labels)
	near(t, "F1 by the more probable class", before.Get(F1), 2.0/3)
	near(t, "F1 from 3/8 on", after.Get(F1), 1)
	near(t, "log loss", after.Get(LogLoss), before.Get(LogLoss))
	near(t, "AUC", after.Get(AUC), before.Get(AUC))
	first := model.View{Classes: 2, Target: &model.Target{Priors: []float64{0.25, 0.75}, Threshold: 0.7}}
	if got := Predicted(first, outputs); !slices.Equal(got, []int32{0, 1, 0, 1}) {
		t.Errorf("with the first class the rarer one, from 7/10 on: %v", got)
	}
}

// By the roots of the shares, the second class is the answer from 0.53 of the first one's probability on, and one without rows from 0.21 on,
// since a tenth of the shares is spread evenly.
func TestAnswersLeanToRarerClasses(t *testing.T) {
	shares := []float64{0.8, 0.2, 0} // 0.7533, 0.2133 and 0.0333 with a tenth of them spread; the roots are as 1, 0.532 and 0.210
	view := model.View{Task: model.Classification, Classes: 3, Target: &model.Target{Priors: shares, Lean: 0.5}}
	outputs := []float32{0.66, 0.34, 0, 0.64, 0.36, 0, 0.84, 0, 0.16, 0.8, 0, 0.2}
	if got := Predicted(view, outputs); !slices.Equal(got, []int32{0, 1, 0, 2}) {
		t.Errorf("half way, the answers are %v", got)
	}
	view.Target.Lean = 0
	if got := Predicted(view, outputs); !slices.Equal(got, []int32{0, 0, 0, 0}) {
		t.Errorf("without, the answers are %v", got)
	}
	view.Target = &model.Target{Lean: 0.5}
	if got := Predicted(view, outputs); !slices.Equal(got, []int32{0, 0, 0, 0}) {
		t.Errorf("with no shares known, the answers are %v", got)
	}
}

// Equal shares leave the most probable class, whatever the lean.
func TestEqualSharesHaveNothingToLeanTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(rapid.Float32Range(0, 1), 4, 4).Draw(t, "row")
		view := model.View{Classes: 4, Target: &model.Target{Priors: []float64{0.25, 0.25, 0.25, 0.25}, Lean: rapid.Float64Range(0, 1).Draw(t, "lean")}}
		if got := Predicted(view, row); got[0] != Predicted(ofClasses(4), row)[0] {
			t.Fatalf("class %d", got[0])
		}
	})
}

func TestThreeClasses(t *testing.T) {
	outputs := []float32{0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.25, 0.5, 0.25, 0.25}
	labels := []int32{0, 1, 1, 1}
	m := Classification(ofClasses(3), outputs, labels)
	near(t, "accuracy", m.Get(Accuracy), 0.75)
	// Class 0: one right, one false alarm: 2/3. Class 1: two right, one missed: 4/5. Class 2 does not occur.
	near(t, "F1", m.Get(F1), (2.0/3+4.0/5)/2)
	// Class 0: pairs of row 0 with 1, 2 and 3: won, won, tied. Class 1: rows 1, 2, 3 against row 0: won, won, tied. Class 2: none.
	near(t, "AUC", m.Get(AUC), 2.5/3)
	if _, ok := Classification(ofClasses(3), outputs, labels, F1)[AUC]; ok {
		t.Error("the AUC was not asked for")
	}
	near(t, "AUC alone", Classification(ofClasses(3), outputs, labels, AUC).Get(AUC), 2.5/3)
}

func TestOneClassHasNoAUC(t *testing.T) {
	m := Classification(ofClasses(2), []float32{0.75, 0.25, 0.25, 0.75}, []int32{1, 1})
	if _, ok := m[AUC]; ok || !math.IsNaN(m.Get(AUC)) {
		t.Errorf("AUC %v", m.Get(AUC))
	}
	if _, err := json.Marshal(m); err != nil {
		t.Error(err)
	}
}

func TestAZeroProbabilityCostsWhatFloat32Resolves(t *testing.T) {
	near(t, "log loss", logLossOf([]float32{1, 0}, 2, []int32{1}), 23*math.Ln2)
}

func TestValuesInTheTargetsUnit(t *testing.T) {
	target := model.Target{Mean: 10, Std: 2, Min: 7, Max: 12}
	view := model.View{Task: model.Regression, Target: &target}
	// Predictions 10, 12 and 13 (clamped to 12) of 9, 12 and 14.
	m, err := Evaluate(view, []float32{0, 1, 1.5}, Truth{Values: []float32{-0.5, 1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "RMSE", m.Get(RMSE), math.Sqrt((1.0+0+4)/3))
	near(t, "MAE", m.Get(MAE), 1)
	mean := 35.0 / 3
	near(t, "R2", m.Get(R2), 1-5/((9-mean)*(9-mean)+(12-mean)*(12-mean)+(14-mean)*(14-mean)))
	if m, _ := Evaluate(view, []float32{0}, Truth{Values: []float32{0}}); len(m) != 2 {
		t.Errorf("one row has no R²: %v", m)
	}
}

// The mean of equal values may lie beside them by rounding: they have no variance that could be explained.
func TestEqualValuesHaveNoR2(t *testing.T) {
	for n := 1; n < 100; n++ {
		truth := slices.Repeat([]float64{0.1 * float64(n)}, n)
		if r2, ok := Regression(slices.Repeat([]float64{1}, n), truth)[R2]; ok {
			t.Fatalf("R² of %d rows of %g is %g", n, truth[0], r2)
		}
	}
}

func TestEvaluateRefusesOtherShapes(t *testing.T) {
	view := model.View{Task: model.Classification, Classes: 2, Target: &model.Target{}}
	if _, err := Evaluate(view, nil, Truth{}); !errors.Is(err, errUndefined) {
		t.Errorf("no rows: %v", err)
	}
	if _, err := Evaluate(view, []float32{1}, Truth{Labels: []int32{0}}); err == nil {
		t.Error("one output for two classes was accepted")
	}
}

func TestThePositiveClassIsTheRarerOne(t *testing.T) {
	for want, priors := range [][]float64{{0.4, 0.6}, {0.6, 0.4}} {
		if got := (model.View{Target: &model.Target{Priors: priors}}).Positive(); got != want {
			t.Errorf("priors %v: %d", priors, got)
		}
	}
	if (model.View{Target: &model.Target{Priors: []float64{0.5, 0.5}}}).Positive() != 1 || (model.View{}).Positive() != 1 {
		t.Error("a tie goes to the second class")
	}
}

func TestBetter(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name string
		a, b float64
		want bool
	}{
		{Accuracy, 0.9, 0.8, true},
		{Accuracy, 0.8, 0.9, false},
		{Accuracy, 0.9, 0.9, true},
		{RMSE, 1, 2, true},
		{RMSE, 2, 1, false},
		{LogLoss, 1, 1, true},
		{MAE, 1, 2, true},
		{R2, 2, 1, true},
		{AUC, nan, 0.1, false},
		{AUC, 0.1, nan, true},
		{F1, nan, nan, false},
	}
	for _, test := range tests {
		if got := Better(test.name, test.a, test.b); got != test.want {
			t.Errorf("%s: %v better than %v: %v", test.name, test.a, test.b, got)
		}
	}
}

// The rank formula against counting pairs.
func TestAUCCountsPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 30).Draw(t, "rows")
		scores := rapid.SliceOfN(rapid.SampledFrom([]float32{0, 0.25, 0.5, 0.75, 1}), n, n).Draw(t, "scores")
		labels := rapid.SliceOfN(rapid.Int32Range(0, 1), n, n).Draw(t, "labels")
		outputs := make([]float32, 0, 2*n)
		for _, s := range scores {
			outputs = append(outputs, 1-s, s)
		}
		wins, pairs := 0.0, 0.0
		for i := range n {
			for j := range n {
				if labels[i] == 1 && labels[j] == 0 {
					pairs++
					switch {
					case scores[i] > scores[j]:
						wins++
					case scores[i] == scores[j]:
						wins += 0.5
					}
				}
			}
		}
		got := Classification(ofClasses(2), outputs, labels).Get(AUC)
		if pairs == 0 && math.IsNaN(got) {
			return
		}
		if math.Abs(got-wins/pairs) > 1e-12 {
			t.Fatalf("AUC %v, want %v of %v pairs", got, wins/pairs, pairs)
		}
	})
}

// Rows whose classes are drawn as often as p says: sharpened by T, they are given back by T.
func TestTheTemperatureUndoesSharpening(t *testing.T) {
	for _, want := range []float64{0.5, 1, 2.5} {
		var outputs []float32
		var labels []int32
		for p := 10; p <= 90; p++ { // of each hundred rows with probability p %, p are of class 1
			a, b := math.Pow(float64(p), want), math.Pow(float64(100-p), want)
			for i := range 100 {
				outputs = append(outputs, float32(b/(a+b)), float32(a/(a+b)))
				labels = append(labels, map[bool]int32{true: 1, false: 0}[i < p])
			}
		}
		got := FitTemperature(outputs, 2, labels, 1)
		if math.Abs(got-want) > 1e-2 {
			t.Errorf("temperature %v, want %v", got, want)
		}
		before := logLossOf(outputs, 2, labels)
		ApplyTemperature(outputs, 2, got)
		if after := logLossOf(outputs, 2, labels); after > before+1e-7 {
			t.Errorf("the log loss went from %v to %v", before, after)
		}
		if got := float64(outputs[1]); math.Abs(got-0.1) > 1e-3 {
			t.Errorf("probability %v, want 0.1", got)
		}
	}
}

func TestTheTemperatureOfNothingIsTheUsualOne(t *testing.T) {
	if got := FitTemperature(nil, 2, nil, 0.8); got != 0.8 {
		t.Errorf("got %v", got)
	}
}

// Every row is predicted rightly: the loss alone would ask for the coldest temperature, from however few rows.
func TestTheTemperatureOfFewRightRowsStaysNearOne(t *testing.T) {
	certain := func(rows int, usual float64) float64 {
		outputs, labels := []float32{}, make([]int32, rows)
		for range rows {
			outputs = append(outputs, 0.9, 0.1)
		}
		return FitTemperature(outputs, 2, labels, usual)
	}
	if few, many := certain(5, 1), certain(500, 1); few < 0.8 || many > 0.5 {
		t.Errorf("temperature %v of 5 rows, %v of 500", few, many)
	}
	if one, usual := certain(1, 0.6), certain(1, 1); math.Abs(one/usual-0.6) > 0.05 {
		t.Errorf("temperature %v of a row where 0.6 is usual, %v where 1 is", one, usual)
	}
}

func TestSoftenedRowsSumToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(rapid.Float32Range(0.001, 1), 3, 3).Draw(t, "row")
		sum := row[0] + row[1] + row[2]
		for c := range row {
			row[c] /= sum
		}
		before := Predicted(ofClasses(3), row)[0]
		ApplyTemperature(row, 3, rapid.Float64Range(0.05, 20).Draw(t, "T"))
		if sum := row[0] + row[1] + row[2]; math.Abs(float64(sum)-1) > 1e-6 {
			t.Fatalf("sum %v", sum)
		}
		if row[before] < max(row[0], row[1], row[2]) {
			t.Fatal("the most probable class changed")
		}
	})
}

func TestTruthIsReadAndChecked(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "labels.npy"), []int32{0, 1, 2})
	view := model.View{Rows: 3, Task: model.Classification, Classes: 3, Target: &model.Target{File: "labels.npy"}}
	truth, err := ReadTruth(view, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := truth.Rows([]int32{2, 0}); got.Len() != 2 || got.Labels[0] != 2 || got.Labels[1] != 0 {
		t.Errorf("rows 2 and 0: %v", got)
	}
	view.Classes = 2
	if _, err := ReadTruth(view, dir); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("class 2 of 2: %v", err)
	}
	if _, err := ReadTruth(model.View{}, dir); err == nil {
		t.Error("a view without a target was accepted")
	}
}

func TestArraysThatAreNone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	write(t, path, []float32{1, 2, 3})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"cut": whole[:len(whole)-1], "longer": append(whole[:len(whole):len(whole)], make([]byte, 1<<17)...),
		"no header": []byte("1,2,3 and some more text"), "header without a shape": append([]byte("\x93NUMPY\x01\x00\x04\x00{ }\n"), make([]byte, 12)...),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := npy.Read[float32](path, 3); !errors.Is(err, model.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	write(t, path, []float32{1, 2, 3})
	if _, err := npy.Read[float32](path, 4); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("four elements of three: %v", err)
	}
	if _, err := npy.Read[int32](path, 3); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("another type: %v", err)
	}
}

func write(t *testing.T, path string, values any) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := npyio.Write(file, values); err != nil {
		t.Fatal(err)
	}
}

func FuzzReadArray(f *testing.F) {
	f.Add([]byte("\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "x.npy")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if values, err := npy.Read[float32](path, 3); err == nil && len(values) != 3 {
			t.Fatalf("%d values", len(values))
		}
	})
}
