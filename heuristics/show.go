package heuristics

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"tuned/words"
)

// Shown is a rule, check or watch as it stands in its file.
type Shown struct {
	Kind   string `json:"kind"` // "rule", "check" or "watch"
	ID     string `json:"id"`
	Layer  string `json:"layer"`
	Place  string `json:"place"` // file:line
	When   string `json:"when,omitempty"`
	To     string `json:"to,omitempty"`
	Do     string `json:"do,omitempty"`
	Why    string `json:"why"`
	Source string `json:"source,omitempty"`
}

// ShownSetting is a setting with the rules that decide it, in the order in which they are asked.
type ShownSetting struct {
	Setting
	Rules []Shown `json:"rules"`
}

// Listing is the whole of a book, for people.
type Listing struct {
	Settings  []ShownSetting `json:"settings"` // in the order in which they are decided
	Checks    []Shown        `json:"checks"`
	Watches   []Shown        `json:"watches"`
	Facts     []Fact         `json:"facts"`
	Probes    []Probe        `json:"probes"`
	Functions []Function     `json:"-"`
}

// Show lists the book.
func (b *Book) Show() Listing {
	l := Listing{Facts: b.catalogue.Facts(), Probes: b.catalogue.Probes(), Functions: Functions()}
	for _, name := range b.order {
		s := ShownSetting{Setting: b.catalogue.setting[name]}
		for _, r := range b.rules[name] {
			s.Rules = append(s.Rules, r.shown())
		}
		l.Settings = append(l.Settings, s)
	}
	for _, c := range b.checks {
		l.Checks = append(l.Checks, c.shown())
	}
	for _, w := range b.watches {
		l.Watches = append(l.Watches, w.program.shown())
	}
	return l
}

func (it *item) shown() Shown {
	return Shown{
		Kind: it.kind, ID: it.id, Layer: it.from.Name, Place: it.at.String(), When: strings.TrimSpace(field(it, "when")),
		To: strings.TrimSpace(field(it, "to")), Do: field(it, "do"), Why: field(it, "why"), Source: it.source,
	}
}

// Only keeps the settings with these names; it returns an error for a name that there is none of.
func (l Listing) Only(names ...string) (Listing, error) {
	var known []string
	for _, s := range l.Settings {
		known = append(known, s.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return Listing{}, fmt.Errorf("unknown setting %q%s", name, hint(words.DidYouMean(name, known)))
		}
	}
	out := Listing{}
	for _, s := range l.Settings {
		if slices.Contains(names, s.Name) {
			out.Settings = append(out.Settings, s)
		}
	}
	return out, nil
}

func hint(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// WriteText writes the listing for a terminal or a file.
func (l Listing) WriteText(w io.Writer) error {
	p := &printer{w: w}
	for _, s := range l.Settings {
		p.line("%s  (%s)\n  %s", s.Name, s.Setting.kind(), s.Help)
		for i, r := range s.Rules {
			p.rule(i+1, r)
		}
		p.line("")
	}
	p.group("Checks, before the training", l.Checks)
	p.group("Watches, during the training", l.Watches)
	p.facts(l)
	return p.err
}

// kind is a setting's type with its range, in words.
func (s Setting) kind() string {
	text := map[Type]string{Int: "whole number", Float: "number", Bool: "true or false", Text: "text", Choice: oneOf(s.Choices)}[s.Type]
	if s.Unit != "" && s.Unit != "share" {
		text += " of " + s.Unit
	}
	if s.Min != 0 || s.Max != 0 {
		text += fmt.Sprintf(", %s to %s", words.Bound(s.Min), words.Bound(s.Max))
	}
	if s.Derived {
		text += "; worked out for other rules"
	}
	return text
}

// printer writes until the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) rule(n int, r Shown) {
	when := "always"
	if r.When != "" {
		when = "when " + oneLine(r.When)
	}
	p.line("  %d. %s  [%s, %s]", n, r.ID, r.Layer, r.Place)
	p.line("     %s: %s", when, oneLine(r.To))
	p.line("     %s", r.Why)
	p.line("     Source: %s", r.Source)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (p *printer) group(title string, shown []Shown) {
	if len(shown) == 0 {
		return
	}
	p.line("%s", title)
	for _, s := range shown {
		p.line("  %s: %s  [%s, %s]", s.ID, s.Do, s.Layer, s.Place)
		p.line("     when %s", oneLine(s.When))
		p.line("     %s", s.Why)
	}
	p.line("")
}

func (p *printer) facts(l Listing) {
	if len(l.Facts) == 0 {
		return
	}
	p.line("Facts")
	for _, f := range l.Facts {
		from := ""
		if f.Probe == DuringTraining {
			from = " (in watches only)"
		} else if f.Probe != "" {
			from = " (probe " + f.Probe + ")"
		}
		p.line("  %s: %s%s", f.Name, f.Help, from)
	}
	p.line("\nProbes")
	for _, probe := range l.Probes {
		p.line("  %s: %s. Cost: %s.", probe.Name, probe.Help, probe.Cost)
		p.line("     runs under %s", strings.Join(probe.Under, ", "))
	}
	p.line("\nFunctions")
	for _, f := range l.Functions {
		p.line("  %s: %s", f.Usage, f.Help)
	}
}
