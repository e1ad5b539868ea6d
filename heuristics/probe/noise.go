package probe

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// Parameters of the noise probe.
const (
	noiseBatches = 8
	noiseParts   = 8    // into which each batch is cut
	noiseShare   = 0.01 // of the planned run's steps that are trained before measuring
	noiseLeast   = 16
	noiseMost    = 100
	noiseWarmup  = 10 // steps over which the rate rises
)

// noise measures how much gradients of different rows disagree, after a short training at the given rate: at
// initialisation they agree more than they ever will again.
func noise(ctx context.Context, e Env, s settings) (Report, error) {
	lr, err := s.rate()
	if err != nil {
		return Report{}, err
	}
	if len(e.Train) < 2 {
		return Report{}, fmt.Errorf("%w: it compares gradients of different rows, and there is one", model.ErrInvalid)
	}
	batch, parts := inParts(s.batch(e), len(e.Train))
	var norms []float64
	var g gradients
	report, err := e.borrow(ctx, s, max(batch, s.batch(e)), e.Seed, func(b *bench) (err error) {
		if norms, err = warm(b, e, s, lr); err == nil {
			g, err = measure(b, e, s, batch, parts)
		}
		return err
	})
	if err != nil {
		return report, err
	}
	norms = append(norms, g.norms...)
	report.Plots, report.Facts = []Plot{normPlot(norms)}, heuristics.Facts{
		"noise.scale":         min(scale(g.small, g.big, float64(batch/parts), float64(batch)), float64(len(e.Train))),
		"noise.grad_norm_p50": percentile(norms, 0.5), "noise.grad_norm_p90": percentile(norms, 0.9),
	}
	return report, nil
}

// inParts is a batch of about so many of the rows, and of how many equal parts it is.
func inParts(wanted, rows int) (batch, parts int) {
	batch = max(wanted/noiseParts, 1) * noiseParts
	if batch > rows {
		batch = rows / 2 * 2
	}
	parts = min(noiseParts, batch)
	if batch%parts != 0 {
		parts = 2
	}
	return batch, parts
}

// warm trains for a small share of the run and returns the gradient norms on the way.
func warm(b *bench, e Env, s settings, lr float64) ([]float64, error) {
	steps := int(clamp(noiseShare*s.steps(e), noiseLeast, noiseMost))
	var ops []model.Op
	for i := range steps {
		ops = append(ops, s.step(e.nextBatch(s.batch(e), e.Seed, i), lr*min(1, float64(i+1)/noiseWarmup)))
	}
	var norms []float64
	for piece := range slices.Chunk(ops, 10) {
		results, err := b.do(piece...)
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			if r.Finite {
				norms = append(norms, r.GradNorm)
			}
		}
	}
	return norms, nil
}

// gradients are squared norms of mean gradients: over small batches, the mean of several, and over the batch that they make up.
type gradients struct {
	small, big []float64
	norms      []float64
}

// measure takes gradients without moving the weights. Dropout is off: its noise is not the data's.
func measure(b *bench, e Env, s settings, batch, parts int) (gradients, error) {
	var g gradients
	for i := range noiseBatches {
		op := s.step(e.nextBatch(batch, e.Seed, noiseMost+i), 0)
		op.Dropout, op.NoUpdate, op.Parts = 0, true, parts
		r, err := b.one(op)
		if err != nil {
			return g, err
		}
		if !r.Finite || len(r.PartNorms) == 0 {
			continue
		}
		mean := 0.0
		for _, n := range r.PartNorms {
			mean += n / float64(len(r.PartNorms))
		}
		g.small, g.big, g.norms = append(g.small, mean), append(g.big, r.GradNorm*r.GradNorm), append(g.norms, r.GradNorm)
	}
	return g, nil
}

// scale is the gradient noise scale in samples (arXiv:1812.06162): small and big are squared norms of gradients over
// batches of sizes b and B. The noise S and the squared gradient |G|² are averaged separately, and then divided. It is
// infinite when no gradient can be told from the noise.
func scale(small, big []float64, b, B float64) float64 {
	noise, signal := 0.0, 0.0
	for i := range small {
		noise += (small[i] - big[i]) / (1/b - 1/B)
		signal += (B*big[i] - b*small[i]) / (B - b)
	}
	if signal <= 0 {
		return math.Inf(1)
	}
	return max(0, noise/signal)
}

// percentile is the smallest value that a share q of the values does not exceed; 0 where no step had a finite gradient.
func percentile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return stat.Quantile(q, stat.Empirical, slices.Sorted(slices.Values(values)), nil)
}

func normPlot(norms []float64) Plot {
	c := Curve{Name: "gradient norm", Y: norms}
	for i := range norms {
		c.X = append(c.X, float64(i+1))
	}
	return Plot{Title: "Gradient norms", XLabel: "step", YLabel: "norm", Curves: []Curve{c.finite()}}
}
