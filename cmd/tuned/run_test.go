package main

import (
	"testing"

	"tuned/job"
)

// TestTheCommandThatGoesOnIsOneForAShell: what is pasted means what was typed.
func TestTheCommandThatGoesOnIsOneForAShell(t *testing.T) {
	f := runFlags{Wish: job.Wish{Target: "what it's worth ($)"}, Options: job.Options{Seed: 3, Out: "runs/größe", Again: true}}
	want := `tuned run 'my table.csv' --target 'what it'\''s worth ($)' --seed 3 --out runs/größe --again`
	if got := resumeCommand("my table.csv", f); got != want {
		t.Errorf("%s\ninstead of\n%s", got, want)
	}
	f = runFlags{Wish: job.Wish{Target: "0", Sheet: "0"}} // names that a table may give
	if got := resumeCommand("table.xlsx", f); got != "tuned run table.xlsx --target 0 --sheet 0" {
		t.Errorf("%s: names were lost", got)
	}
	f = runFlags{Wish: job.Wish{Target: "y", Task: "regression", Group: "who", Time: "when", Ignore: []string{"a b", "c"}, Types: map[string]string{"zip": "categorical", "a=b": "id"}}}
	if got := resumeCommand("t.csv", f); got != "tuned run t.csv --target y --task regression --group who --time when --ignore 'a b' --ignore c --types a=b=id --types zip=categorical" {
		t.Errorf("%s", got)
	}
	if got := resumeCommand("job.toml", runFlags{}); got != "tuned run job.toml" {
		t.Errorf("%s: more than was typed", got)
	}
}
