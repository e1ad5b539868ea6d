package heuristics_test

import (
	"slices"
	"strings"
	"testing"

	"tuned/heuristics"
)

// TestCatalogue: names are taken once, everything says what it is, and probes speak of what there is.
func TestCatalogue(t *testing.T) {
	c := heuristics.Common()
	names := map[string]bool{}
	for _, f := range c.Facts() {
		if names[f.Name] || f.Help == "" || !strings.Contains(f.Name, ".") {
			t.Errorf("fact %+v", f)
		}
		names[f.Name] = true
		if _, ok := c.Probe(f.Probe); f.Probe != "" && f.Probe != heuristics.DuringTraining && !ok {
			t.Errorf("fact %s: there is no probe %q", f.Name, f.Probe)
		}
	}
	for _, s := range c.Settings() {
		if names[s.Name] || s.Help == "" || s.Type == heuristics.Choice && len(s.Choices) == 0 {
			t.Errorf("setting %+v", s)
		}
		names[s.Name] = true
	}
	for _, p := range c.Probes() {
		if !slices.ContainsFunc(c.Facts(), func(f heuristics.Fact) bool { return f.Probe == p.Name }) || p.Help == "" || p.Cost == "" {
			t.Errorf("probe %+v", p)
		}
		for _, name := range p.Under {
			if _, ok := c.Setting(name); !ok && name != "architecture.*" {
				t.Errorf("probe %s runs under %q", p.Name, name)
			}
			if _, twice := p.Provisional[name]; twice {
				t.Errorf("probe %s: %s is decided and provisional", p.Name, name)
			}
		}
	}
}

// TestProvisionalSettings: every probe can be wanted, so its provisional expressions are right.
func TestProvisionalSettings(t *testing.T) {
	facts := map[string]string{
		"ridge": "ridge.score", "kernel": "kernel.score", "shape": "shape.trees", "components": "components.first", "model": "model.parameters", "memory": "memory.max_batch", "speed": "speed.step_seconds",
		"lr_find": "lr_find.spread", "noise": "noise.scale", "sanity": "sanity.loss_init",
	}
	for _, p := range heuristics.Common().Probes() {
		text := "[[check]]\nid = \"c\"\nwhen = \"data.rows > 0 && " + facts[p.Name] + " > 0\"\ndo = \"warn\"\nwhy = \"x\"\n"
		all := measured()
		all["data.rows"] = 5000
		delete(all, facts[p.Name])
		a, err := book(t, "mlp", text).Plan(heuristics.Input{Facts: all, Pins: map[string]any{"lr": 0.01, "batch_size": 64, "epochs": 3}})
		if err != nil || a.Want == nil || a.Want.Probe != p.Name {
			t.Errorf("%s: %v, %v", p.Name, a.Want, err)
		}
	}
}

// TestProbesViewsAreNarrow: the view that a probe has made holds every row, so that a column for each level of a wide one would be
// written for all of them.
func TestProbesViewsAreNarrow(t *testing.T) {
	for _, p := range heuristics.Common().Probes() {
		if wide := p.Provisional["onehot_max"]; len(wide) > 2 {
			t.Errorf("probe %s: up to %s columns for each column of categories", p.Name, wide)
		}
	}
}

func TestWithArchitecture(t *testing.T) {
	tests := []struct {
		name    string
		setting heuristics.Setting
		want    string
	}{
		{"another's name", heuristics.Setting{Name: "other.x", Type: heuristics.Int}, `"other.x" should be "net." and a plain name`},
		{"no name", heuristics.Setting{Name: "net.", Type: heuristics.Int}, `"net." should be "net." and a plain name`},
		{"two dots", heuristics.Setting{Name: "net.a.b", Type: heuristics.Int}, `"net.a.b" should be "net." and a plain name`},
		{"a type", heuristics.Setting{Name: "net.x", Type: "integer"}, `"net.x" has the unknown type "integer"`},
		{"no choices", heuristics.Setting{Name: "net.x", Type: heuristics.Choice}, `"net.x" is a choice without choices`},
		{"a range", heuristics.Setting{Name: "net.x", Type: heuristics.Int, Min: 3, Max: 2}, `"net.x" has the range 3 to 2`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := heuristics.Common().WithArchitecture("net", []heuristics.Setting{test.setting})
			if want := `settings of architecture "net": ` + test.want; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	x := heuristics.Setting{Name: "net.x", Type: heuristics.Int}
	if _, err := heuristics.Common().WithArchitecture("net", []heuristics.Setting{x, x}); err == nil {
		t.Error("a name that is declared twice is no error")
	}
	if _, err := heuristics.Common().WithArchitecture("data", []heuristics.Setting{{Name: "data.x", Type: heuristics.Int}}); err == nil {
		t.Error("the name of a group of facts is no error")
	}
}
