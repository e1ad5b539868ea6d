package optuna

import (
	"context"
	"maps"
	"os/exec"
	"reflect"
	"testing"

	"tuned/bench/python"
)

// square is a study whose best answer is x = 1.
func square(sampler, pruner string, trials int) Study {
	return Study{
		Sampler: sampler, Pruner: pruner, Seed: 7, Trials: trials, MinResource: 1,
		Space: []Dimension{
			{Name: "x", Low: 0.01, High: 100, Log: true},
			{Name: "kind", Choices: []any{"plain", "bent"}},
			{Name: "bend", Low: 1, High: 5, Step: 1, When: &Condition{"kind", "bent"}},
		},
	}
}

// collect runs a study and returns its trials as Done lines.
func collect(t *testing.T, study Study) []Done {
	t.Helper()
	if err := exec.Command(python.Interpreter(), "-c", "import optuna").Run(); err != nil {
		t.Fatalf("python3-optuna is missing; make test installs it: %v", err)
	}
	var lines []Done
	err := Run(t.Context(), study, func(_ context.Context, number int, settings map[string]any, report func(int, float64) (bool, error)) (float64, error) {
		x := settings["x"].(float64)
		value := (x - 1) * (x - 1)
		done := Done{Number: number, Settings: maps.Clone(settings), Steps: map[int]float64{}}
		for step := 1; step <= 16; step *= 4 {
			done.Steps[step] = value
			if prune, err := report(step, value); err != nil {
				return 0, err
			} else if prune {
				lines = append(lines, done)
				return 0, ErrPruned
			}
		}
		done.Value = &value
		lines = append(lines, done)
		return value, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestAnInterruptedStudyGoesOnToTheSameTrials(t *testing.T) {
	whole := collect(t, square("tpe", "none", 16))
	if len(whole) != 16 {
		t.Fatalf("%d trials, want 16", len(whole))
	}
	rest := square("tpe", "none", 16)
	rest.Done = whole[:12]
	if got := collect(t, rest); !reflect.DeepEqual(got, whole[12:]) {
		t.Errorf("after trial 12 the study went on to\n%v\nwant\n%v", got, whole[12:])
	}
}

func TestConditionalKnobsAreAskedForOnlyWhenTheyMatter(t *testing.T) {
	for _, line := range collect(t, square("random", "none", 12)) {
		_, bent := line.Settings["bend"]
		if bent != (line.Settings["kind"] == "bent") {
			t.Errorf("trial %d: %v", line.Number, line.Settings)
		}
	}
}

func TestThePrunerStopsBadTrials(t *testing.T) {
	pruned := 0
	for _, line := range collect(t, square("random", "asha", 24)) {
		if line.Value == nil {
			pruned++
		}
	}
	if pruned < 8 || pruned == 24 {
		t.Errorf("%d of 24 trials pruned, want about three quarters and never all", pruned)
	}
}
