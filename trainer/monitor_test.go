package trainer

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"tuned/heuristics"
	"tuned/trainer/model"
)

func steady(m *monitor, n int, loss float64) {
	for i := range n {
		m.observe(model.Result{Loss: loss + 0.01*float64(i%2), GradNorm: 1 + float64(i%10), Finite: true})
	}
}

// factsOf are the facts of a step.
func factsOf(m *monitor, step, steps int64) heuristics.Facts {
	f := heuristics.Facts{}
	m.fill(f, step, steps)
	return f
}

func TestMonitorSeesThreeOfFiveUnusualLosses(t *testing.T) {
	var m monitor
	steady(&m, 100, 1)
	spike := model.Result{Loss: 3, GradNorm: 1, Finite: true}
	for i, want := range []bool{false, false, true} {
		m.observe(spike)
		if got := factsOf(&m, int64(101+i), 1000)["train.loss_z"].(float64) > 6; got != want {
			t.Errorf("after %d spikes: unusual %v", i+1, got)
		}
	}
}

func TestMonitorIsNotAlarmedByALossThatWasVerySmall(t *testing.T) {
	var m monitor
	steady(&m, 10, 0.7)
	steady(&m, 200, 1e-6) // learned by heart; then the rate rises again
	for range 5 {
		m.observe(model.Result{Loss: 0.3, GradNorm: 1, Finite: true})
	}
	if z := factsOf(&m, 215, 1000)["train.loss_z"].(float64); z > 6 {
		t.Errorf("a loss of 0.3 where training began at 0.7 lies %v SDs off", z)
	}
}

func TestMonitorFacts(t *testing.T) {
	var m monitor
	steady(&m, 100, 1)
	f := factsOf(&m, 100, 400)
	for name, want := range map[string]any{
		"train.step": int64(100), "train.progress": 0.25, "train.loss_finite": true, "train.clipped_fraction": 0.0,
		"train.grad_norm": 10.0, "train.grad_norm_ratio": 10.0 / 9, "train.loss_init": (1 + 1.01 + 1 + 1.01 + 1) / 5,
	} {
		if got := f[name]; got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if loss := f["train.loss"].(float64); math.Abs(loss-1.005) > 0.001 {
		t.Errorf("smoothed loss %v of losses 1 and 1.01", loss)
	}
	m.observe(model.Result{Loss: math.NaN(), GradNorm: math.Inf(1)})
	if f := factsOf(&m, 101, 400); f["train.loss_finite"] != false || m.loss() != f["train.loss"] || math.IsNaN(m.loss()) {
		t.Errorf("after a loss that is no number: %v", f)
	}
}

func TestMonitorCountsClippedSteps(t *testing.T) {
	var m monitor
	for i := range 100 {
		m.observe(model.Result{Loss: 1, GradNorm: 1, Finite: true, Clipped: i%4 == 0})
	}
	if got := factsOf(&m, 100, 200)["train.clipped_fraction"]; got != 0.25 {
		t.Errorf("clipped %v", got)
	}
}

func TestMonitorSurvivesJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m monitor
		losses := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(0, 5), rapid.Just(math.NaN()), rapid.Just(math.Inf(1))), 0, 80).Draw(t, "losses")
		for _, l := range losses {
			m.observe(model.Result{Loss: l, GradNorm: l / 3, Finite: !math.IsNaN(l)})
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var again monitor
		if err := strict(text, &again); err != nil {
			t.Fatal(err)
		}
		next := model.Result{Loss: 1, GradNorm: 1, Finite: true}
		m.observe(next)
		again.observe(next)
		if a, b := factsOf(&m, 1, 2), factsOf(&again, 1, 2); !reflect.DeepEqual(a, b) {
			t.Fatalf("%v became %v", a, b)
		}
	})
}

func TestNumbersThatJSONDoesNotKnow(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 0.1, -1e300, 0} {
		text, err := json.Marshal(Number(f))
		if err != nil {
			t.Fatal(err)
		}
		var got Number
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if float64(got) != f && !(math.IsNaN(f) && math.IsNaN(float64(got))) {
			t.Errorf("%v became %v", f, got)
		}
	}
	var n Number
	for _, text := range []string{`"many"`, `true`, `"1"`} {
		if err := json.Unmarshal([]byte(text), &n); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestCurvesStaySmallAndKeepTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Curve
		n := rapid.IntRange(1, 5000).Draw(t, "steps")
		for i := range n {
			c.add(int64(i+1), float64(i), 1, 2)
		}
		if len(c.Points) >= curvePoints {
			t.Fatalf("%d points", len(c.Points))
		}
		sum := c.Open.Loss
		for i, p := range c.Points {
			sum += p.Loss * float64(c.Stride)
			if p.LR != 1 || p.GradNorm != 2 || i > 0 && p.Step-c.Points[i-1].Step != c.Stride {
				t.Fatalf("point %d: %+v with stride %d", i, p, c.Stride)
			}
		}
		if want := float64(n) * float64(n-1) / 2; math.Abs(sum-want) > 1e-6*want {
			t.Fatalf("the points stand for %v, want %v", sum, want)
		}
	})
}
