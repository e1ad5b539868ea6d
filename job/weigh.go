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

// Reliance is how much the model relies on a column: how far its answers for held-out rows move, on average, where it sees the column of
// another one of these rows instead (after Breiman 2001). For values that is in the target's unit, for classes the probability that
// goes from one class to others. Columns that say the same share it. By how much the score gets worse would say what the column is good
// for as well, but of as few rows as a small table has it says chance.
type Reliance struct {
	Column string  `json:"column"`
	Moves  float64 `json:"moves"`
}

// Moved says how far answers move without a column.
func (m Metrics) Moved(r Reliance) string {
	if m.classes() {
		return "the probability of its answers moves by " + words.Format(100*r.Moves, "") + " percentage points on average"
	}
	return "its predictions move by " + words.Value(r.Moves) + " on average"
}

// classes tells whether what is scored are classes.
func (m Metrics) classes() bool { return slices.Contains(metric.For(model.Classification), m.Metric) }

// What weighing columns may take, and trying values of the strongest as much again.
const (
	weighedColumns = 50
	weighedRows    = 1_000    // for each column
	weighedShare   = 0.005    // of the training's arithmetic
	weighedFLOPs   = 1e9      // a twentieth of a second, that is spent in any case
	weighedBytes   = 32 << 20 // of encoded rows
	fewestWeighed  = 50       // rows: with fewer, a mean of them says little
	weighedTwice   = 5        // times that a column is shuffled where rows are few
)

// weigh measures how much the model relies on each column, once it is exported, and what the strongest do: as for predictions, in a
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
	err := r.phase(PhaseWeigh, func() (flops int64, err error) {
		if err := r.show(ctx, slices.Concat(w.blocks(), t.blocks())); err != nil {
			return 0, err
		}
		return w.measure(ctx)
	})
	if err != nil || t.choose() == 0 {
		return err
	}
	return r.phase(PhaseEffects, func() (int64, error) { return t.measure(ctx) })
}

// listen tells which words of texts speak for which answer.
func (r *run) listen() error {
	p := r.model.view.preprocess
	if r.options.Unweighed || !slices.ContainsFunc(p.Features, func(f data.Feature) bool { return f.Encoding == data.Scores }) {
		return nil
	}
	return r.phase(PhaseWords, func() (int64, error) {
		r.metrics.Words = r.table.Wordings(p)
		return 0, nil
	})
}

// weighing is what is shuffled: some held-out rows, as they are and then each with each of some features, several times.
type weighing struct {
	run      *run
	rows     []int32
	features []int
	times    int
	outputs  []float32 // of all blocks, once they are measured
	moves    []float64 // by feature: how far the answers move
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
	columns, features := summariesOf(r.entries()), r.model.view.preprocess.Features
	alone := func(i int) float64 { return columns[features[i].Name].Leak }
	order := upTo[int](len(features))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(alone(b), alone(a)) })
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

// measure asks the model about the blocks, which are the first that it is shown, and keeps how much it relies on the columns.
func (w *weighing) measure(ctx context.Context) (flops int64, err error) {
	if w.outputs, flops, err = w.run.answers(ctx, upTo[int32](w.size())); err != nil {
		return flops, err
	}
	usual := predicted(w.run.model.view.View, w.block(0))
	for i := range w.features {
		w.moves = append(w.moves, w.moved(i, usual))
	}
	w.run.metrics.Columns = w.reliances()
	return flops, nil
}

// block are the outputs of a block, by its number.
func (w *weighing) block(i int) []float32 {
	size := len(w.rows) * metric.Width(w.run.model.view.View)
	return w.outputs[i*size : (i+1)*size]
}

// moved is how far answers are from the usual ones with a feature of another row, on average.
func (w *weighing) moved(i int, usual []float64) (sum float64) {
	for k := range w.times {
		for at, v := range predicted(w.run.model.view.View, w.block(1+i*w.times+k)) {
			sum += math.Abs(v - usual[at])
		}
	}
	if w.run.table.Task == model.Classification {
		sum /= 2 // each is taken from one class and given to another
	}
	return sum / float64(w.times*len(w.rows))
}

// reliances are the features by how far they move answers, the furthest first. A model that went astray has none that is defined.
func (w *weighing) reliances() (all []Reliance) {
	for i, f := range w.features {
		if moves := w.moves[i]; moves == moves && !math.IsInf(moves, 0) {
			all = append(all, Reliance{w.run.model.view.preprocess.Features[f].Name, moves})
		}
	}
	slices.SortStableFunc(all, func(a, b Reliance) int { return cmp.Compare(b.Moves, a.Moves) })
	return all
}
