// Package heuristics sets every hyperparameter by a rule that a person can read, from facts that were measured.
//
// It is pure: no files, no clock, no randomness, no goroutines. Asked for a plan, it answers with one, or with the probe
// that it needs next and the settings which that probe must run under.
//
//	catalogue, err := heuristics.Common().WithArchitecture("mlp", declared)
//	book, err := heuristics.Load(catalogue,
//		heuristics.Layer{Name: "user", File: "my.toml", Text: mine},
//		heuristics.Layer{Name: "architecture", File: "mlp/rules.toml", Text: manifest.Rules},
//		heuristics.Layer{Name: "built-in", File: "rules.toml", Text: tuned.Rules})
//	for {
//		answer, err := book.Plan(heuristics.Input{Facts: facts, Pins: job.Pin})
//		if answer.Want == nil {
//			return answer.Decisions
//		}
//		// run answer.Want.Probe under answer.Want.Settings, add its facts to facts
//	}
package heuristics

// Facts are measured or declared values by name ("data.train_rows"): int64, float64, bool or string.
type Facts map[string]any

// Layer is one file of rules. Layers are given highest first; a rule of a higher layer is asked before those below.
type Layer struct {
	Name string // "user", "architecture" or "built-in"
	File string // for messages
	Text string
}

// Input is what a plan is made from.
type Input struct {
	Facts Facts
	Pins  map[string]any // settings that the job file fixes, by name
}

// Answer is a plan, or as much of it as the facts allow and the probe that is wanted next.
type Answer struct {
	Decisions []Decision `json:"decisions"` // in an order in which each comes after all that it depends on
	Findings  []Finding  `json:"findings"`  // checks that fired, in the order of the rulebook
	Want      *Want      `json:"want,omitempty"`
}

// Settings returns the decided values by name.
func (a Answer) Settings() map[string]any {
	settings := make(map[string]any, len(a.Decisions))
	for _, d := range a.Decisions {
		settings[d.Setting] = d.Value
	}
	return settings
}

// Stop returns the first finding that stops the job, or nil. An answer with one wants no further probe.
func (a Answer) Stop() *Finding {
	for i := range a.Findings {
		if a.Findings[i].Do == DoStop {
			return &a.Findings[i]
		}
	}
	return nil
}

// Decision is a setting's value with the rule that chose it, the facts that the rule read, and the sentence that says why.
type Decision struct {
	Setting string `json:"setting"`
	Value   any    `json:"value"` // int64, float64, bool or string
	Unit    string `json:"unit,omitempty"`
	Rule    string `json:"rule"`
	Layer   string `json:"layer"` // "pin", "user", "architecture" or "built-in"
	Facts   Facts  `json:"facts"` // facts and settings that the rule read
	Why     string `json:"why"`
	Source  string `json:"source"`
}

// Finding is a check that fired: a warning, or the reason to stop.
type Finding struct {
	Check  string `json:"check"`
	Do     string `json:"do"` // DoWarn or DoStop
	Why    string `json:"why"`
	Facts  Facts  `json:"facts"`
	Source string `json:"source,omitempty"`
}

// Label names what kind of finding it is, for people.
func (f Finding) Label() string {
	if f.Do == DoStop {
		return "Stopped"
	}
	return "Warning"
}

// Want is a probe that is needed before the plan can be finished.
type Want struct {
	Probe    string         `json:"probe"`    // "memory", "lr_find", …
	Settings map[string]any `json:"settings"` // decided so far, or provisional, for the probe to run under
}

// What checks and watches do.
const (
	DoWarn     = "warn"     // check: say so, go on
	DoStop     = "stop"     // check: do not train; watch: end the training here
	DoRollback = "rollback" // watch: restore a checkpoint from before, then apply Set
	DoLower    = "lower"    // watch: apply Set and go on from here
	DoAlert    = "alert"    // watch: say so, go on
)

// Watch is a rule over what happens during training. Its exported fields are all of it: a plan stores them, and
// Catalogue.Watches makes them judge again.
type Watch struct {
	ID     string            `json:"id"`
	When   string            `json:"when"`
	Do     string            `json:"do"`              // DoRollback, DoLower, DoStop or DoAlert
	Set    map[string]string `json:"set,omitempty"`   // expressions for new values of settings
	Limit  int64             `json:"limit,omitempty"` // how often it may react; 0: always
	Why    string            `json:"why"`
	Source string            `json:"source,omitempty"`

	program *watchProgram
}

// Reaction is what a watch that fired asks of the trainer.
type Reaction struct {
	Watch  string         `json:"watch"`
	Do     string         `json:"do"`
	Set    map[string]any `json:"set,omitempty"`   // settings and their new values
	Limit  int64          `json:"limit,omitempty"` // the watch's
	Why    string         `json:"why"`
	Facts  Facts          `json:"facts"`
	Source string         `json:"source,omitempty"`
}
