package heuristics

import (
	"slices"
	"strings"
)

// dependency is a setting that another one needs, with the probe that stands between them, if any.
type dependency struct {
	setting string
	via     string // the fact whose probe runs under the setting; "" when a rule reads it directly
	at      place
}

// dependencies of a setting: what its rules read, and the settings that the probes of the facts they read run under.
func (l *loader) dependencies(setting string) []dependency {
	var all []dependency
	for _, r := range l.book.rules[setting] {
		for _, e := range r.formulas() {
			for _, name := range e.reads {
				all = append(all, l.throughName(name, e.value.place(0))...)
			}
		}
		for _, name := range r.why.reads {
			if name != setting {
				all = append(all, l.throughName(name, r.at)...)
			}
		}
	}
	return all
}

func (l *loader) throughName(name string, at place) []dependency {
	c := l.scope.catalogue
	if _, ok := c.setting[name]; ok {
		return []dependency{{setting: name, at: at}}
	}
	p, ok := c.Probe(c.fact[name].Probe)
	if !ok {
		return nil
	}
	needs, ok := l.needs[p.Name]
	if !ok { // its formulas are compiled once, however many rules read its facts
		needs = probeNeeds(c, p)
		l.needs[p.Name] = needs
	}
	var all []dependency
	for _, s := range needs {
		all = append(all, dependency{setting: s, via: name, at: at})
	}
	return all
}

// probeNeeds are the settings that must be decided before a probe can run.
func probeNeeds(c *Catalogue, p Probe) []string {
	needs := slices.Clone(p.Under)
	for _, name := range sortedKeys(p.Provisional) {
		e := c.provisional(p, name)
		for _, read := range e.reads {
			if _, ok := c.setting[read]; ok {
				needs = append(needs, read)
			}
		}
	}
	return needs
}

// complete checks what only the whole shows: chains without an end, rules that are never asked, cycles.
func (l *loader) complete() {
	l.chains()
	l.sentences()
	if len(l.errors) == 0 {
		l.sort()
	}
}

// chains checks that some rule of each setting holds always, and that none stands behind it in its own layer.
func (l *loader) chains() {
	for _, s := range l.scope.catalogue.settings {
		ended := (*rule)(nil)
		for _, r := range l.book.rules[s.Name] {
			if ended != nil && ended.layer == r.layer {
				l.fail(r.at.errorf("move it up, or give the other one a when", "never asked: the rule %q before it holds always", ended.id))
			}
			if ended == nil && r.always() {
				ended = r
			}
		}
		if ended == nil && len(l.errors) == 0 {
			l.fail(l.lastPlace(s.Name).errorf("add a rule without when, as its last one", "setting %q has no rule that always holds", s.Name))
		}
	}
}

// sentences checks that no sentence is the only reason for a measurement: it tells what the setting's rules read.
func (l *loader) sentences() {
	c := l.scope.catalogue
	for _, s := range c.settings {
		measured := l.probesOf(s.Name)
		for _, r := range l.book.rules[s.Name] {
			for _, p := range r.why.parts {
				for _, name := range p.reads() {
					if probe := c.fact[name].Probe; probe != "" && !slices.Contains(measured, probe) {
						l.fail(p.formula.value.place(0).errorf("a sentence tells what the rules used", "no rule for %q reads %q or its like", s.Name, name))
					}
				}
			}
		}
	}
}

// probesOf are the probes whose facts decide a setting.
func (l *loader) probesOf(setting string) []string {
	var probes []string
	for _, r := range l.book.rules[setting] {
		for _, e := range r.formulas() {
			for _, name := range e.reads {
				probes = append(probes, l.scope.catalogue.fact[name].Probe)
			}
		}
	}
	return probes
}

// lastPlace is where a setting's last rule stands; without one, the end of the lowest layer.
func (l *loader) lastPlace(setting string) place {
	if rules := l.book.rules[setting]; len(rules) > 0 {
		return rules[len(rules)-1].at
	}
	layer := l.layerOf(setting)
	for _, it := range slices.Backward(l.items) {
		if it.layer == layer {
			return it.at
		}
	}
	name := "rules"
	if layer >= 0 {
		name = l.files[layer]
	}
	return place{&file{name: name}, 0}
}

// layerOf is the layer that owes a setting its rules: the architecture's, where there is one and the setting is its own, else the lowest.
func (l *loader) layerOf(setting string) int {
	if own := slices.Index(l.layers, "architecture"); own >= 0 && strings.HasPrefix(setting, l.scope.catalogue.architecture+".") {
		return own
	}
	return len(l.files) - 1
}

// sort orders the settings so that each comes after all that it depends on; else in the catalogue's order.
func (l *loader) sort() {
	v := &sorter{loader: l, state: map[string]int{}}
	l.book.readers = l.judges()
	for _, s := range l.scope.catalogue.settings {
		v.visit(s.Name)
	}
}

// judges are the readers that are no settings: what checks and watches read has to be decided in any case.
func (l *loader) judges() map[string][]string {
	readers := map[string][]string{}
	for _, it := range l.items {
		if it.kind == "rule" || it.when == nil {
			continue
		}
		for _, name := range append(slices.Clone(it.when.reads), it.why.reads...) {
			readers[name] = append(readers[name], "")
		}
	}
	for _, w := range l.book.watches {
		for _, name := range w.program.reads() {
			readers[name] = append(readers[name], "")
		}
	}
	return readers
}

type sorter struct {
	*loader
	state map[string]int // 1: on the way, 2: done
	path  []dependency
}

func (v *sorter) visit(setting string) {
	if v.state[setting] == 2 {
		return
	}
	v.state[setting] = 1
	for _, d := range v.dependencies(setting) {
		v.book.readers[d.setting] = append(v.book.readers[d.setting], setting)
		v.path = append(v.path, dependency{setting: setting, via: d.via, at: d.at})
		if v.state[d.setting] == 1 {
			v.cycle(d)
		} else {
			v.visit(d.setting)
		}
		v.path = v.path[:len(v.path)-1]
	}
	v.state[setting] = 2
	v.book.order = append(v.book.order, setting)
}

// cycle reports the first circle of dependencies: further ones are often the same, entered elsewhere.
func (v *sorter) cycle(d dependency) {
	if len(v.errors) > 0 {
		return
	}
	start := slices.IndexFunc(v.path, func(p dependency) bool { return p.setting == d.setting })
	var b strings.Builder
	for _, p := range v.path[start:] {
		b.WriteString(p.setting + " → ")
		if p.via != "" {
			b.WriteString(p.via + " → ")
		}
	}
	v.fail(d.at.errorf("a setting cannot depend on itself; a probe runs under the settings that `tuned rules show` lists",
		"a circle: %s%s", b.String(), d.setting))
}

// finish returns the book, or every mistake.
func (l *loader) finish() (*Book, error) {
	if len(l.errors) > 0 {
		return nil, l.errors.sorted(l.files)
	}
	l.book.items = l.items
	return l.book, nil
}
