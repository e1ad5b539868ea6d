package job

import (
	"context"
	"errors"
	"fmt"

	"tuned/heuristics"
	"tuned/trainer"
	"tuned/trainer/model"
)

// train opens the model and executes the plan. An earlier attempt's newest checkpoint is where it goes on.
func (r *run) train(ctx context.Context) error {
	return r.phase(PhaseTrain, func() (int64, error) {
		if err := r.open(ctx); err != nil {
			return 0, err
		}
		err := r.follow(ctx)
		return r.model.session.Info().InitialFLOPs + r.outcome.FLOPs, err
	})
}

// trainable is the plan as the trainer reads it.
func (r *run) trainable() (trainer.Plan, error) {
	plan, err := trainer.ParsePlan(r.plan.Settings(), r.metric())
	if err != nil {
		return plan, fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	if err := plan.CheckValidation(len(r.model.view.validation)); err != nil {
		return plan, fmt.Errorf("%w: %w", ErrUnfit, err)
	}
	return plan, nil
}

// follow executes the plan on the open model.
func (r *run) follow(ctx context.Context) error {
	plan, err := r.trainable()
	if err != nil {
		return err
	}
	watches, err := r.watches()
	if err != nil {
		return err
	}
	v := r.model.view
	training := trainer.Run{
		Session: r.model.session, Plan: plan, View: v.View, ViewDir: v.dir, Order: r.model.order, Validation: v.validation,
		Recalibrate: r.model.recalibrate, Watches: watches, Facts: heuristics.Facts(r.plan.Facts), Settings: r.model.settings,
		Dir: r.dir.file(CheckpointsDir), Pause: r.options.Pause, Events: r.hear,
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.stop = stop
	r.outcome, err = training.Train(ctx)
	if errors.Is(err, trainer.ErrSuspended) && r.lost != nil {
		err = r.lost
	}
	return err
}

// hear passes on what the trainer tells. When the journal cannot be written, the training is suspended.
func (r *run) hear(e trainer.Event) {
	if e.Kind == trainer.Progress {
		r.tell(Progress{Phase: PhaseTrain, Done: e.Step, Total: e.Steps})
	}
	r.tell(Trained{e})
	if r.lost != nil {
		r.stop(r.lost)
	}
}

// watches are the plan's watches, ready to judge.
func (r *run) watches() ([]trainer.Watch, error) {
	catalogue, err := heuristics.Common().WithArchitecture(r.manifest.Name, declared(r.manifest.Settings))
	if err != nil {
		return nil, err
	}
	able, err := catalogue.Watches(r.plan.Watches)
	if err != nil {
		return nil, fmt.Errorf("watches of the plan: %w", err)
	}
	out := make([]trainer.Watch, len(able))
	for i, w := range able {
		out[i] = watch{w}
	}
	return out, nil
}

// watch lets a rule judge the training.
type watch struct{ heuristics.Watch }

// Name identifies the watch.
func (w watch) Name() string { return w.ID }

// Judge asks the rule. Its new values of settings are numbers.
func (w watch) Judge(facts heuristics.Facts, s model.Settings) (*trainer.Reaction, error) {
	reaction, err := w.Watch.Judge(facts, s)
	if err != nil || reaction == nil {
		return nil, err
	}
	set := make(map[string]float64, len(reaction.Set))
	for name, value := range reaction.Set {
		if set[name], err = number64(value); err != nil {
			return nil, fmt.Errorf("watch %s: %s: %w", w.ID, name, err)
		}
	}
	return &trainer.Reaction{
		Do: trainer.Action(reaction.Do), Set: set, Limit: int(w.Limit), Why: reaction.Why, Source: reaction.Source,
	}, nil
}

func number64(value any) (float64, error) {
	switch v := value.(type) {
	case float64:
		return v, nil
	case int64:
		return float64(v), nil
	}
	return 0, fmt.Errorf("%v is not a number", value)
}
