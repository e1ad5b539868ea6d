package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/trainer/model"
	"tuned/trainer/npy"
	"tuned/words"
)

// Worth is what knowing a column is worth to the model: by how much the score of the held-out rows, by what the job is judged by, gets
// worse where the model sees the column of another one of these rows instead (Breiman 2001). Columns that say the same share it.
type Worth struct {
	Column string  `json:"column"`
	Worse  float64 `json:"worse"`
}

// Lost says what would be lost without knowing a column, in the words of what the job is judged by.
func (m Metrics) Lost(w Worth) string {
	switch {
	case w.Worse <= 0:
		return "nothing would be lost"
	case words.AboutZero(m.Metric, w.Worse):
		return "next to nothing would be lost"
	case m.Metric == metric.Accuracy:
		return words.Format(100*w.Worse, "") + " more of 100 answers would be wrong"
	case metric.HigherIsBetter(m.Metric):
		return words.Metric(m.Metric) + " would be lower by " + words.Format(w.Worse, "")
	}
	return words.Metric(m.Metric) + " would be higher by " + words.Format(w.Worse, "")
}

// What weighing columns may take.
const (
	weighedColumns = 50
	weighedRows    = 2_000    // for each column
	weighedShare   = 0.01     // of the training's arithmetic
	weighedFLOPs   = 2e9      // a tenth of a second, that is spent in any case
	weighedBytes   = 64 << 20 // of encoded rows
	fewestWeighed  = 50       // rows: with fewer, chance says more than the column
	weighedTwice   = 5        // times that a column is shuffled where rows are few
)

// weigh measures what each column is worth to the model, once it is exported: as for predictions, in a session of its own.
func (r *run) weigh(ctx context.Context) error {
	if r.options.Unweighed || r.table.Picture != nil || len(r.table.Holdout) < fewestWeighed {
		return nil
	}
	w := r.weighing()
	if len(w.features) == 0 {
		return nil
	}
	return r.phase("weigh", func() (flops int64, err error) {
		outputs, flops, err := w.outputs(ctx)
		if err == nil {
			r.metrics.Columns, err = w.worths(outputs)
		}
		return flops, err
	})
}

// weighing is what is shuffled: some held-out rows, as they are and then with each of some features, several times.
type weighing struct {
	run      *run
	rows     []int32
	features []int
	times    int
}

// weighing chooses the columns that say most alone, and as many rows, as the limits allow.
func (r *run) weighing() weighing {
	info := r.model.session.Info()
	flops := max(weighedFLOPs, int64(weighedShare*float64(r.outcome.FLOPs)))
	all := flops / max(1, info.FLOPsRowEval*int64(len(r.outcome.Members)))
	all = min(all, weighedBytes/int64(4*max(1, r.model.view.width())))
	w := weighing{run: r, features: r.strongest(min(weighedColumns, int(all/fewestWeighed)-1))}
	each := min(weighedRows, int(all)/(len(w.features)+1))
	n := min(each, len(r.table.Holdout))
	for i := range n {
		w.rows = append(w.rows, r.table.Holdout[i*len(r.table.Holdout)/n])
	}
	w.times = min(weighedTwice, each/n)
	return w
}

// strongest are at most n of the features, as indices: those whose columns say most about the target alone.
func (r *run) strongest(n int) []int {
	alone := map[string]float64{}
	for _, entry := range r.entries() {
		if e, ok := entry.Event.(Columns); ok {
			for _, c := range e.Columns {
				alone[c.Name] = c.Leak
			}
		}
	}
	features := r.model.view.preprocess.Features
	order := make([]int, len(features))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(alone[features[b].Name], alone[features[a].Name]) })
	return order[:max(0, min(n, len(order)))]
}

// width is how many columns a row of the view has.
func (v view) width() (n int) {
	for _, in := range v.Inputs {
		n += in.Columns
	}
	return n
}

func (w weighing) blocks() []data.Block {
	all := []data.Block{{Rows: w.rows}}
	for _, f := range w.features {
		for range w.times {
			all = append(all, data.Block{Rows: w.rows, Feature: f, Instead: data.Shuffled(w.rows, w.run.options.Seed, len(all))})
		}
	}
	return all
}

// outputs are what the exported model says of all blocks.
func (w weighing) outputs(ctx context.Context) (outputs []float32, flops int64, err error) {
	r := w.run
	dir := r.dir.File(filepath.Join(workDir, "weigh"))
	v, err := r.table.Blocks(r.model.view.preprocess, r.model.view.dir, r.model.view.View, w.blocks(), dir)
	if err != nil {
		return nil, 0, err
	}
	if err := r.reopen(ctx, dir); err != nil {
		return nil, 0, err
	}
	results, err := r.model.session.Submit(ctx, model.Evaluate{Weights: r.outcome.Members, Out: filepath.Join(dir, "outputs.npy")}).Wait(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("weigh the columns: %w", err)
	}
	outputs, err = npy.Read[float32](results[0].Path, v.Rows*metric.Width(v))
	return outputs, results[0].FLOPs, err
}

// reopen opens the exported model on another view. The one that was trained makes room for it first: there is memory for one.
func (r *run) reopen(ctx context.Context, view string) (err error) {
	if err := r.closeModel(); err != nil {
		return err
	}
	r.model.session, r.model.process, err = r.session(ctx, r.manifest.Name, model.OpenRequest{
		View: view, Settings: r.model.settings, Seed: r.options.Seed, MaxBatch: int(integerOf(r.model.settings, "batch_size")),
	})
	if err != nil {
		return err
	}
	weights := r.record.Model.Weights
	weights.Path = absolute(r.dir.File(weights.Path))
	if err := r.model.session.Load(ctx, weights); err != nil {
		return fmt.Errorf("load the weights: %w", err)
	}
	return nil
}

// closeModel ends the session of the model and its process.
func (r *run) closeModel() error {
	err := errors.Join(r.model.session.Close(), r.model.process.Close())
	r.live = slices.DeleteFunc(r.live, func(a Architecture) bool { return a == r.model.process })
	r.model.session, r.model.process = nil, nil
	return err
}

// worths compares each feature's blocks with the rows as they are, the one that is worth most first.
func (w weighing) worths(outputs []float32) ([]Worth, error) {
	view := w.run.model.view.View
	if view.Task == model.Classification {
		metric.ApplyTemperature(outputs, metric.Width(view), w.run.outcome.Temperature)
	}
	all, err := metric.ReadTruth(view, w.run.model.view.dir)
	if err != nil {
		return nil, err
	}
	truth, size := all.Rows(w.rows), len(w.rows)*metric.Width(view)
	scores := make([]metric.Metrics, len(outputs)/size)
	for i := range scores {
		if scores[i], err = metric.Evaluate(view, outputs[i*size:(i+1)*size], truth); err != nil {
			return nil, err
		}
	}
	return w.ranked(scores), nil
}

// ranked takes the scores of the rows as they are, and then of each feature's blocks.
func (w weighing) ranked(scores []metric.Metrics) []Worth {
	var worths []Worth
	for i, f := range w.features {
		worse := 0.0
		for _, m := range scores[1+i*w.times : 1+(i+1)*w.times] {
			worse += metric.Gain(w.run.metric(), scores[0], m) / float64(w.times)
		}
		if worse == worse { // it is defined
			worths = append(worths, Worth{w.run.model.view.preprocess.Features[f].Name, worse})
		}
	}
	slices.SortStableFunc(worths, func(a, b Worth) int { return cmp.Compare(b.Worse, a.Worse) })
	return worths
}
