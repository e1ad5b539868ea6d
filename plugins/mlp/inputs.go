package mlp

import (
	"fmt"
	"math"

	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// inputs joins what the first layer sees: embedded numbers, one-hot columns as they are, embedded categories.
func inputs(g *nn.Graph, v model.View, s model.Settings) (*nn.Node, error) {
	var parts []*nn.Node
	for _, in := range v.Inputs {
		if in.Kind == model.Categorical {
			parts = append(parts, g.Embed(g.Codes(in.Cardinalities), plugins.Int(s, "mlp.category_size"), ""))
			continue
		}
		parts = append(parts, numeric(g, in, s)...)
	}
	switch len(parts) {
	case 0:
		return nil, fmt.Errorf("%w: the data has no columns to learn from", model.ErrInvalid)
	case 1:
		return parts[0], nil
	}
	return g.Concat(parts...), nil
}

// numeric separates the continuous columns, which are embedded, from the one-hot columns behind them.
func numeric(g *nn.Graph, in model.Input, s model.Settings) []*nn.Node {
	if in.Columns == 0 {
		return nil
	}
	x := g.Numeric(in.Columns)
	var parts []*nn.Node
	if n := plugins.Int(s, "mlp.components"); n > 0 && in.Continuous > 1 {
		parts = append(parts, embed(g, g.Components(x, in.Continuous, min(n, in.Continuous)), s))
	}
	switch {
	case in.Continuous == 0 || plugins.Choice(s, "mlp.embedding") == "none":
		return append(parts, x)
	case in.Continuous == in.Columns:
		return append(parts, embed(g, x, s))
	}
	return append(parts, embed(g, g.Columns(x, 0, in.Continuous), s), g.Columns(x, in.Continuous, in.Columns))
}

// embed embeds numbers as the settings say, which may be not at all.
func embed(g *nn.Graph, x *nn.Node, s model.Settings) *nn.Node {
	frequencies, size := plugins.Int(s, "mlp.frequencies"), plugins.Int(s, "mlp.embedding_size")
	switch plugins.Choice(s, "mlp.embedding") {
	case "none":
		return x
	case "ple":
		transform, _ := s["numeric_transform"].(string) // the trainer's setting, which decides how numbers are scaled
		bins := make([][]float32, x.Columns())
		for i := range bins {
			bins[i] = edges(frequencies, transform)
		}
		return g.PLE(x, bins, size, groupEmbedding)
	}
	return g.PBLD(x, frequencies, size, plugins.Float(s, "mlp.sigma"), groupEmbedding)
}

// edges are n+1 bin edges where the quantiles of a normal column come to lie once a transform has scaled it. They look at no
// data, so that a stored model needs none to predict.
func edges(n int, transform string) []float32 {
	scale, bound := 1.0, 4.0 // standard deviations; beyond the last inner edge of any number of bins
	bend := func(u float64) float64 { return u }
	if transform == "robust-smooth-clip" || transform == "robust-log-tails" {
		const quartile = 0.6744897501960817 // of the normal distribution: the scale is its middle half
		scale, bound = 1/(2*quartile), 3
		if transform == "robust-log-tails" {
			bound = 8
		}
		bend = func(u float64) float64 { return u / math.Sqrt(1+u*u/9) }
	}
	e := make([]float32, n+1)
	for i := range e {
		e[i] = float32(bend(scale * math.Sqrt2 * math.Erfinv(2*float64(i)/float64(n)-1)))
	}
	e[0], e[n] = float32(-bound), float32(bound) // the infinite quantiles
	return e
}
