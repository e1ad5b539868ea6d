package report

import (
	"slices"

	"tuned/trainer/metric"
)

// band is where nine of ten true values lie, at the height of what was predicted; nothing where that is not known. It is drawn no
// further to the sides than there are rows.
func (p *Predictions) band(v *metric.Intervals) []series {
	if !v.Known() {
		return nil
	}
	least, most := min(slices.Min(p.Actual), slices.Min(p.Value)), max(slices.Max(p.Actual), slices.Max(p.Value))
	heights := slices.Concat([]float64{slices.Min(p.Value)}, v.Cuts, []float64{slices.Max(p.Value)})
	var left, right series
	for i, s := range v.Groups {
		left.beside(heights[i], heights[i+1], -s.Below, least, most)
		right.beside(heights[i], heights[i+1], s.Above, least, most)
	}
	slices.Reverse(right.x)
	slices.Reverse(right.y)
	return []series{{
		name: "nine of ten true values", x: slices.Concat(left.x, right.x), y: slices.Concat(left.y, right.y), area: true, colour: 1,
	}}
}

// beside goes on with a line beside the diagonal, between two heights, that bends where it meets a side of the chart.
func (s *series) beside(from, to, shift, least, most float64) {
	for _, y := range []float64{from, least - shift, most - shift, to} {
		if from <= y && y <= to {
			s.x, s.y = append(s.x, min(max(y+shift, least), most)), append(s.y, y)
		}
	}
}
