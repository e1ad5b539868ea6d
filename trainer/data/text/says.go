package text

import "math"

// chance is how many standard errors above nothing a covariance has to be: by chance alone one in 740 is. What is missed explains less than
// a hundredth of 1,000 rows' targets; a few columns of noise cost more than that.
const chance = 3

// Says reports whether the texts say anything about the target: whether scores of rows that were not learned from and the rows' targets go
// together by more than chance alone explains. The scores of texts that say nothing are noise, which a model would learn by heart.
func (m *Model) Says() bool { return m.says }

// saying tells whether the rows' own scores go together with their targets. How large scores are does not matter, since a model scales them.
// Rows of equal keys, which have like texts or belong together, are one witness.
func (m *Model) saying(rows, keys []int32, y Target) bool {
	scores, targets := m.means(rows, y)
	type witness struct{ together, rows float64 }
	var witnesses []witness
	places, sum := map[int32]int{}, 0.0
	for _, row := range rows {
		at, ok := places[keys[row]]
		if !ok {
			at = len(witnesses)
			places[keys[row]], witnesses = at, append(witnesses, witness{})
		}
		for o := range scores {
			witnesses[at].together += (float64(m.Own(row, o)) - scores[o]) * (float64(y.at(row, o)) - targets[o])
		}
		witnesses[at].rows++
	}
	for _, w := range witnesses {
		sum += w.together
	}
	mean, squares := sum/float64(len(rows)), 0.0
	for _, w := range witnesses {
		off := w.together - w.rows*mean
		squares += off * off
	}
	return sum > chance*math.Sqrt(squares)
}

// means are those of the rows' own scores and of their targets, by output.
func (m *Model) means(rows []int32, y Target) (scores, targets []float64) {
	scores, targets = make([]float64, m.Outputs()), make([]float64, m.Outputs())
	for _, row := range rows {
		for o := range scores {
			scores[o] += float64(m.Own(row, o)) / float64(len(rows))
			targets[o] += float64(y.at(row, o)) / float64(len(rows))
		}
	}
	return scores, targets
}
