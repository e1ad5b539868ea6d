package job

import (
	"cmp"
	"context"
	"fmt"

	"tuned/durable"
	"tuned/heuristics"
	"tuned/trainer/model"
)

// decide turns facts into decisions: the rules are asked for a plan, and what they want to know is measured, until they
// want nothing more. A plan that is replayed, or that an earlier attempt finished, is taken as it is.
func (r *run) decide(ctx context.Context) error {
	if decided, err := r.decidedBefore(ctx); decided || err != nil {
		return err
	}
	book, err := r.book(ctx)
	if err != nil {
		return err
	}
	for {
		answer, err := book.Plan(heuristics.Input{Facts: r.facts, Pins: r.job.pins()})
		if err != nil {
			return fmt.Errorf("plan: %w", err)
		}
		r.announce(answer)
		if stop := answer.Stop(); stop != nil {
			return fmt.Errorf("%w, %s: %s", ErrStopped, stop.Check, stop.Why)
		}
		if answer.Want == nil {
			return r.adopt(answer, book)
		}
		if err := r.measure(ctx, *answer.Want); err != nil {
			return err
		}
	}
}

// book loads the rules for the architecture that they choose, or that the job names.
func (r *run) book(ctx context.Context) (*heuristics.Book, error) {
	name, err := r.choose(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.describe(ctx, name); err != nil {
		return nil, err
	}
	b, err := Rulebook(r.manifest, r.options.Architectures.Names(), r.rules)
	if err != nil {
		return nil, err
	}
	return b, r.job.checkPins(b.Catalogue(), func(string) bool { return true })
}

// choose has the architecture decided before all else, since it brings settings and rules of its own.
func (r *run) choose(ctx context.Context) (string, error) {
	if name := r.job.Model.Architecture; name != "" {
		return name, nil
	}
	b, err := Rulebook(model.Manifest{}, r.options.Architectures.Names(), r.rules)
	if err != nil {
		return "", err
	}
	for {
		answer, err := b.Plan(heuristics.Input{Facts: r.facts, Pins: only(r.job.Pin, b.Catalogue())})
		if err != nil {
			return "", fmt.Errorf("choose the architecture: %w", err)
		}
		if name, ok := answer.Settings()["architecture"].(string); ok {
			return name, nil
		}
		if answer.Want == nil {
			return "", fmt.Errorf("choose the architecture: no rule decides it")
		}
		if err := r.measure(ctx, *answer.Want); err != nil {
			return "", err
		}
	}
}

// only are the pins that a catalogue knows: an architecture's are not known before it is.
func only(pins map[string]any, c *heuristics.Catalogue) map[string]any {
	out := map[string]any{}
	for name, value := range pins {
		if _, known := c.Setting(name); known {
			out[name] = value
		}
	}
	return out
}

// decidedBefore takes the decisions of a plan that is replayed or that an earlier attempt wrote.
func (r *run) decidedBefore(ctx context.Context) (bool, error) {
	before := r.replay
	if before == nil {
		path := r.dir.file(PlanFile)
		if hash, _, err := durable.SumFile(path); err != nil || hash != r.past.plan {
			return false, nil // none, or damaged: the journal holds all that it is made from
		}
		var err error
		if before, err = readPlan(path); err != nil {
			return false, err
		}
	}
	name, err := before.text("architecture")
	if err != nil {
		return false, err
	}
	if err := r.describe(ctx, name); err != nil {
		return false, err
	}
	if err := r.checkValues(before); err != nil {
		return false, err
	}
	r.plan = r.newPlan(before.Decisions, before.Watches, before.Facts)
	for _, d := range before.Decisions {
		r.announceDecision(d.Decision)
	}
	return true, r.lost
}

// checkValues refuses a plan with a value that its setting cannot have. A person may have changed it.
func (r *run) checkValues(p *Plan) error {
	c, err := catalogueOf(r.manifest, r.options.Architectures.Names())
	if err != nil {
		return err
	}
	for _, d := range p.Decisions {
		if _, known := c.Setting(d.Setting); !known {
			continue // another version's
		}
		if _, err := c.Accept(d.Setting, d.Value); err != nil {
			return &Error{Path: cmp.Or(r.options.Plan, r.dir.file(PlanFile)), Problem: fmt.Sprintf("the plan's %q: %v", d.Setting, err), Hint: "name the plan.json of a run, as the run wrote it"}
		}
	}
	return nil
}

// adopt makes the rules' complete answer the plan.
func (r *run) adopt(a heuristics.Answer, book *heuristics.Book) error {
	decisions := make([]Decided, len(a.Decisions))
	for i, d := range a.Decisions {
		decisions[i] = Decided{d}
	}
	facts := Values{}
	for _, w := range book.Watches() {
		for _, name := range w.Reads() {
			if v, ok := r.facts[name]; ok {
				facts[name] = v
			}
		}
	}
	r.plan = r.newPlan(decisions, book.Watches(), facts)
	return r.lost
}

// newPlan gives decisions what else fixes the bits. The instruction set is known once the model is open.
func (r *run) newPlan(decisions []Decided, watches []heuristics.Watch, facts Values) *Plan {
	id := r.record.Identity
	return &Plan{
		Schema: Schema, Version: r.options.Version, Seed: r.options.Seed, Threads: r.threads,
		Split: Split{
			Seed: r.job.Data.SplitSeed, Holdout: r.job.Data.Holdout, Train: len(r.table.Train), Held: len(r.table.Holdout),
		},
		Hashes:    Hashes{Job: id.Job, Data: id.Data, Beside: id.Beside, Rules: id.Rules},
		Decisions: decisions, Watches: watches, Facts: facts,
	}
}

// announce tells decisions and findings that were not told yet, by this attempt or an earlier one.
func (r *run) announce(a heuristics.Answer) {
	for _, f := range a.Findings {
		if r.past.told["check "+f.Check] != f.Why {
			r.past.told["check "+f.Check] = f.Why
			r.tell(Found{f})
		}
	}
	for _, d := range a.Decisions {
		r.announceDecision(d)
	}
}

func (r *run) announceDecision(d heuristics.Decision) {
	if before, told := r.past.told[d.Setting]; told && before == d.Value {
		return
	}
	r.past.told[d.Setting] = d.Value
	r.tell(Decided{d})
}
