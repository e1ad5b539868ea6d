package heuristics

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"

	"tuned/words"
)

// missing ends an evaluation that needs a fact which was not measured, or a setting which is not decided yet.
type missing struct{ name string }

func (m missing) Error() string { return m.name + " is not known" }

func isMissing(err error) bool { return errors.As(err, new(missing)) }

// Plan decides every setting, or as many as the facts allow, and says which probe is wanted next. Rules are asked one
// after the other, and their conditions from left to right, so that only what decides is measured. Checks that the facts
// allow are judged first: one that stops the job wants no probe.
func (b *Book) Plan(in Input) (Answer, error) {
	p, err := b.planner(in)
	if err != nil {
		return Answer{}, err
	}
	findings, _, err := p.check(b.checks)
	if err != nil {
		return Answer{}, err
	}
	if answer := p.answer(findings, nil); answer.Stop() != nil {
		return answer, nil
	}
	want, err := p.decideAll()
	if err != nil || want != nil {
		return p.answer(findings, want), err
	}
	findings, open, err := p.check(b.checks)
	if err != nil {
		return Answer{}, err
	}
	answer := p.answer(findings, nil)
	if open = cmp.Or(open, p.unwatched()); open != "" && answer.Stop() == nil {
		answer.Want, err = p.want(open)
	}
	return answer, err
}

// unwatched names the first fact that some watch may ask for and that was not measured: while the model trains it is too late.
func (p *planner) unwatched() string {
	read := p.reading(Facts{})
	for _, w := range p.book.watches {
		for _, name := range w.program.reads() {
			if _, err := read(name); err != nil && p.book.catalogue.fact[name].Probe != DuringTraining {
				return name
			}
		}
	}
	return ""
}

// planner is one planning.
type planner struct {
	book      *Book
	facts     Facts
	pins      map[string]any
	values    map[string]any // decided settings
	decisions []Decision
}

func (b *Book) planner(in Input) (*planner, error) {
	p := &planner{book: b, facts: Facts{}, pins: map[string]any{}, values: map[string]any{}}
	for _, name := range sortedKeys(in.Facts) {
		f, ok := b.catalogue.fact[name]
		if !ok {
			return nil, fmt.Errorf("plan: unknown fact %q", name)
		}
		v, err := convert(f.Type, in.Facts[name])
		if err != nil {
			return nil, fmt.Errorf("plan: fact %s: %w", name, err)
		}
		p.facts[name] = v
	}
	for _, name := range sortedKeys(in.Pins) {
		v, err := b.catalogue.Accept(name, in.Pins[name])
		if err != nil {
			return nil, fmt.Errorf("pin: %w", err)
		}
		p.pins[name] = v
	}
	return p, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (p *planner) answer(findings []Finding, want *Want) Answer {
	return Answer{Decisions: append([]Decision{}, p.decisions...), Findings: append([]Finding{}, findings...), Want: want}
}

// reading notes what is read.
func (p *planner) reading(noted Facts) reading {
	return func(name string) (any, error) {
		v, ok := p.values[name]
		if !ok {
			v, ok = p.facts[name]
		}
		if !ok {
			return nil, missing{name}
		}
		noted[name] = plain(v)
		return v, nil
	}
}

// decideAll decides settings in order until one needs a probe.
func (p *planner) decideAll() (*Want, error) {
	for _, setting := range p.book.order {
		d, err := p.decide(setting)
		if m := (missing{}); errors.As(err, &m) {
			if p.idle(setting) {
				continue
			}
			return p.want(m.name)
		}
		if err != nil {
			return nil, err
		}
		p.decisions = append(p.decisions, d)
		p.values[setting] = d.Value
	}
	return nil, nil
}

// idle reports whether a derived quantity is not worth a probe: nothing but settings that a person fixed would read it.
func (p *planner) idle(setting string) bool {
	return p.book.catalogue.setting[setting].Derived && !slices.ContainsFunc(p.book.readers[setting], func(reader string) bool {
		_, pinned := p.pins[reader]
		return !pinned
	})
}

func (p *planner) decide(setting string) (Decision, error) {
	if v, ok := p.pins[setting]; ok {
		return p.pinned(setting, v), nil
	}
	return p.choose(setting)
}

// choose asks the setting's rules.
func (p *planner) choose(setting string) (Decision, error) {
	for _, r := range p.book.rules[setting] {
		noted := Facts{}
		held, err := r.holds(p.reading(noted))
		if err != nil {
			return Decision{}, err
		}
		if held {
			return p.apply(r, noted)
		}
	}
	return Decision{}, fmt.Errorf("plan: no rule for %s holds", setting)
}

func (it *item) holds(read reading) (bool, error) {
	if it.when == nil {
		return true, nil
	}
	held, err := it.when.eval(read)
	if err != nil {
		return false, err
	}
	return held == true, nil
}

// apply works out the value of a rule that holds.
func (p *planner) apply(r *rule, noted Facts) (Decision, error) {
	read := p.reading(noted)
	v, err := r.to.eval(read)
	if err != nil {
		return Decision{}, err
	}
	if v, err = p.book.catalogue.Accept(r.set, v); err != nil {
		return Decision{}, r.to.value.place(0).errorf("", "rule %q: %s", r.id, err)
	}
	why, err := r.why.render(withValue(read, r.set, v))
	if err != nil {
		return Decision{}, err
	}
	return Decision{
		Setting: r.set, Value: v, Unit: p.book.catalogue.setting[r.set].Unit,
		Rule: r.id, Layer: r.from.Name, Facts: noted, Why: why, Source: r.source,
	}, nil
}

// withValue lets a sentence speak of the value that is being decided.
func withValue(read reading, name string, v any) reading {
	return func(n string) (any, error) {
		if n == name {
			return v, nil
		}
		return read(n)
	}
}

// pinned is the decision of a person, with what the rules would have chosen where that is known without a probe.
func (p *planner) pinned(setting string, v any) Decision {
	s := p.book.catalogue.setting[setting]
	d := Decision{
		Setting: setting, Value: v, Unit: s.Unit, Rule: "pin", Layer: "pin", Facts: Facts{}, Source: "the job file",
		Why: fmt.Sprintf("You fixed this to %s in the job file.", words.Format(v, s.Unit)),
	}
	instead, err := p.choose(setting)
	switch {
	case err != nil:
		d.Why += " No rule was asked."
	case instead.Value == v:
		d.Why += fmt.Sprintf(" The rule %q would have chosen the same.", instead.Rule)
	default:
		d.Why += fmt.Sprintf(" The rule %q would have chosen %s.", instead.Rule, words.Format(instead.Value, s.Unit))
	}
	return d
}

// check judges what can be judged, and names the first fact or setting that another check waits for.
func (p *planner) check(checks []*check) (findings []Finding, open string, err error) {
	for _, c := range checks {
		f, err := p.judge(c)
		m := missing{}
		switch {
		case errors.As(err, &m):
			if open == "" {
				open = m.name
			}
		case err != nil:
			return nil, "", err
		case f != nil:
			findings = append(findings, *f)
		}
	}
	return findings, open, nil
}

func (p *planner) judge(c *check) (*Finding, error) {
	noted := Facts{}
	held, err := c.holds(p.reading(noted))
	if err != nil || !held {
		return nil, err
	}
	why, err := c.why.render(p.reading(noted))
	if err != nil {
		return nil, err
	}
	return &Finding{Check: c.id, Do: c.do, Why: why, Facts: noted, Source: c.source}, nil
}

// want names the probe that yields a fact, with the settings that it runs under.
func (p *planner) want(fact string) (*Want, error) {
	c := p.book.catalogue
	probe, ok := c.Probe(c.fact[fact].Probe)
	if !ok {
		return nil, fmt.Errorf("plan: the fact %s is read by a rule, and neither the job nor the data gave it", fact)
	}
	w := &Want{Probe: probe.Name, Settings: map[string]any{}}
	for _, name := range sortedKeys(probe.Provisional) {
		v, err := c.provisional(probe, name).eval(p.reading(Facts{}))
		if err == nil {
			v, err = c.Accept(name, v)
		}
		if err != nil {
			return nil, fmt.Errorf("plan: probe %s: %w", probe.Name, err)
		}
		w.Settings[name] = v
	}
	for _, name := range probe.Under {
		v, ok := p.values[name]
		if !ok {
			return nil, fmt.Errorf("plan: probe %s runs under %s, which is not decided", probe.Name, name)
		}
		w.Settings[name] = v
	}
	return w, nil
}

// provisional compiles the expression of a probe for a setting that is not decided when it runs. The catalogue's own
// expressions are right, which a test holds.
func (c *Catalogue) provisional(p Probe, setting string) *expression {
	text := p.Provisional[setting]
	f := &file{"probe " + p.Name, text}
	e, err := newScope(c, false).result(c.setting[setting], value{kind: unstable.String, text: text, at: place{f, 0}, exact: true})
	if err != nil {
		panic(err)
	}
	return e
}
