package spread

import (
	"math"
	"strings"
	"testing"

	"tuned/bench/study"
)

func TestWinners(t *testing.T) {
	trial := func(set string, number, split int, validation float64, refit bool) study.Line {
		return study.Line{Set: set, Trial: number, Split: split, Validation: &validation, Refit: refit}
	}
	best := Winners([]study.Line{
		trial("a", 0, 0, 0.3, false), trial("a", 1, 0, 0.2, false), trial("a", 2, 1, 0.1, false), trial("a", 3, 0, 0.1, true),
		trial("b", 4, 0, 0.5, false),
		{Set: "b", Trial: 5},
	})
	if len(best) != 2 || best["a"].Trial != 1 || best["b"].Trial != 4 {
		t.Errorf("%+v", best)
	}
}

func TestRender(t *testing.T) {
	var all []Line
	for seed, e := range []float64{0.1, 0.2, 0.3} {
		all = append(all, Line{Set: "a", Seed: int64(seed), Test: e}, Line{Winner: true, Set: "a", Seed: int64(seed), Test: 2 * e})
	}
	if text := render(all); !strings.Contains(text, "| a | 3, 3 | 0.2000 | 0.1000 | 0.4000 | 0.2000 | 0.50 |") {
		t.Error(text)
	}
}

func TestChance(t *testing.T) {
	few, wide := []float64{0, 0.1, 0.2, 0.1}, []float64{0, 1, 2, 1}
	if c := chance(few, wide); c > 0.025 {
		t.Errorf("a tenth of the spread is as likely as %v", c)
	}
	if c := chance(wide, few); c < 0.975 {
		t.Errorf("ten times the spread is as likely as %v", c)
	}
	if c := chance(few, []float64{1, 1, 1, 1}); c != 1 {
		t.Errorf("any spread beside none is as likely as %v", c)
	}
	if c := chance(few, few); math.Abs(c-0.5) > 1e-9 {
		t.Errorf("the same spread is as likely as %v", c)
	}
}
