package trainer

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSchedules(t *testing.T) {
	tests := []struct {
		schedule Schedule
		at, want float64
	}{
		{Constant, 0, 1},
		{Constant, 1, 1},
		{Linear, 0, 1},
		{Linear, 0.25, 0.75},
		{Linear, 1, 0},
		{FlatCos, 0, 1},
		{FlatCos, 0.5, 1},
		{FlatCos, 0.75, 0.5},
		{FlatCos, 1, 0},
		{Coslog4, 0, 0}, // zeros at 0, 1/15, 1/5, 7/15 and 1
		{Coslog4, 1.0 / 15, 0},
		{Coslog4, 1.0 / 5, 0},
		{Coslog4, 7.0 / 15, 0},
		{Coslog4, 1, 0},
		{Coslog4, (math.Sqrt2 - 1) / 15, 1}, // peaks where log2(1+15t) is half
		{Coslog4, (8*math.Sqrt2 - 1) / 15, 1},
		{OneCycle, 0, 1.0 / 25},
		{OneCycle, 0.125, (1 + 1.0/25) / 2},
		{OneCycle, 0.25, 1},
		{OneCycle, 0.625, (1 + 1e-5) / 2},
		{OneCycle, 1, 1e-5},
		{Linear, -1, 1},
		{Linear, 2, 0},
	}
	for _, test := range tests {
		if got := test.schedule.at(test.at); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s at %v: %v, want %v", test.schedule, test.at, got, test.want)
		}
	}
}

func TestSchedulesStayBetweenNothingAndAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(schedules).Draw(t, "schedule")
		if got := s.at(rapid.Float64Range(0, 1).Draw(t, "t")); got < 0 || got > 1 {
			t.Fatalf("factor %v", got)
		}
	})
}

func TestCyclesEndWhereTheRateIsZero(t *testing.T) {
	for _, end := range Coslog4.cycleEnds() {
		if got := Coslog4.at(end); got > 1e-12 {
			t.Errorf("factor %v at %v", got, end)
		}
	}
	if ends := Linear.cycleEnds(); len(ends) != 1 || ends[0] != 1 {
		t.Errorf("linear has cycles %v", ends)
	}
}

func TestWarmup(t *testing.T) {
	for step, want := range []float64{0.25, 0.5, 0.75, 1, 1} {
		if got := warmup(int64(step), 4); got != want {
			t.Errorf("step %d of 4: %v, want %v", step, got, want)
		}
	}
	if warmup(0, 0) != 1 {
		t.Error("no warmup means the full rate at once")
	}
}
