// Package heuristics sets every hyperparameter by a rule that a person can read, from facts that were measured.
//
// It is pure: no files, no clock, no randomness, no goroutines. Asked for a plan, it answers with one, or with the probe
// that it needs next and the settings which that probe must run under.
package heuristics

// Facts are measured or declared values by name ("data.train_rows"): int64, float64, bool or string.
type Facts map[string]any

// Decision is a setting's value with the rule that chose it, the facts that the rule read, and the sentence that says why.
type Decision struct {
	Setting string `json:"setting"`
	Value   any    `json:"value"`
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
	Do     string `json:"do"` // "warn" or "stop"
	Why    string `json:"why"`
	Facts  Facts  `json:"facts"`
	Source string `json:"source,omitempty"`
}

// Want is a probe that is needed before the plan can be finished.
type Want struct {
	Probe    string         `json:"probe"`    // "memory", "lr_find", …
	Settings map[string]any `json:"settings"` // decided so far, or provisional, for the probe to run under
}
