package job

import (
	"context"
	"maps"

	"tuned/heuristics"
	"tuned/heuristics/probe"
	"tuned/trainer/model"
)

// measure runs the probe that the rules want, unless an earlier attempt did.
func (r *run) measure(ctx context.Context, want heuristics.Want) error {
	name := phaseOf(want.Probe)
	if _, ok := r.past.measured[name]; ok {
		r.learn(Measured{Source: name})
		return r.lost
	}
	return r.phase(name, func() (int64, error) {
		env, err := r.probeEnv(want)
		if err != nil {
			return 0, err
		}
		report, err := probe.Run(ctx, want.Probe, env, want.Settings)
		if err != nil {
			return report.FLOPs, err
		}
		r.learn(Measured{Source: name, Facts: Values(report.Facts), Plots: report.Plots, Pace: report.Pace})
		return report.FLOPs, nil
	})
}

// probeEnv is what a probe may touch: training rows, and models in processes of their own.
func (r *run) probeEnv(want heuristics.Want) (probe.Env, error) {
	settings := model.Settings(maps.Clone(want.Settings))
	v, err := r.viewFor(settings)
	if err != nil {
		return probe.Env{}, err
	}
	processes := map[model.Session]Architecture{}
	return probe.Env{
		Open: func(ctx context.Context, q probe.Request) (model.Session, error) {
			s, a, err := r.session(ctx, r.manifest.Name, model.OpenRequest{
				View: v.dir, Settings: q.Settings, Seed: q.Seed, MaxBatch: q.MaxBatch, InitRows: v.fit,
			})
			if err == nil {
				processes[s] = a
			}
			return s, err
		},
		View: v.View, ViewDir: v.dir, Train: v.fit, Seed: r.options.Seed,
		MemoryBytes: r.share(), Enforcement: r.enforcement, Threads: int(r.threads),
		Peak: func(s model.Session) int64 {
			_, peak := processes[s].Usage()
			return peak
		},
		Failed: r.failedBatches(),
		Journal: func(event string, fields map[string]any) {
			r.tell(Tried{What: event, Fields: fields})
		},
	}, nil
}

// deaths is how many attempts must have died in the same trial before it counts as the trial's fault: a run that is
// killed for other reasons must not be planned otherwise.
const deaths = 3

// failedBatches are sizes that attempts before this one announced, again and again, and never came back from.
func (r *run) failedBatches() []int {
	var failed []int
	open := map[int]int{}
	for _, t := range r.past.tried {
		size, _ := t.Fields["batch"].(float64)
		batch := int(size)
		switch t.What {
		case "probe.memory.trying":
			if open[batch]++; open[batch] == deaths {
				failed = append(failed, batch)
			}
		case "probe.memory.tried":
			open[batch]--
		}
	}
	return failed
}
