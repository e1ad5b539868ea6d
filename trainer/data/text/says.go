package text

import "math"

// chance is how many standard errors above nothing a covariance has to be: by chance alone one in 740 is. What is missed explains less than
// a hundredth of 1,000 rows' targets; a few columns of noise cost more than that.
const chance = 3

// Says reports whether the texts say anything about the target: whether scores of rows that were not learned from and the rows' targets go
// together by more than chance alone explains. The scores of texts that say nothing are noise, which a model would learn by heart.
func (m *Model) Says() bool { return m.says }

// saying tells whether the rows' own scores go together with their targets. How large scores are does not matter, since a model scales them.
func (m *Model) saying(rows []int32, y Target) bool {
	scores, targets := m.means(rows, y)
	var sum, squares float64
	for _, row := range rows {
		together := 0.0
		for o := range scores {
			together += (float64(m.Own(row, o)) - scores[o]) * (float64(y.at(row, o)) - targets[o])
		}
		sum, squares = sum+together, squares+together*together
	}
	n := float64(len(rows))
	mean := sum / n
	return mean > chance*math.Sqrt(max(0, squares/n-mean*mean)/n)
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
