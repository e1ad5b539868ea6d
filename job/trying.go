package job

import (
	"cmp"
	"slices"

	"tuned/trainer/data"
	"tuned/trainer/metric"
)

// What is tried.
const (
	mostEffects = 6     // columns
	weakest     = 0.2   // of how far the strongest column moves predictions: one that moves them less is left out
	finely      = 36    // numbers of a column, where there are few, which may go up and down more often, and that leaves enough rows
	few         = 3     // columns
	mostNumbers = 12    // of a column, where that leaves enough rows
	fewNumbers  = 8     // of a column, where it does not
	mostLevels  = 8     // of a column
	rareLevel   = 0.01  // of the rows: categories of fewer are left out, but for the two commonest
	mostTried   = 100   // rows: with more, a mean is hardly more certain
	fewestTried = 20    // rows
	exampleRows = 4_000 // of the training, among which values are looked for
)

// trying is what values are tried on: some of the rows that are weighed, with each of some values of each of some features. They are
// shown behind those that are shuffled; the model is asked about the strongest columns alone, and about as many rows as it may be.
type trying struct {
	*weighing
	asked  int   // rows that the model may be asked about
	most   int   // columns
	places []int // of the rows that are shown, among those that are weighed
	values []valued
	chosen []valued
	tried  []int // of the rows that are asked about, among those that are shown
}

// valued is a feature with the values that it is given.
type valued struct {
	feature  int // of the weighing
	from     int // where its rows are among those that are shown
	examples []data.Example
}

// trying chooses values and rows as the limits allow: where they are tight there are fewer values, and then fewer columns.
func (w *weighing) trying() *trying {
	asked, there := w.run.affordable()
	t, numbers := &trying{weighing: w, asked: asked, most: min(mostEffects, len(w.features))}, mostNumbers
	switch {
	case t.most <= few && asked/(t.most*finely) >= fewestTried:
		numbers = finely
	case asked/(t.most*numbers) < fewestTried:
		numbers = fewNumbers
	}
	if t.most = min(t.most, asked/(numbers*fewestTried)); t.most > 0 {
		t.places = middles(len(w.rows), min(mostTried, max(fewestTried, there/(len(w.features)*numbers))))
		t.find(numbers, there)
	}
	return t
}

// middles are the indices in the middle of n parts of equally many.
func middles(count, n int) []int {
	n = min(n, count)
	some := make([]int, n)
	for i := range some {
		some[i] = (2*i + 1) * count / (2 * n)
	}
	return some
}

// find looks for values of the features, as many as there is room for.
func (t *trying) find(numbers, room int) {
	p := t.run.model.view.preprocess
	rows, from := evenly(t.run.model.view.fit, exampleRows), t.size()
	for i, f := range t.features {
		v := valued{i, from, t.examples(&p.Features[f], rows, numbers)}
		if from += len(v.examples) * len(t.places); from > t.size()+room {
			return
		}
		t.values = append(t.values, v)
	}
}

// examples are training rows with the values that a feature is given: of categories those that are not rare.
func (t *trying) examples(f *data.Feature, rows []int32, numbers int) []data.Example {
	if k := kindOf(f); k == Quantity || k == Moment {
		return t.run.table.Examples(f, rows, numbers)
	}
	all := t.run.table.Examples(f, rows, min(numbers, mostLevels))
	for len(all) > 2 && all[len(all)-1].Share < rareLevel {
		all = all[:len(all)-1]
	}
	return all
}

func (t *trying) blocks() (all []data.Block) {
	rows := make([]int32, len(t.places))
	for i, place := range t.places {
		rows[i] = t.rows[place]
	}
	for _, v := range t.values {
		for _, e := range v.examples {
			all = append(all, data.Block{Rows: rows, Feature: t.features[v.feature], Instead: slices.Repeat([]int32{e.Row}, len(rows))})
		}
	}
	return all
}

// choose keeps the columns that move answers most, and tells how many there are: of a model that is no better than none, none.
func (t *trying) choose() int {
	if !t.run.metrics.Learned() {
		return 0
	}
	t.chosen = t.strong()
	values := 0
	for _, v := range t.chosen {
		values += len(v.examples)
	}
	t.tried = t.alike(t.asked / max(1, values))
	return len(t.chosen)
}

// strong are the features that move answers most, the strongest first.
func (t *trying) strong() (all []valued) {
	for _, v := range t.values {
		if len(v.examples) > 1 {
			all = append(all, v)
		}
	}
	slices.SortStableFunc(all, func(a, b valued) int { return cmp.Compare(t.moves[b.feature], t.moves[a.feature]) })
	n := 0
	for n < min(t.most, len(all)) && t.moves[all[n].feature] > 0 && t.moves[all[n].feature] >= weakest*t.moves[all[0].feature] {
		n++
	}
	return all[:n]
}

// alike are n of the rows that are shown, or all, whose outputs as they are lie as those of all of them do: from the middle of n parts, in
// the order of the outputs.
func (t *trying) alike(n int) []int {
	order := upTo[int](len(t.places))
	slices.SortStableFunc(order, func(a, b int) int { return t.compare(t.places[a], t.places[b]) })
	some := middles(len(order), n)
	for i, at := range some {
		some[i] = order[at]
	}
	return some
}

// compare orders weighed rows by the value that is predicted, or by the likeliest class and how probable it is.
func (t *trying) compare(a, b int) int {
	width := metric.Width(t.run.model.view.View)
	x, y := t.block(0)[a*width:(a+1)*width], t.block(0)[b*width:(b+1)*width]
	i, k := 0, 0
	if width > 2 {
		i, k = slices.Index(x, slices.Max(x)), slices.Index(y, slices.Max(y))
	}
	return cmp.Or(cmp.Compare(i, k), cmp.Compare(x[max(i, 0)], y[max(k, 0)]))
}
