package data

import "math"

// fewestFactors is how many columns make a design, at least.
const fewestFactors = 3

// combinations is how many rows there can be of the values that the columns have; endless of texts, of images and of one or two columns.
func (s *scanner) combinations() float64 {
	n, factors := 1.0, 0
	for _, c := range s.summaries {
		if !c.Used || c.alike() {
			continue
		}
		if c.Type == Text {
			return math.Inf(1)
		}
		values := c.Distinct
		if c.Missing > 0 {
			values++
		}
		n *= float64(values)
		factors++
	}
	if factors < fewestFactors {
		return math.Inf(1)
	}
	return n
}

// What is a full factorial design, or a part of one: the share of rows whose inputs an earlier one has, at most, since each combination is
// tried once; and the share of all combinations, at least. Of nearly all tables that tells without a look at their rows.
const (
	repeated    = 0.01
	leastDesign = 0.01
)

// factorial is the share of a full factorial design that rows of these inputs are: 0 where they are none.
func factorial(inputs []uint64, combinations float64) float64 {
	rows := float64(len(inputs))
	if rows < leastDesign*combinations {
		return 0
	}
	different := float64(distinctKeys(inputs))
	if rows-different > repeated*rows {
		return 0
	}
	return min(1, different/combinations)
}
