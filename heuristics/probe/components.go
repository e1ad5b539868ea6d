package probe

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"tuned/heuristics"
)

// The first principal component is looked for on so many rows, by so many rounds of the power method: where it holds three quarters of
// the variance, each round leaves a ninth of what is missing.
const (
	componentsRows   = 512
	componentsRounds = 24
)

// components finds what the columns of numbers have in common: components.first is the share of their variance, each column's being 1,
// that their first principal component holds. Near 1, all columns say nearly the same, as the wavelengths of a spectrum do, and what
// they differ by is small beside it. Of fewer than two columns that vary it is 0.
func components(_ context.Context, e Env, _ settings) (Report, error) {
	nothing := Report{Facts: heuristics.Facts{"components.first": 0.0}}
	e.View.Inputs = numeric(e.View.Inputs)
	if len(e.View.Inputs) == 0 || e.View.Inputs[0].Continuous < 2 {
		return nothing, nil
	}
	data, err := e.rows(sample(e.Train, componentsRows, e.Seed, streamRows))
	if err != nil {
		return Report{}, err
	}
	x := designOf(e.View.Inputs, data).matrix()
	x = mat.DenseCopyOf(x.Slice(0, data.Rows, 0, e.View.Inputs[0].Continuous)) // one-hot columns stand behind
	scaled := standardise(x)
	if scaled < 2 {
		return nothing, nil
	}
	rows, columns := x.Dims()
	first := firstVariance(x) / float64(scaled)
	return Report{Facts: heuristics.Facts{"components.first": first}, FLOPs: int64(rows*columns) * (4*componentsRounds + 6)}, nil
}

// standardise brings centred columns to a variance of 1, and returns how many vary; the others are 0.
func standardise(x *mat.Dense) (varying int) {
	rows, columns := x.Dims()
	for j := range columns {
		column := x.ColView(j)
		deviation := mat.Norm(column, 2) / math.Sqrt(float64(rows))
		if deviation < 1e-6 {
			deviation = math.Inf(1)
		} else {
			varying++
		}
		for i := range rows {
			x.Set(i, j, x.At(i, j)/deviation)
		}
	}
	return varying
}

// firstVariance is that of the first principal component of centred columns, found from the row that is furthest out.
func firstVariance(x *mat.Dense) (variance float64) {
	rows, columns := x.Dims()
	furthest := 0
	for i := range rows {
		if mat.Norm(x.RowView(i), 2) > mat.Norm(x.RowView(furthest), 2) {
			furthest = i
		}
	}
	direction, along := mat.NewVecDense(columns, nil), mat.NewVecDense(rows, nil)
	direction.CopyVec(x.RowView(furthest))
	for range componentsRounds {
		direction.ScaleVec(1/mat.Norm(direction, 2), direction)
		along.MulVec(x, direction)
		direction.MulVec(x.T(), along)
		variance = mat.Norm(direction, 2) / float64(rows)
	}
	return variance
}
