package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tuned/trainer/metric"
	"tuned/words"
)

// maxDots is how many points a scatter plot shows.
const maxDots = 1500

// figureOf draws a chart; its lines that have names make the legend where there is more than one.
func figureOf(c chart, caption string) figure {
	f := figure{Title: c.title, SVG: c.svg(), Caption: caption}
	for _, s := range c.series {
		if s.name != "" && (len(c.series) > 1 || s.faint) {
			class := s.class()
			switch {
			case s.dots:
				class += " dots"
			case s.area:
				class += " area"
			}
			f.Legend = append(f.Legend, legend{class, s.name})
		}
	}
	return f
}

func drawn(all ...figure) []figure {
	return slices.DeleteFunc(all, func(f figure) bool { return f.SVG == "" })
}

// qualityFigures show predictions against the truth, and probabilities against how often they are right.
func (r *Run) qualityFigures() []figure {
	p := r.Predictions
	if p.Actual != nil {
		return drawn(p.scatter(r.Attempt.Target, r.Metrics.Intervals), p.residuals(r.Attempt.Target))
	}
	return drawn(p.reliability())
}

func (p *Predictions) scatter(target string, intervals *metric.Intervals) figure {
	x, y := p.thinned(func(i int) (float64, float64) { return p.Actual[i], p.Value[i] })
	low, high := slices.Min(p.Actual), slices.Max(p.Actual)
	return figureOf(chart{
		title: "Predicted and true values", xLabel: "true " + target, yLabel: "predicted", square: true,
		series: append(p.band(intervals),
			series{name: "a perfect prediction", x: []float64{low, high}, y: []float64{low, high}, faint: true},
			series{name: "a row", x: x, y: y, dots: true, colour: 1},
		),
	}, "The closer to the line, the better. Points above it were predicted too high.")
}

// residuals is how often predictions are off by how much.
func (p *Predictions) residuals(target string) figure {
	errs := make([]float64, p.Len())
	for i := range errs {
		errs[i] = p.Value[i] - p.Actual[i]
	}
	slices.Sort(errs)
	zero := 0.0
	return figureOf(chart{
		title: "How far predictions are off", xLabel: "predicted minus true " + target, yLabel: "rows",
		lowY: &zero, marks: []mark{{0, "exact"}}, series: []series{histogram(errs)},
	}, "A narrow peak around zero is good. "+leaning(errs))
}

// histogram counts ascending errors in bars, a two-hundredth of them left out at either end. An error between two bars is in the right
// one, the last bar's end in that bar.
func histogram(errs []float64) series {
	low, high := errs[len(errs)/200], errs[len(errs)-1-len(errs)/200]
	const bars = 40
	s, first := series{colour: 1}, len(errs)/200
	for k := range bars {
		from, to := low+(high-low)*float64(k)/bars, low+(high-low)*float64(k+1)/bars
		last, _ := slices.BinarySearch(errs, to)
		if k == bars-1 {
			last = len(errs) - len(errs)/200
		}
		s.x, s.y = append(s.x, from, to), append(s.y, float64(last-first), float64(last-first))
		first = last
	}
	return s
}

// fewErrors may lie to one side by chance.
const fewErrors = 20

// leaning says to which side errors lie, if most of their size is common to all.
func leaning(errs []float64) string {
	sum, squares := 0.0, 0.0
	for _, e := range errs {
		sum, squares = sum+e, squares+e*e
	}
	mean := sum / float64(len(errs))
	if len(errs) < fewErrors || mean == 0 || mean*mean*2 < squares/float64(len(errs)) {
		return "A peak beside zero would mean that the model leans to one side."
	}
	side := "high"
	if mean < 0 {
		side = "low"
	}
	return fmt.Sprintf("Here the model leans to one side: on average its predictions are %s too %s. Rows that were held out may differ from those learned from.", num(math.Abs(mean)), side)
}

func (p *Predictions) thinned(at func(int) (x, y float64)) (xs, ys []float64) {
	n := p.Len()
	for k := range min(n, maxDots) {
		x, y := at(k * n / min(n, maxDots))
		xs, ys = append(xs, x), append(ys, y)
	}
	return xs, ys
}

func (p *Predictions) reliability() figure {
	var x, y []float64
	gap, chance := 0.0, 0.0
	for _, b := range p.calibration() {
		x, y = append(x, b.said), append(y, b.was)
		part := float64(b.n) / float64(p.Len())
		gap, chance = gap+part*math.Abs(b.said-b.was), chance+part*b.chance()
	}
	if len(x) < 2 {
		return figure{}
	}
	low, one := math.Min(slices.Min(x), slices.Min(y)), 1.0
	return figureOf(chart{
		title: "Can its confidence be trusted?", xLabel: "how sure the model was", yLabel: "how often it was right",
		formatX: share, formatY: share, lowY: &low, highY: &one,
		series: []series{
			{name: "perfectly honest", x: []float64{low, 1}, y: []float64{low, 1}, faint: true},
			{name: "this model", x: x, y: y, colour: 1},
		},
	}, fmt.Sprintf("Below the line it is too sure of itself, above it too modest. On average the two differ by %s; on %s rows, chance alone has those of a perfectly honest model differ by %s.", share(gap), count(p.Len()), share(chance)))
}

// evidence shows what the probes saw, with what was concluded from it.
func (r *Run) evidence() []figure {
	var all []figure
	for _, p := range r.Plots {
		c := chart{title: p.Title, xLabel: p.XLabel, yLabel: p.YLabel, logX: p.LogX}
		for i, curve := range p.Curves {
			if len(curve.X) != len(curve.Y) {
				continue
			}
			c.series = append(c.series, series{name: curve.Name, x: curve.X, y: curve.Y, dots: curve.Name == "measured", colour: i%6 + 1})
		}
		if p.YLabel == "bytes" {
			zero := 0.0
			c.yLabel, c.bytes, c.lowY = "memory", true, &zero
			c.formatY = func(v float64) string { return words.Format(v, "bytes") }
		}
		c.marks, c.highY = r.marksOf(p), r.limitOf(p)
		all = append(all, figureOf(c, r.captionOf(p)))
	}
	return drawn(all...)
}

// marksOf are the settings that a plot led to.
func (r *Run) marksOf(p Plot) []mark {
	setting := map[string]string{"probe.lr_find": "lr", "probe.memory": "batch_size", "probe.ridge": "linear.l2"}[p.Source]
	for _, d := range r.Decisions {
		if v, ok := number(d.Value); ok && d.Setting == setting {
			return []mark{{v, setting + " = " + words.Quantity(d.Value, d.Unit)}}
		}
	}
	return nil
}

// number is a value that can be marked on an axis.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// limitOf cuts off where a range test blew up, so that what lies before can be seen.
func (r *Run) limitOf(p Plot) *float64 {
	if p.Source != "probe.lr_find" || len(p.Curves) == 0 || len(p.Curves[0].Y) == 0 {
		return nil
	}
	top := 0.0
	for _, c := range p.Curves {
		if len(c.Y) > 0 {
			top = math.Max(top, 1.3*c.Y[0])
		}
	}
	return &top
}

var captions = map[string]string{
	"probe.lr_find": "The learning rate rises from very small to very large while the loss is watched: a good rate lies where the loss falls, well before it shoots up. Each line is a repetition with other random numbers.",
	"probe.memory":  "Planned is what the model itself takes for a batch. Measured is all that its process held when it ran one, the program included, and so lies above it.",
	"probe.noise":   "How large the gradients are from step to step: what is far above is out of the ordinary.",
	"probe.sanity":  "A model that is wired correctly learns a few rows by heart quickly.",
	"probe.ridge":   "How well a plain linear model does on rows left out, by how strongly it is regularised.",
}

func (r *Run) captionOf(p Plot) string { return captions[p.Source] }

// trainingFigures are the curves of loss, learning rate and score.
func (r *Run) trainingFigures() []figure {
	t := r.Training
	steps, loss, rate := make([]float64, len(t.Progress)), make([]float64, len(t.Progress)), make([]float64, len(t.Progress))
	for i, s := range t.Progress {
		steps[i], loss[i], rate[i] = float64(s.Step), float64(s.Loss), s.LR
	}
	return drawn(
		figureOf(chart{
			title: "Loss on the training rows", xLabel: "updates", yLabel: "loss (lower is better)",
			series: []series{{x: steps, y: loss, colour: 1}},
		}, "What the training makes small. It rises where the learning rate does."),
		figureOf(chart{
			title: "Score on the validation rows", xLabel: "updates", yLabel: r.Metrics.Metric, series: r.validationSeries(),
		}, "Rows that the weights are not trained on. They tell which moment of the training, and which average of weights, is best."),
		figureOf(chart{
			title: "Learning rate", xLabel: "updates", yLabel: "learning rate", series: []series{{x: steps, y: rate, colour: 1}},
		}, "How far each update goes."),
	)
}

// validationSeries has a line for each set of weights.
func (r *Run) validationSeries() []series {
	var all []series
	for _, e := range r.Training.Evaluations {
		v, ok := e.Metrics[r.Metrics.Metric]
		if !ok {
			continue
		}
		name := weightsName(e.Weights)
		i := slices.IndexFunc(all, func(s series) bool { return s.name == name })
		if i < 0 {
			i = len(all)
			all = append(all, series{name: name, colour: i%6 + 1})
		}
		all[i].x, all[i].y = append(all[i].x, float64(e.Step)), append(all[i].y, v)
	}
	return all
}

// weightsName is a set of weights in words.
func weightsName(w string) string {
	if decay, ok := strings.CutPrefix(w, "average:"); ok {
		return "average, decay " + decay
	}
	if w == "raw" {
		return "the weights themselves"
	}
	return w
}
