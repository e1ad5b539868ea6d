package heuristics_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tuned/heuristics"
)

// measured stands in for the probes: all facts that a table of classes can have.
func measured() heuristics.Facts {
	return heuristics.Facts{
		"job.metric": "accuracy", "job.architecture": "", "limits.time_seconds": 0.0, "limits.memory_bytes": int64(0),
		"data.task": "classification", "data.kind": "table", "data.train_rows": int64(4000), "data.features": int64(10), "data.numeric": int64(6), "data.levels": int64(400), "data.factorial": 0.0, "data.total_onehot": int64(20), "data.max_cardinality": int64(6),
		"data.classes": int64(16), "data.smallest_class_rows": int64(700), "data.lone_classes": "", "data.alike_classes": "", "data.alike_levels": "", "data.majority": 0.5, "data.target_skew": 0.0, "data.target_kurtosis": 0.0,
		"data.leak_score": 0.8, "data.leak_column": "age", "data.group_like": "", "data.id_like": int64(0), "data.id_names": "", "data.filled_names": "", "data.silent_names": "", "data.constants": int64(0),
		"data.constant_names": "", "data.texts": int64(0), "data.misfits": "", "data.missing_fraction": 0.0, "data.conflicts": 0.0, "data.unavoidable": 0.0, "data.drift": 0.5, "data.drift_column": "",
		"data.time_ordered": 0.0, "data.split_by_time": false, "data.target_numbers_rows": false, "machine.bf16": false, "ridge.score": 0.8, "ridge.l2": 1.0, "kernel.score": 0.8, "kernel.freedom": 0.3, "components.first": 0.4, "shape.trees": 0.6, "shape.smooth": 0.7, "shape.rounds": int64(80), "memory.max_batch": int64(1024), "memory.bytes_at_max": int64(1 << 26),
		"lr_find.suggestion": 0.02, "lr_find.spread": 0.1, "speed.step_seconds": 0.001,
		"sanity.loss_init": 1.4, "sanity.loss_expected": 1.1, "sanity.overfit_loss": 0.01, "sanity.overfit_steps": int64(60),
	}
}

// given are the facts that no probe has to measure.
func given(c *heuristics.Catalogue, all heuristics.Facts) heuristics.Facts {
	facts := heuristics.Facts{}
	for name, v := range all {
		if f, _ := c.Fact(name); f.Probe == "" {
			facts[name] = v
		}
	}
	return facts
}

// pipeline asks for a plan and measures what it wants, until it wants nothing.
func pipeline(b *heuristics.Book, all heuristics.Facts, pins map[string]any) (heuristics.Answer, []heuristics.Want, error) {
	facts := given(b.Catalogue(), all)
	var wants []heuristics.Want
	for {
		a, err := b.Plan(heuristics.Input{Facts: facts, Pins: pins})
		if err != nil || a.Want == nil {
			return a, wants, err
		}
		if len(wants) > 10 {
			return a, wants, fmt.Errorf("it wants %s again and again", a.Want.Probe)
		}
		wants = append(wants, *a.Want)
		for name, v := range all {
			if f, _ := b.Catalogue().Fact(name); f.Probe == a.Want.Probe {
				facts[name] = v
			}
		}
	}
}

func probesOf(wants []heuristics.Want) []string {
	var names []string
	for _, w := range wants {
		names = append(names, w.Probe)
	}
	return names
}

// fixed leaves next to nothing to be decided.
var fixed = map[string]any{"batch_size": 64, "epochs": 20, "lr": 0.01, "temperature_prior": 1.0}

func TestOnlyWhatDecidesIsMeasured(t *testing.T) {
	b := book(t, "mlp", "")
	tests := []struct {
		name string
		rows int64
		time float64
		pins map[string]any
		want []string
	}{
		{"a usual run", 4000, 0, nil, []string{"memory", "kernel", "lr_find", "sanity"}},
		{"few rows", 200, 0, nil, []string{"ridge", "kernel", "memory"}},
		{"a limited time", 4000, 60, nil, []string{"memory", "kernel", "speed", "lr_find", "sanity"}},
		{"nothing is left to decide", 4000, 0, fixed, []string{"sanity"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			all := measured()
			all["data.train_rows"], all["limits.time_seconds"] = test.rows, test.time
			_, wants, err := pipeline(b, all, test.pins)
			if err != nil {
				t.Fatal(err)
			}
			if got := probesOf(wants); !slices.Equal(got, test.want) {
				t.Errorf("measured %v, want %v", got, test.want)
			}
		})
	}
}

// TestWhatWatchesReadIsMeasured: while the model trains it is too late.
func TestWhatWatchesReadIsMeasured(t *testing.T) {
	watch := func(when, lr string) string {
		return "[[watch]]\nid = 'mine'\nwhen = \"" + when + "\"\ndo = 'lower'\nset = { lr = '" + lr + "' }\nwhy = 'W.'\nsource = 'S'\n"
	}
	all := measured()
	all["noise.scale"], all["noise.grad_norm_p50"], all["noise.grad_norm_p90"] = 100.0, 1.0, 2.0
	for name, test := range map[string]struct{ watch, wants string }{
		"its condition": {watch("train.grad_norm > noise.grad_norm_p90", "lr / 2"), "noise"},
		"what it sets":  {watch("train.grad_norm > 9", "lr / 2 + lr_find.spread"), "lr_find"},
		"a sentence":    {watch("train.grad_norm > 9", "lr / 2"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, wants, err := pipeline(book(t, "mlp", test.watch), all, fixed)
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Contains(probesOf(wants), test.wants); got != (test.wants != "") {
				t.Errorf("measured %v, want %q among them", probesOf(wants), test.wants)
			}
		})
	}
}

// TestASettingThatOnlyAWatchReadsIsDecided, although it takes a probe.
func TestASettingThatOnlyAWatchReadsIsDecided(t *testing.T) {
	mine := `
[[rule]]
id     = "mine.prior"
set    = "lr_prior"
to     = "kernel.score / 10"
why    = "W."
source = "S"

[[watch]]
id     = "mine"
when   = "train.grad_norm > 9"
do     = "lower"
set    = { lr = "lr_prior / 2" }
why    = "W."
source = "S"
`
	a, _, err := pipeline(book(t, "mlp", mine), measured(), fixed)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Settings()["lr_prior"]; got != 0.08 {
		t.Errorf("lr_prior is %v, want 0.08", got)
	}
}

// TestPlansAreAFunctionOfFacts: any facts give a finished plan, the same bytes each time, whose values the catalogue
// accepts and whose decisions come after all that they read.
func TestPlansAreAFunctionOfFacts(t *testing.T) {
	books := []*heuristics.Book{book(t, "mlp", ""), book(t, "linear", ""), book(t, "trees", ""), book(t, "other", "")}
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SampledFrom(books).Draw(t, "book")
		all := drawFacts(t)
		a, wants, err := pipeline(b, all, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := pipeline(b, maps.Clone(all), nil)
		if err != nil {
			t.Fatal(err)
		}
		first, second := encode(t, a), encode(t, again)
		if !bytes.Equal(first, second) {
			t.Fatalf("differs:\n%s\n%s", first, second)
		}
		if a.Stop() == nil && len(a.Decisions) != len(b.Catalogue().Settings()) {
			t.Fatalf("%d decisions after %v", len(a.Decisions), probesOf(wants))
		}
		checkDecisions(t, b.Catalogue(), a.Decisions)
	})
}

func drawFacts(t *rapid.T) heuristics.Facts {
	all := measured()
	all["data.train_rows"] = rapid.Int64Range(2, 1e9).Draw(t, "rows")
	all["data.task"] = rapid.SampledFrom([]string{"classification", "regression"}).Draw(t, "task")
	all["data.kind"] = rapid.SampledFrom([]string{"table", "image"}).Draw(t, "kind")
	all["job.metric"] = rapid.SampledFrom([]string{"accuracy", "log_loss", "auc", "f1", "rmse", "mae", "r2"}).Draw(t, "metric")
	all["data.numeric"] = rapid.Int64Range(0, 2000).Draw(t, "numeric")
	all["data.factorial"] = rapid.Float64Range(0, 1).Draw(t, "factorial")
	all["data.levels"] = rapid.Int64Range(0, 100).Draw(t, "levels")
	all["kernel.score"] = rapid.Float64Range(-1, 1).Draw(t, "surface")
	all["shape.trees"] = rapid.Float64Range(-1, 1).Draw(t, "steps")
	all["shape.smooth"] = rapid.Float64Range(-1, 1).Draw(t, "smooth")
	all["shape.rounds"] = rapid.Int64Range(10, 150).Draw(t, "looks")
	all["kernel.freedom"] = rapid.Float64Range(0, 1).Draw(t, "freedom")
	all["components.first"] = rapid.Float64Range(0, 1).Draw(t, "in common")
	all["machine.bf16"] = rapid.Bool().Draw(t, "bf16")
	all["limits.time_seconds"] = rapid.SampledFrom([]float64{0, 1, 600, 1e6}).Draw(t, "time")
	all["speed.step_seconds"] = math.Exp(rapid.Float64Range(-12, 3).Draw(t, "log step"))
	all["memory.max_batch"] = rapid.Int64Range(1, 4096).Draw(t, "max batch")
	all["lr_find.suggestion"] = math.Exp(rapid.Float64Range(-18, 4).Draw(t, "log rate"))
	all["lr_find.spread"] = rapid.Float64Range(0, 4).Draw(t, "spread")
	all["ridge.score"] = rapid.Float64Range(-3, 1).Draw(t, "ridge")
	for _, name := range []string{"sanity.loss_init", "sanity.overfit_loss"} {
		all[name] = rapid.SampledFrom([]float64{0, 0.01, 1, 1e9, math.Inf(1), math.NaN()}).Draw(t, name)
	}
	return all
}

func encode(t *rapid.T, a heuristics.Answer) []byte {
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkDecisions(t *rapid.T, c *heuristics.Catalogue, decisions []heuristics.Decision) {
	decided := map[string]bool{}
	for _, d := range decisions {
		v, err := c.Accept(d.Setting, d.Value)
		if err != nil || v != d.Value {
			t.Fatalf("%s = %v: %v", d.Setting, d.Value, err)
		}
		for name := range d.Facts {
			if _, ok := c.Setting(name); ok && !decided[name] {
				t.Fatalf("%s reads %s, which is decided later", d.Setting, name)
			}
		}
		if d.Why == "" || d.Source == "" || d.Rule == "" || strings.Contains(d.Why, "(not measured)") {
			t.Fatalf("%s: why %q, source %q", d.Setting, d.Why, d.Source)
		}
		decided[d.Setting] = true
	}
}

// TestProbesRunUnderDecidedSettings: what a probe runs under is what the plan decides in the end, but for what the
// catalogue calls provisional.
func TestProbesRunUnderDecidedSettings(t *testing.T) {
	b := book(t, "mlp", "")
	all := measured()
	all["limits.time_seconds"], all["data.train_rows"] = 10.0, int64(450)
	a, wants, err := pipeline(b, all, map[string]any{"lr": 0.02, "epochs": 900})
	if err != nil {
		t.Fatal(err)
	}
	if len(wants) < 3 {
		t.Fatalf("wants %v", probesOf(wants))
	}
	final := a.Settings()
	for _, w := range wants {
		p, _ := b.Catalogue().Probe(w.Probe)
		for name, v := range w.Settings {
			if _, provisional := p.Provisional[name]; !provisional && final[name] != v {
				t.Errorf("%s ran under %s = %v, decided is %v", w.Probe, name, v, final[name])
			}
		}
	}
}

func TestPins(t *testing.T) {
	b := book(t, "mlp", "")
	facts := measured()
	tests := []struct {
		setting string
		value   any
		want    any
		why     string
	}{
		{"batch_size", 512, int64(512), `You fixed this to 512 in the job file. The rule "batch.by-rows" would have chosen 128.`},
		{"dropout", int64(0), 0.0, `You fixed this to 0 % in the job file. The rule "mlp.dropout" would have chosen 15 %.`},
		{"mlp.depth", 3.0, int64(3), `You fixed this to 3 in the job file. The rule "mlp.depth" would have chosen the same.`},
		{"schedule", "linear", "linear", `You fixed this to linear in the job file. The rule "mlp.schedule" would have chosen coslog4.`},
	}
	for _, test := range tests {
		a, err := b.Plan(heuristics.Input{Facts: facts, Pins: map[string]any{test.setting: test.value}})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(a.Decisions, func(d heuristics.Decision) bool { return d.Setting == test.setting })
		if d := a.Decisions[i]; d.Value != test.want || d.Layer != "pin" || d.Why != test.why {
			t.Errorf("%s: got %+v", test.setting, d)
		}
	}
}

// TestAPinDoesNotMeasure: what a rule would have chosen is not worth a probe.
func TestAPinDoesNotMeasure(t *testing.T) {
	a, wants, err := pipeline(book(t, "mlp", ""), measured(), map[string]any{"lr": 0.01})
	if err != nil || slices.Contains(probesOf(wants), "lr_find") {
		t.Fatalf("measured %v, %v", probesOf(wants), err)
	}
	i := slices.IndexFunc(a.Decisions, func(d heuristics.Decision) bool { return d.Setting == "lr" })
	if want := "You fixed this to 0.01 in the job file. No rule was asked."; a.Decisions[i].Why != want {
		t.Errorf("got %q", a.Decisions[i].Why)
	}
}

func TestBadInput(t *testing.T) {
	b := book(t, "mlp", "")
	with := func(name string, v any) heuristics.Facts {
		facts := measured()
		facts[name] = v
		return facts
	}
	without := measured()
	delete(without, "data.train_rows")
	tests := []struct {
		name  string
		facts heuristics.Facts
		pins  map[string]any
		want  string
	}{
		{"unknown fact", with("data.rowz", 3), nil, `plan: unknown fact "data.rowz"`},
		{"wrong type", with("data.rows", "many"), nil, `plan: fact data.rows: "many" should be a whole number`},
		{"a fact that nobody gave", without, nil, "plan: the fact data.train_rows is read by a rule, and neither the job nor the data gave it"},
		{"unknown pin", nil, map[string]any{"batchsize": 3}, `pin: unknown setting "batchsize": did you mean "batch_size"?`},
		{"another architecture's pin", nil, map[string]any{"linear.l2": 3}, `pin: setting "linear.l2" belongs to another architecture than "mlp"`},
		{"a pin out of range", nil, map[string]any{"dropout": 1.5}, "pin: dropout is 1.5; it can be 0 to 0.9"},
		{"a pin just out of range", nil, map[string]any{"beta1": 1}, "pin: beta1 is 1; it can be 0 to 0.9999"},
		{"a pin of another type", nil, map[string]any{"batch_size": "large"}, `pin: batch_size: "large" should be a whole number`},
		{"a fraction", nil, map[string]any{"batch_size": 2.5}, "pin: batch_size: 2.5 should be a whole number"},
		{"a choice", nil, map[string]any{"optimizer": "lion"}, `pin: optimizer is "lion"; it can be adamw or sgd`},
		{"not a number", nil, map[string]any{"lr": math.NaN()}, "pin: lr is not a number"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := b.Plan(heuristics.Input{Facts: test.facts, Pins: test.pins})
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestAValueOutOfRangeNamesTheRule(t *testing.T) {
	b := book(t, "mlp", block("to", `"data.train_rows - 4000"`))
	_, err := b.Plan(heuristics.Input{Facts: measured()})
	want := `my.toml:5:9: rule "mine": batch_size is 0; it can be 1 to 1,048,576`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

// TestAStoppingCheckComesFirst: nothing is measured for a job that the data alone stop.
func TestAStoppingCheckComesFirst(t *testing.T) {
	text := "[[check]]\nid = \"few\"\nwhen = \"data.train_rows < 5000\"\ndo = \"stop\"\nwhy = \"Only {data.train_rows} rows.\"\n"
	a, wants, err := pipeline(book(t, "mlp", text), measured(), nil)
	if err != nil || len(wants) > 0 {
		t.Fatalf("measured %v, %v", probesOf(wants), err)
	}
	if f := a.Stop(); f == nil || f.Check != "few" || f.Why != "Only 4,000 rows." {
		t.Errorf("got %+v", f)
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		book(b, "mlp", "")
	}
}

func BenchmarkPlan(b *testing.B) {
	rules, facts := book(b, "mlp", ""), measured()
	for b.Loop() {
		if _, err := rules.Plan(heuristics.Input{Facts: facts}); err != nil {
			b.Fatal(err)
		}
	}
}
