package trees

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// TestDerivatives compares them with differences of the loss, which for values is the whole square, of which half counts.
func TestDerivatives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		l := loss{kind.task, outputs(model.View{Task: kind.task, Classes: kind.classes}), rapid.Bool().Draw(t, "absolute")}
		d := nn.Data{Rows: 1, Labels: []int32{int32(rapid.IntRange(0, max(kind.classes, 1)-1).Draw(t, "class"))}, Values: []float32{0.7}}
		smoothing := rapid.Float64Range(0, 0.3).Draw(t, "smoothing")
		z := rapid.SliceOfN(rapid.Float32Range(-2, 2), l.outputs, l.outputs).Draw(t, "outputs")
		k := rapid.IntRange(0, l.outputs-1).Draw(t, "output")
		at := func(shift float32) float64 {
			p := append([]float32(nil), z...)
			p[k] += shift
			l.predict(p)
			return l.of(&d, 0, p, smoothing)
		}
		p := append([]float32(nil), z...)
		l.predict(p)
		first, second := l.derivatives(float64(p[k]), l.target(&d, 0, k, smoothing))
		const h = 1e-3
		want := (at(h) - at(-h)) / (2 * h)
		if l.values() && !l.absolute {
			want /= 2
		}
		if math.Abs(first-want) > 2e-3 || second <= 0 {
			t.Fatalf("derivatives %v and %v, by differences the first is %v", first, second, want)
		}
	})
}

func TestTheBaseIsWhatIsKnownWithoutColumns(t *testing.T) {
	for _, kind := range kinds {
		v, d := table(200, kind.task, kind.classes)
		f, rows := grown(t, v, d, usual, 0)
		if r := f.Step(rows, model.Step{NoUpdate: true}); r.GradNorm <= 0 {
			t.Errorf("%s: a gradient of %v", kind.name, r.GradNorm)
		}
		mean := make([]float64, f.Outputs())
		out := make([]float32, f.Outputs())
		f.Forward(rows[:1], out)
		for _, r := range rows {
			for k := range mean {
				mean[k] += f.loss.target(&d, r, k, 0) / float64(len(rows))
			}
		}
		for k, m := range mean {
			if math.Abs(m-float64(out[k])) > 1e-3 {
				t.Errorf("%s: output %d is %v before the first tree, where the rows' mean is %v", kind.name, k, out[k], m)
			}
		}
	}
}

// Of every ten rows that look the same, seven are 0 and three 10: the mean is 3, and the absolute loss is least where the pull of
// the three, each by the width, is that of the seven, close to the median.
func TestTheAbsoluteLossLearnsTheMedian(t *testing.T) {
	v, d := table(400, model.Regression, 0)
	for i := range d.Values {
		d.Values[i] = 0
		if i%10 < 3 {
			d.Values[i] = 10
		}
		d.Numeric[2*i], d.Numeric[2*i+1], d.Codes[i] = 0, 0, 0
	}
	for _, want := range []struct {
		absolute bool
		value    float64
	}{{true, 3 * model.AbsoluteWidth / 7}, {false, 3}} {
		c := usual
		c.Absolute = want.absolute
		f, rows := grown(t, v, d, c, c.Rounds)
		out := make([]float32, 1)
		f.Forward(rows[:1], out)
		if got := float64(out[0]); math.Abs(got-want.value) > 0.02 {
			t.Errorf("absolute %v: %v, want %v", want.absolute, got, want.value)
		}
	}
}
