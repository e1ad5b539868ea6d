package plugintest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"tuned/trainer/model"
)

// taskChecks are for each task that the architecture declares.
var taskChecks = []check{
	{"facts", "know what its model is and costs: parameters, FLOPs, bytes, groups that add up", facts},
	{"settings", "open and step with every choice of every setting that it declares", everySetting},
	{"outputs", "write outputs that its losses follow from: probabilities for classes, values for a number", outputs},
	{"learns", "learn a simple relation: after some epochs, the loss is well below that of guessing", learns},
	{"overfits", "be able to fit one batch", overfits},
	{"determinism", "give the same results for the same seed, in another process", determinism},
	{"training-rows-only", "initialise from the training rows alone", trainingRowsOnly},
	{"no-update", "leave the weights alone in a step that only measures, with a norm for each part", noUpdate},
	{"evaluation-is-pure", "leave everything as it was in an evaluation", evaluationIsPure},
	{"batch-independence", "predict a row alike in whatever company", batchIndependence},
	{"keep-use", "go on from a snapshot as it did before", keepUse},
	{"save-load", "go on from a file as it would have without, in another process", saveLoad},
	{"corrupt-file", "refuse a file that was cut or changed, and go on as if nothing were", corruptFile},
	{"export", "predict from exported weights as from its own", export},
	{"averages", "keep running averages of its weights, if it declares so", averages},
	{"refusals", "refuse rows, batches, snapshots and weights that are not there, and stay alive", refusals},
	{"pipeline", "answer in order what is sent ahead, like what is sent one by one", pipeline},
	{"cancel", "be ready again within a second after its work was cancelled", cancel},
	{"memory-facts", "use no more memory for a larger batch than it declared", memoryFacts},
	{"memory-limit", "fail for want of memory, and in no other way, where its limit is too small", memoryLimit},
}

func facts(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		i := s.Info()
		least := int64(1)
		if l.manifest.Averages {
			least = i.FLOPsRowEval // weights that move need a forward pass in each step; what is only added to does not
		}
		if i.Parameters <= 0 || i.FLOPsRow < least || i.FLOPsRowEval <= 0 || i.BytesRow <= 0 || i.BytesFixed < 4*i.Parameters {
			return fmt.Errorf("its facts cannot be: %+v", i)
		}
		var grouped int64
		for _, g := range i.Groups {
			grouped += g.Parameters
		}
		if grouped != i.Parameters {
			return fmt.Errorf("its groups hold %d parameters of %d", grouped, i.Parameters)
		}
		return nil
	})
}

func everySetting(ctx context.Context, l *lab) error {
	for _, setting := range l.manifest.Settings {
		var values []any
		switch setting.Type {
		case model.Bool:
			values = []any{false, true}
		case model.Choice:
			for _, choice := range setting.Choices {
				values = append(values, choice)
			}
		}
		for _, v := range values {
			change := func(r *model.OpenRequest) { r.Settings[setting.Name] = v }
			err := l.with(ctx, change, func(s *subject) error {
				results, err := s.do(ctx, walk(0, 3, 1e-3)...)
				if err == nil && !results[2].Finite {
					err = fmt.Errorf("the loss is not finite")
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("with %s = %v: %w", setting.Name, v, err)
			}
		}
	}
	return nil
}

func outputs(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		if _, err := s.do(ctx, walk(0, 5, 1e-3)...); err != nil {
			return err
		}
		loss, err := s.evaluate(ctx, nil)
		if err != nil {
			return err
		}
		values, width, err := s.predict(ctx, nil)
		if err != nil {
			return err
		}
		if width != l.sample.outputs() {
			return fmt.Errorf("%d outputs for each row, want %d", width, l.sample.outputs())
		}
		if own := l.sample.loss(values, width); !near(loss, own, 1e-3) {
			return fmt.Errorf("it gives a loss of %v, where its outputs have one of %v", loss, own)
		}
		return checkProbabilities(l.sample, values)
	})
}

func checkProbabilities(s *sample, values []float32) error {
	if s.labels == nil {
		return nil
	}
	for i := 0; i < len(values); i += sampleClasses {
		sum := 0.0
		for _, p := range values[i : i+sampleClasses] {
			sum += float64(p)
		}
		if math.Abs(sum-1) > 1e-3 {
			return fmt.Errorf("the probabilities of row %d add up to %v", i/sampleClasses, sum)
		}
	}
	return nil
}

func determinism(ctx context.Context, l *lab) error {
	ops := append(walk(0, 12, 1e-3), model.Evaluate{})
	var first []model.Result
	return errors.Join(
		l.with(ctx, nil, func(s *subject) (err error) {
			first, err = s.do(ctx, ops...)
			return err
		}),
		l.with(ctx, nil, func(s *subject) error {
			second, err := s.do(ctx, ops...)
			return errors.Join(err, s.sameResults(second, first))
		}))
}

func trainingRowsOnly(ctx context.Context, l *lab) error {
	var loss float64
	return errors.Join(
		l.with(ctx, nil, func(s *subject) (err error) {
			loss, err = s.evaluate(ctx, train())
			return err
		}),
		l.with(ctx, func(r *model.OpenRequest) { r.View = l.poisoned.dir }, func(s *subject) error {
			again, err := s.evaluate(ctx, train())
			if err == nil && !near(again, loss, s.tolerance) {
				err = fmt.Errorf("its loss on the training rows was %v, and is %v where only other rows differ", loss, again)
			}
			return err
		}))
}

func evaluationIsPure(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		plain, err := s.do(ctx, append([]model.Op{model.Keep{Name: "start"}}, walk(0, 6, 1e-3)...)...)
		if err != nil {
			return err
		}
		ops := []model.Op{model.Use{Name: "start"}}
		for _, op := range walk(0, 6, 1e-3) {
			ops = append(ops, model.Evaluate{}, op)
		}
		mixed, err := s.do(ctx, ops...)
		if err != nil {
			return err
		}
		for i := range 6 {
			if err := s.sameResults(plain[1+i:2+i], mixed[2+2*i:3+2*i]); err != nil {
				return fmt.Errorf("step %d, after an evaluation: %w", i+1, err)
			}
		}
		return nil
	})
}

func batchIndependence(ctx context.Context, l *lab) error {
	var all []float32
	var width int
	return errors.Join(
		l.with(ctx, nil, func(s *subject) (err error) {
			if all, width, err = s.predict(ctx, nil); err != nil {
				return err
			}
			part, _, err := s.predict(ctx, rowsBetween(100, 105))
			return errors.Join(err, sameOutputs(all[100*width:105*width], part, 1e-4))
		}),
		l.with(ctx, func(r *model.OpenRequest) { r.MaxBatch = 7 }, func(s *subject) error {
			small, _, err := s.predict(ctx, nil)
			return errors.Join(err, sameOutputs(all, small, 1e-4))
		}))
}

func keepUse(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		if _, err := s.do(ctx, append(walk(0, 3, 1e-3), model.Keep{Name: "here"})...); err != nil {
			return err
		}
		first, err := s.do(ctx, walk(3, 6, 1e-3)...)
		if err != nil {
			return err
		}
		second, err := s.do(ctx, append([]model.Op{model.Use{Name: "here", Drop: true}}, walk(3, 6, 1e-3)...)...)
		if err != nil {
			return err
		}
		_, dropped := s.do(ctx, model.Use{Name: "here"})
		return errors.Join(s.sameResults(first, second[1:]), want("a snapshot that was dropped", dropped, model.ErrInvalid))
	})
}

func averages(ctx context.Context, l *lab) error {
	if !l.manifest.Averages {
		return nil
	}
	return l.with(ctx, nil, func(s *subject) error {
		if _, err := s.do(ctx, walk(0, 20, 1e-2)...); err != nil {
			return err
		}
		raw, err := s.evaluate(ctx, train())
		if err != nil {
			return err
		}
		average, err := s.evaluate(ctx, train(), "average:0.9")
		if err == nil && raw == average {
			err = fmt.Errorf("after 20 steps the average's loss is the raw weights': %v", raw)
		}
		return errors.Join(err, l.blends(ctx, s, model.Raw, "average:0.9"))
	})
}

// blends asks for the mean of some members' outputs, and for the loss that follows from it.
func (l *lab) blends(ctx context.Context, s *subject, members ...model.Weights) error {
	loss, err := s.evaluate(ctx, nil, members...)
	if err != nil {
		return err
	}
	values, width, err := s.predict(ctx, nil, members...)
	if err != nil {
		return err
	}
	if own := l.sample.loss(values, width); !near(loss, own, 1e-3) {
		return fmt.Errorf("of %v together it gives a loss of %v, where their outputs have one of %v", members, loss, own)
	}
	sum := make([]float32, len(values))
	for _, m := range members {
		alone, _, err := s.predict(ctx, nil, m)
		if err != nil {
			return err
		}
		for i, v := range alone {
			sum[i] += v / float32(len(members))
		}
	}
	return sameOutputs(sum, values, 1e-4)
}

func refusals(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		for _, bad := range []struct {
			what string
			op   model.Op
		}{
			{"a step on a row that is not there", step([]int32{sampleRows}, 0.1)},
			{"a step on a negative row", step([]int32{-1}, 0.1)},
			{"a step on more rows than the largest batch", step(rowsBetween(0, maxBatch+1), 0.1)},
			{"an evaluation of a row that is not there", model.Evaluate{Rows: []int32{0, sampleRows}}},
			{"a snapshot that was never kept", model.Use{Name: "nothing"}},
			{"weights of another name", model.Evaluate{Weights: []model.Weights{"median"}}},
			{"an average that is not kept", model.Evaluate{Weights: []model.Weights{"average:0.123"}}},
		} {
			_, err := s.do(ctx, bad.op)
			if err := want(bad.what, err, model.ErrInvalid); err != nil {
				return err
			}
		}
		_, err := s.evaluate(ctx, train())
		_, again := s.process.Open(ctx, l.request())
		return errors.Join(err, want("a second session", again, model.ErrInvalid))
	})
}

func pipeline(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		alone, err := s.do(ctx, append([]model.Op{model.Keep{Name: "start"}}, walk(0, 40, 1e-3)...)...)
		if err != nil {
			return err
		}
		if _, err := s.do(ctx, model.Use{Name: "start"}); err != nil {
			return err
		}
		var all []model.Pending
		for _, op := range walk(0, 40, 1e-3) {
			all = append(all, s.Submit(ctx, op))
		}
		for i, pending := range all {
			results, err := pending.Wait(ctx)
			if err != nil {
				return err
			}
			if err := s.sameResults(alone[1+i:2+i], results); err != nil {
				return fmt.Errorf("step %d: %w", i+1, err)
			}
		}
		return nil
	})
}

func cancel(ctx context.Context, l *lab) error {
	return l.with(ctx, nil, func(s *subject) error {
		if _, err := s.evaluate(ctx, train()); err != nil {
			return err
		}
		return once(func() error { return s.cancel(ctx) })
	})
}

// cancel submits much, cancels it, and asks for something else.
func (s *subject) cancel(ctx context.Context) error {
	cancelled, stop := context.WithCancel(ctx)
	var last model.Pending
	for range 5000 {
		last = s.Submit(cancelled, walk(0, 10, 1e-6)...)
	}
	stop()
	began := time.Now()
	if _, err := last.Wait(ctx); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("work was cancelled and ended with: %w", err)
	}
	_, err := s.evaluate(ctx, train())
	if took := time.Since(began); err == nil && took > time.Second {
		err = fmt.Errorf("it took %s", took)
	}
	return err
}
