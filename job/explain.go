package job

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"tuned/heuristics"
	"tuned/words"
)

// Story is all that a run's directory tells about why it did what it did.
type Story struct {
	Record    Record
	Plan      *Plan // nil: it did not get that far
	Decisions []heuristics.Decision
	Findings  []heuristics.Finding
	Entries   []Entry
}

// ReadStory reads a run's directory, finished or not.
func ReadStory(dir string) (*Story, error) {
	r, err := readNamed(dir)
	if err != nil {
		return nil, err
	}
	s := &Story{Record: r}
	if s.Entries, err = ReadJournal(filepath.Join(dir, JournalFile)); err != nil {
		return nil, &Error{Path: dir, Problem: "the run's journal cannot be read", Err: err}
	}
	if p, err := readPlan(filepath.Join(dir, PlanFile)); err == nil {
		s.Plan = p
	}
	s.Decisions, s.Findings = Decisions(s.Entries, s.Plan), Findings(s.Entries)
	return s, nil
}

// Decisions are those of the plan, or while there is none those that a journal holds, the newest of each setting.
func Decisions(entries []Entry, plan *Plan) []heuristics.Decision {
	var all []heuristics.Decision
	if plan != nil {
		for _, d := range plan.Decisions {
			all = append(all, d.Decision)
		}
		return all
	}
	for _, entry := range entries {
		if e, ok := entry.Event.(Decided); ok {
			all = replace(all, e.Decision, func(d heuristics.Decision) bool { return d.Setting == e.Setting })
		}
	}
	return all
}

// Findings are the checks that fired, as a journal tells them last.
func Findings(entries []Entry) []heuristics.Finding {
	var all []heuristics.Finding
	for _, entry := range entries {
		if e, ok := entry.Event.(Found); ok {
			all = replace(all, e.Finding, func(f heuristics.Finding) bool { return f.Check == e.Check })
		}
	}
	return all
}

// replace puts a value in the place of the one before it, or at the end.
func replace[T any](all []T, v T, before func(T) bool) []T {
	if i := slices.IndexFunc(all, before); i >= 0 {
		all[i] = v
		return all
	}
	return append(all, v)
}

// Explain writes why each setting has its value, in sentences.
func (s *Story) Explain(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: why each setting has its value, in the order in which they were decided.\n", s.Record.Name)
	for _, f := range s.Findings {
		fmt.Fprintf(&b, "\n%s: %s\n", f.Label(), f.Why)
	}
	for _, d := range s.Decisions {
		fmt.Fprintf(&b, "\n%s = %s\n", d.Setting, words.Quantity(d.Value, d.Unit))
		paragraph(&b, d.Why)
		paragraph(&b, fmt.Sprintf("(%s)", origin(d)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ExplainSetting writes all that is known about one setting: the sentence, the facts that it rests on with what each
// means, its source, and what it led to.
func (s *Story) ExplainSetting(w io.Writer, setting string) error {
	i := slices.IndexFunc(s.Decisions, func(d heuristics.Decision) bool { return d.Setting == setting })
	if i < 0 {
		var names []string
		for _, d := range s.Decisions {
			names = append(names, d.Setting)
		}
		return &Error{Problem: fmt.Sprintf("the run decided no setting %q", setting), Hint: didYouMean(setting, names)}
	}
	d := s.Decisions[i]
	var b strings.Builder
	fmt.Fprintf(&b, "%s = %s\n", d.Setting, words.Quantity(d.Value, d.Unit))
	if known, ok := heuristics.Common().Setting(setting); ok {
		paragraph(&b, "What it is: "+known.Help+".")
	}
	paragraph(&b, "Why: "+d.Why)
	s.evidence(&b, d)
	b.WriteString("\n")
	paragraph(&b, "Where from: "+origin(d)+".")
	if led := s.readers(setting); len(led) > 0 {
		paragraph(&b, "It was read to decide "+strings.Join(led, ", ")+".")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// evidence lists what the rule read.
func (s *Story) evidence(b *strings.Builder, d heuristics.Decision) {
	if len(d.Facts) == 0 {
		return
	}
	b.WriteString("\n  It rests on\n")
	for _, name := range slices.Sorted(maps.Keys(d.Facts)) {
		unit, help := heuristics.Common().About(name)
		fmt.Fprintf(b, "    %s = %s: %s\n", name, words.Quantity(d.Facts[name], unit), cmp.Or(help, "decided before"))
	}
}

// readers are the settings whose rules read this one.
func (s *Story) readers(setting string) []string {
	var out []string
	for _, d := range s.Decisions {
		if _, ok := d.Facts[setting]; ok {
			out = append(out, d.Setting)
		}
	}
	return out
}

func origin(d heuristics.Decision) string {
	if d.Layer == "pin" {
		return LayerName(d.Layer)
	}
	text := fmt.Sprintf("rule %s, from %s", d.Rule, LayerName(d.Layer))
	if d.Source != "" {
		text += "; source: " + d.Source
	}
	return text
}

// LayerName says where a decision's rule comes from, by the decision's layer.
func LayerName(layer string) string {
	switch layer {
	case "pin":
		return "pinned in the job"
	case "user":
		return "your own rules"
	case "architecture":
		return "the model's own rules"
	}
	return "built-in rules"
}

// paragraph writes text in lines of a comfortable width, indented.
func paragraph(b *strings.Builder, text string) {
	b.WriteString("  " + words.Wrap(text, 2) + "\n")
}
