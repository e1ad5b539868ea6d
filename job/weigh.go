package job

import (
	"cmp"
	"context"
	"math"
	"slices"

	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/trainer/model"
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

// What weighing columns may take, and trying values of the strongest as much again.
const (
	weighedColumns = 50
	weighedRows    = 2_000    // for each column
	weighedShare   = 0.005    // of the training's arithmetic
	weighedFLOPs   = 1e9      // a twentieth of a second, that is spent in any case
	weighedBytes   = 32 << 20 // of encoded rows
	fewestWeighed  = 50       // rows: with fewer, chance says more than the column
	weighedTwice   = 5        // times that a column is shuffled where rows are few
)

// weigh measures what each column is worth to the model, once it is exported, and what the strongest do: as for predictions, in a
// session of its own.
func (r *run) weigh(ctx context.Context) error {
	if r.options.Unweighed || r.table.Picture != nil || len(r.table.Holdout) < fewestWeighed {
		return nil
	}
	w := r.weighing()
	if len(w.features) == 0 {
		return nil
	}
	t := w.trying()
	err := r.phase("weigh", func() (flops int64, err error) {
		if err := r.show(ctx, slices.Concat(w.blocks(), t.blocks())); err != nil {
			return 0, err
		}
		return w.measure(ctx)
	})
	if err != nil || t.choose() == 0 {
		return err
	}
	return r.phase("effects", func() (int64, error) { return t.measure(ctx) })
}

// weighing is what is shuffled: some held-out rows, as they are and then each with each of some features, several times.
type weighing struct {
	run      *run
	rows     []int32
	features []int
	times    int
	outputs  []float32 // of all blocks, once they are measured
}

// affordable is how many rows the exported model may be asked about, and how many may be there to ask about.
func (r *run) affordable() (asked, there int) {
	flops := max(weighedFLOPs, int64(weighedShare*float64(r.outcome.FLOPs)))
	each := r.model.session.Info().FLOPsRowEval * int64(len(r.outcome.Members))
	return int(flops / max(1, each)), weighedBytes / (4 * max(1, r.model.view.width()))
}

// weighing chooses the columns that say most alone, and as many rows, as the limits allow.
func (r *run) weighing() *weighing {
	all := min(r.affordable())
	w := &weighing{run: r, features: r.strongest(min(weighedColumns, all/fewestWeighed-1))}
	each := min(weighedRows, all/(len(w.features)+1))
	w.rows = evenly(r.table.Holdout, each)
	w.times = min(weighedTwice, each/max(1, len(w.rows)))
	return w
}

// evenly are at most n of the rows, in their order, one from each of n parts.
func evenly(rows []int32, n int) []int32 {
	n = min(n, len(rows))
	some := make([]int32, n)
	for i := range some {
		some[i] = rows[i*len(rows)/n]
	}
	return some
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

func (w *weighing) blocks() []data.Block {
	all := []data.Block{{Rows: w.rows}}
	for _, f := range w.features {
		for range w.times {
			all = append(all, data.Block{Rows: w.rows, Feature: f, Instead: data.Shuffled(w.rows, w.run.options.Seed, len(all))})
		}
	}
	return all
}

// size is how many rows all blocks have together.
func (w *weighing) size() int { return (1 + len(w.features)*w.times) * len(w.rows) }

// measure asks the model about the blocks, which are the first that it is shown, and keeps what the columns are worth.
func (w *weighing) measure(ctx context.Context) (flops int64, err error) {
	r := w.run
	if w.outputs, flops, err = r.answers(ctx, upTo[int32](w.size())); err == nil {
		r.metrics.Columns, err = w.worths()
	}
	return flops, err
}

// block are the outputs of a block, by its number.
func (w *weighing) block(i int) []float32 {
	size := len(w.rows) * metric.Width(w.run.model.view.View)
	return w.outputs[i*size : (i+1)*size]
}

// worths compares each feature's blocks with the rows as they are, the one that is worth most first.
func (w *weighing) worths() ([]Worth, error) {
	scores, err := w.scores()
	if err != nil {
		return nil, err
	}
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
	return worths, nil
}

// scores are those of the rows as they are, and then of each feature's blocks.
func (w *weighing) scores() ([]metric.Metrics, error) {
	view := w.run.model.view.View
	all, err := metric.ReadTruth(view, w.run.model.view.dir)
	if err != nil {
		return nil, err
	}
	truth, scores := all.Rows(w.rows), make([]metric.Metrics, 1+len(w.features)*w.times)
	for i := range scores {
		if scores[i], err = metric.Evaluate(view, w.block(i), truth); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// moves is how far the outputs of a row are from where they are with a feature of another row, on average: of classes the probability
// that changes sides. Few rows tell that far better than what the feature is worth, since no truth comes into it.
func (w *weighing) moves(i int) float64 {
	sum, usual := 0.0, w.block(0)
	for k := range w.times {
		for at, v := range w.block(1 + i*w.times + k) {
			sum += math.Abs(float64(v - usual[at]))
		}
	}
	if w.run.table.Task == model.Classification {
		sum /= 2 // each is taken from one class and given to another
	}
	return sum / float64(w.times*len(w.rows))
}
