// Package trial runs one job of tuned on a data set's split, as the arms of the bench need it.
package trial

import (
	"cmp"
	"context"
	"errors"
	"math"
	"os"
	"slices"

	"tuned/bench/sets"
	"tuned/job"
	"tuned/trainer"
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// Request says what to run. All that it does not pin is left to the rules.
type Request struct {
	Data         string     `json:"data"` // folder of data sets
	Set          string     `json:"set"`
	Split        int        `json:"split"`
	Rows         int        `json:"rows"` // at most, a random part; 0: all
	Seed         int64      `json:"seed"`
	Metric       string     `json:"metric,omitempty"`       // empty: the task's usual one
	ImageSize    []int      `json:"image_size,omitempty"`   // the numbers of the table are pixels
	Architecture string     `json:"architecture,omitempty"` // empty: a rule picks it
	Pins         job.Values `json:"pins,omitempty"`
	Rules        string     `json:"rules,omitempty"`     // a file of rules that come before the built-in ones
	Unweighed    bool       `json:"unweighed,omitempty"` // as a search's trial: the score alone is asked for, not what columns are worth
	Report       bool       `json:"report,omitempty"`    // tell the validation error while it trains, and stop when told to
}

// Result is what a trial showed and cost, probes included.
type Result struct {
	Metric      string         `json:"metric"`
	Validation  metric.Metrics `json:"validation"`
	Test        metric.Metrics `json:"test"`
	TestRows    int            `json:"test_rows,omitempty"`
	FLOPs       int64          `json:"flops"`
	ProbeFLOPs  int64          `json:"probe_flops"`
	CPUSeconds  float64        `json:"cpu_s"`
	WallSeconds float64        `json:"wall_s"`
	Settings    job.Values     `json:"settings,omitempty"` // every decided one
	Rules       []string       `json:"rules,omitempty"`    // ids of those that decided, sorted
	Pruned      bool           `json:"pruned,omitempty"`
	Problem     string         `json:"problem,omitempty"` // the trial failed: why
}

// Report is told of the validation error after an epoch, and answers whether to stop.
type Report func(epoch int, value float64) (stop bool)

// errPruned is the cause with which a trial is stopped that was told to.
var errPruned = errors.New("pruned")

// Run carries a trial out in this process. A run that fails as a trial may (it diverged, its settings are impossible) is a
// Result with its Problem; an error means that nothing was measured.
func Run(ctx context.Context, r Request, report Report) (Result, error) {
	set, err := sets.Load(r.Data, r.Set)
	if err != nil {
		return Result{}, err
	}
	scratch, err := os.MkdirTemp("", "tuned-bench-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(scratch)
	j := set.Job(r.Split, r.Rows, r.Pins)
	j.Model.Architecture, j.Data.ImageSize, j.Data.Metric = r.Architecture, r.ImageSize, r.Metric
	ctx, prune := context.WithCancelCause(ctx)
	defer prune(nil)
	w := &watcher{report: report, metric: cmp.Or(r.Metric, metric.For(set.Task)[0]), prune: prune}
	result, err := job.Run(ctx, j, job.Options{
		Out: scratch + "/run", Seed: r.Seed, Rules: r.Rules, Version: "bench", Unweighed: r.Unweighed, Architectures: InProcess{}, Observe: w.observe,
	})
	return w.conclude(ctx, result, err)
}

// watcher follows a run's events.
type watcher struct {
	report  Report
	metric  string
	prune   context.CancelCauseFunc
	entries []job.Entry
	tested  int // rows of the final score
}

func (w *watcher) observe(e job.Entry) {
	switch event := e.Event.(type) {
	case job.PhaseEnded:
		w.entries = append(w.entries, e)
	case job.Evaluated:
		if event.Rows == "test" {
			w.tested = event.N
		}
	case job.Trained:
		if w.report != nil && event.Event.Kind == trainer.Evaluated && event.Event.Weights == string(model.Raw) {
			if w.report(int(math.Round(event.Event.Epoch)), Error(event.Event.Metrics, w.metric)) {
				w.prune(errPruned)
			}
		}
	}
}

// conclude turns what a run left into a result.
func (w *watcher) conclude(ctx context.Context, result *job.Result, err error) (Result, error) {
	cost := job.NewLedger(w.entries)
	out := Result{
		Metric: w.metric, FLOPs: cost.Total.FLOPs, ProbeFLOPs: cost.Probes.FLOPs,
		CPUSeconds: cost.Total.CPUSeconds, WallSeconds: cost.Total.WallSeconds,
	}
	switch {
	case err == nil:
		out.Validation, out.Test, out.TestRows = result.Metrics.Validation, result.Metrics.Test, w.tested
		out.Settings, out.Rules = job.Values(result.Plan.Settings()), rulesOf(result.Plan)
		return out, nil
	case errors.Is(context.Cause(ctx), errPruned):
		out.Pruned = true
		return out, nil
	case ctx.Err() != nil:
		return out, ctx.Err()
	}
	out.Problem = err.Error()
	return out, nil
}

func rulesOf(p *job.Plan) []string {
	var ids []string
	for _, d := range p.Decisions {
		ids = append(ids, d.Rule)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Error is a score as an error that is made small and that data sets can be averaged over: 1 - accuracy, RMSE over the
// target's standard deviation; the metric itself where it is neither. NaN where it was not measured.
func Error(m metric.Metrics, name string) float64 {
	switch name {
	case metric.RMSE:
		return math.Sqrt(max(0, 1-m.Get(metric.R2)))
	case metric.Accuracy, metric.AUC, metric.F1, metric.R2:
		return 1 - m.Get(name)
	}
	return m.Get(name)
}
