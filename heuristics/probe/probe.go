// Package probe measures, cheaply, what rules need to know: on a session that it opens, between Keep and Use of
// everything, so that a run with probes and its plan replayed without them give the same bits.
//
// Probes:
//
//	model      exact facts of the opened session; costs nothing
//	sanity     the loss at initialisation, and whether 32 rows can be learned by heart
//	memory     the largest batch that ran within the limit
//	speed      the time of a step, which only a job with a time limit may read
//	lr_find    a learning-rate range test: three seeds, a fixed set of rows read as the rate grows
//	noise      the gradient noise scale and the gradient's norms after a short training
//	ridge      a closed-form linear model with its leave-one-out score
//	kernel     a closed-form smooth surface through a few rows: how much of the data has to be followed in detail
//	shape      boosted trees against a smooth surface, on a few rows: which kind of model suits
//	components how much the columns of numbers have in common
package probe

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// Request asks the host for a session.
type Request struct {
	Settings model.Settings
	MaxBatch int
	Seed     int64
	// Fresh: the session must have a process of its own, which may die. Otherwise the host may answer with one that is
	// shared, with a Close that leaves it open: a probe restores everything that it touched.
	Fresh bool
}

// Env is what a probe works with.
type Env struct {
	Open    func(ctx context.Context, r Request) (model.Session, error)
	View    model.View
	ViewDir string  // where the view's arrays lie
	Train   []int32 // the rows that may be read
	Seed    int64
	// MemoryBytes is what the session's process may use; 0: no limit.
	MemoryBytes int64
	// Threads that may work; 0: one. What is found does not depend on them.
	Threads int
	// Enforcement says how the limit is held: "cgroup", "rlimit", "watch", "none".
	Enforcement string
	// Peak tells the highest memory that the session's process has used, in bytes; nil or 0: not known.
	Peak func(model.Session) int64
	// Snapshots is how many snapshots of everything a training keeps in memory (see trainer.Plan.Snapshots); 0: 4, which
	// the built-in rules ask for at most.
	Snapshots int
	// MaxBatch is the largest batch that is worth asking for where the setting batch_cap does not say; 0: 1,024.
	MaxBatch int
	// Failed are batches that an earlier attempt of this run announced and never finished: they count as failed.
	Failed []int
	// Journal is told of what is about to be tried ("probe.memory.trying"), durably where a crash must leave a trace.
	Journal func(event string, fields map[string]any)
}

// Curve is a series for a plot.
type Curve struct {
	Name string    `json:"name"` // "loss, seed 1"
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"` // as long as X; not-a-number and infinities are left out with their X
}

// Plot is what a probe saw, for the report.
type Plot struct {
	Title  string  `json:"title"`
	XLabel string  `json:"x_label"` // with its unit
	YLabel string  `json:"y_label"`
	LogX   bool    `json:"log_x,omitempty"`
	Curves []Curve `json:"curves"`
}

// Report is what a probe found, and what that cost.
type Report struct {
	Facts heuristics.Facts `json:"facts"`
	FLOPs int64            `json:"flops"`
	// Pace is how many FLOPs a second, as the session foretells those of a step, the fastest step of the planned run did; 0 where none
	// was taken. A training goes like that on the whole: other steps pay for the first pages of memory, probes for processes that start.
	// A clock read it, so that it is no fact, and no plan may depend on it.
	Pace  float64 `json:"pace,omitempty"`
	Plots []Plot  `json:"plots,omitempty"`
}

// spend adds the cost of a part of the probe.
func (r *Report) spend(part Report) {
	r.FLOPs += part.FLOPs
	r.Pace = max(r.Pace, part.Pace)
}

type probe func(ctx context.Context, env Env, s settings) (Report, error)

var probes = map[string]probe{
	"model": facts, "sanity": sanity, "memory": memory, "lr_find": lrFind, "speed": speed, "noise": noise, "ridge": ridge, "kernel": kernel,
	"shape": shape, "components": components,
}

// ofData are the probes that look at the rows alone. They draw the same ones whatever the job's seed, which moves weights and
// the order of training: another seed shall not be another plan.
var ofData = []string{"ridge", "kernel", "shape", "components"}

// names are the probes that Run knows, sorted.
func names() []string { return slices.Sorted(maps.Keys(probes)) }

// Run measures with the probe of this name under settings, decided or provisional ones. Of one that fails, the report holds what
// its steps cost.
func Run(ctx context.Context, name string, env Env, s map[string]any) (Report, error) {
	p, ok := probes[name]
	if !ok {
		return Report{}, fmt.Errorf("unknown probe %q; known are %v", name, names())
	}
	if slices.Contains(ofData, name) {
		env.Seed = 0
	}
	report, err := p(ctx, env.withDefaults(), s)
	if err != nil {
		return Report{FLOPs: report.FLOPs}, fmt.Errorf("probe %s: %w", name, err)
	}
	return report, nil
}
