package heuristics

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Type is the type of a fact's or a setting's value: int64, float64, bool or string.
type Type string

// The types. A Choice is a text out of a fixed list.
const (
	Int    Type = "int"
	Float  Type = "float"
	Bool   Type = "bool"
	Choice Type = "choice"
	Text   Type = "text"
)

// DuringTraining is the Probe of facts that exist only while the model trains; only watches read them.
const DuringTraining = "train"

// Fact declares something that is measured or given.
type Fact struct {
	Name  string `json:"name"` // "data.train_rows"
	Type  Type   `json:"type"`
	Unit  string `json:"unit,omitempty"`  // see Format; empty for a pure number
	Help  string `json:"help"`            // what it is, for someone who does not program
	Probe string `json:"probe,omitempty"` // the probe that yields it; "" when the job or the scan gives it; or DuringTraining
}

// Setting declares a hyperparameter, or a quantity that the rules work out on the way to one.
type Setting struct {
	Name    string   `json:"name"` // "batch_size"; an architecture's own start with its name: "mlp.width"
	Type    Type     `json:"type"`
	Unit    string   `json:"unit,omitempty"`
	Min     float64  `json:"min,omitempty"` // inclusive range of numbers; both 0: unbounded
	Max     float64  `json:"max,omitempty"`
	Choices []string `json:"choices,omitempty"`
	Help    string   `json:"help"`
	// Derived marks a quantity that other rules and probes read and the trainer does not: "lr_prior", "total_steps".
	Derived bool `json:"derived,omitempty"`
}

// Probe declares a measurement: what it costs and the settings that it runs under.
type Probe struct {
	Name string `json:"name"`
	Help string `json:"help"` // what it does
	Cost string `json:"cost"` // about how much, for someone who decides whether a rule should read it
	// Under are the settings that must be decided before it runs; "architecture.*" stands for all that the architecture
	// declares. A setting whose rules read the probe's facts cannot be here: that would be a cycle.
	Under []string `json:"under,omitempty"`
	// Provisional are expressions for settings that are not yet decided when the probe runs.
	Provisional map[string]string `json:"provisional,omitempty"`
}

// Catalogue declares every fact, setting and probe: the names that rules may use. It is immutable.
type Catalogue struct {
	facts    []Fact
	settings []Setting
	probes   []Probe

	fact    map[string]Fact
	setting map[string]Setting
	probe   map[string]Probe

	architecture string   // whose settings were added; "" when none
	others       []string // names of further architectures, whose settings are unknown here
}

// Common is the catalogue of what all architectures have: the trainer's own facts, settings and probes.
func Common() *Catalogue { return common }

var common = newCatalogue()

func newCatalogue() *Catalogue {
	c := &Catalogue{facts: allFacts(), settings: trainerSettings(), probes: allProbes()}
	c.index()
	return c
}

func (c *Catalogue) index() {
	c.fact = make(map[string]Fact, len(c.facts))
	for _, f := range c.facts {
		c.fact[f.Name] = f
	}
	c.setting = make(map[string]Setting, len(c.settings))
	for _, s := range c.settings {
		c.setting[s.Name] = s
	}
	c.probe = make(map[string]Probe, len(c.probes))
	for _, p := range c.probes {
		c.probe[p.Name] = p
	}
}

// WithArchitecture returns a catalogue with an architecture's own settings added. Each name must start with the
// architecture's: "mlp.width". Rules in the user's file for settings of the others are left out instead of being errors.
func (c *Catalogue) WithArchitecture(name string, settings []Setting, others ...string) (*Catalogue, error) {
	out := &Catalogue{facts: c.facts, probes: c.probes, settings: slices.Clone(c.settings), architecture: name, others: others}
	for _, s := range settings {
		if err := c.checkDeclaration(name, s); err != nil {
			return nil, fmt.Errorf("settings of architecture %q: %w", name, err)
		}
		out.settings = append(out.settings, s)
	}
	out.index()
	if len(out.setting) != len(out.settings) {
		return nil, fmt.Errorf("settings of architecture %q: a name is declared twice", name)
	}
	return out, nil
}

func (c *Catalogue) checkDeclaration(architecture string, s Setting) error {
	prefix, rest, ok := strings.Cut(s.Name, ".")
	switch {
	case !ok || prefix != architecture || !isName(rest):
		return fmt.Errorf("%q should be %q and a plain name", s.Name, architecture+".")
	case c.isNamespace(prefix):
		return fmt.Errorf("%q: %q is the name of a group of facts", s.Name, prefix)
	case !slices.Contains([]Type{Int, Float, Bool, Choice, Text}, s.Type):
		return fmt.Errorf("%q has the unknown type %q", s.Name, s.Type)
	case s.Type == Choice && len(s.Choices) == 0:
		return fmt.Errorf("%q is a choice without choices", s.Name)
	case s.Min > s.Max:
		return fmt.Errorf("%q has the range %g to %g", s.Name, s.Min, s.Max)
	}
	return nil
}

func isName(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// isNamespace tells whether facts have names that start with the prefix.
func (c *Catalogue) isNamespace(prefix string) bool {
	return slices.ContainsFunc(c.facts, func(f Fact) bool { return strings.HasPrefix(f.Name, prefix+".") })
}

// Facts returns the declared facts, in the catalogue's order.
func (c *Catalogue) Facts() []Fact { return slices.Clone(c.facts) }

// Settings returns the declared settings, in the catalogue's order: the trainer's, then the architecture's.
func (c *Catalogue) Settings() []Setting { return slices.Clone(c.settings) }

// Probes returns the declared probes, in the catalogue's order.
func (c *Catalogue) Probes() []Probe { return slices.Clone(c.probes) }

// Fact looks a fact up.
func (c *Catalogue) Fact(name string) (Fact, bool) { f, ok := c.fact[name]; return f, ok }

// Setting looks a setting up.
func (c *Catalogue) Setting(name string) (Setting, bool) { s, ok := c.setting[name]; return s, ok }

// About is the unit of a fact or a setting, and what it is; empty for a name that is neither.
func (c *Catalogue) About(name string) (unit, help string) {
	if f, ok := c.fact[name]; ok {
		return f.Unit, f.Help
	}
	s := c.setting[name]
	return s.Unit, s.Help
}

// Probe looks a probe up, with "architecture.*" replaced by the architecture's settings.
func (c *Catalogue) Probe(name string) (Probe, bool) {
	p, ok := c.probe[name]
	if !ok {
		return Probe{}, false
	}
	under := make([]string, 0, len(p.Under))
	for _, name := range p.Under {
		if name == "architecture.*" {
			under = append(under, c.architectureSettings()...)
			continue
		}
		under = append(under, name)
	}
	p.Under, p.Provisional = under, maps.Clone(p.Provisional)
	return p, true
}

func (c *Catalogue) architectureSettings() []string {
	var names []string
	for _, s := range c.settings {
		if c.architecture != "" && strings.HasPrefix(s.Name, c.architecture+".") {
			names = append(names, s.Name)
		}
	}
	return names
}

// names of everything that an expression can read, for suggestions.
func (c *Catalogue) names() []string {
	names := slices.Concat(slices.Collect(maps.Keys(c.fact)), slices.Collect(maps.Keys(c.setting)))
	slices.Sort(names)
	return names
}
