package data

import (
	"regexp"

	"tuned/trainer/model"
)

// A column stands for groups of rows where it is named as what numbers people or things is, some value has several rows, and rows of one
// value have like targets. Of few values, all are known, and nothing new is to come.
const (
	groupsLeast  = 20     // different values, more than these
	groupsMost   = 20_000 // of a number of groups times classes: beyond it takes too long
	groupRows    = 1.2    // rows of a value, on average
	groupsTell   = 0.65   // AUC
	groupsTellOf = 0.1    // R²
)

// groupName are names of what numbers people or things, beside those of IDs.
var groupName = regexp.MustCompile(`(?i)(nr|number|nummer|mrn)\.?$|[_ .-]no\.?$|(?-i:[a-z]No$)|` +
	`^(patient|customer|client|user|student|pupil|subject|participant|person|employee|member|household|animal|device|sensor|machine|plot|kunde)$`)

// groupLike names the column that stands for groups of which rows are on both sides of a random split; "" where there is none, or the
// job splits in another way.
func (s *scanner) groupLike() (name string) {
	d, most := s.data, groupsTell
	if d.Task == model.Regression {
		most = groupsTellOf
	}
	if d.Spec.Group != "" || d.Spec.Time != "" || d.Spec.SplitColumn != "" || len(d.Holdout) == 0 {
		return ""
	}
	for i, c := range d.Columns {
		if !idName.MatchString(c.Name) && !groupName.MatchString(c.Name) || c.Note == Ignored {
			continue
		}
		if score := s.leak.score(s.sameValue(i)); score > most {
			name, most = c.Name, score
		}
	}
	return name
}

// sameValue bins a column by its values; there are no bins where these are no groups.
func (s *scanner) sameValue(i int) binning {
	bins, b, rows := map[float64]int32{}, binning{of: make([]int32, s.data.Rows)}, 0
	for _, row := range s.train {
		v, ok := s.valueOf(i, row)
		if !ok {
			continue
		}
		if bins[v] == 0 {
			bins[v] = int32(len(bins)) + 1
		}
		b.of[row] = bins[v]
		rows++
	}
	if n := len(bins); n > groupsLeast && n*len(s.leak.means) <= groupsMost && float64(rows) >= groupRows*float64(n) {
		b.bins = n + 1
	}
	return b
}

// valueOf is what tells a cell of a column from others; false where it is missing, or holds a fraction.
func (s *scanner) valueOf(i int, row int32) (v float64, ok bool) {
	raw := s.data.raw
	if codes := raw.codes(i); codes != nil {
		return float64(codes[row]), codes[row] != 0
	}
	if !s.data.Columns[i].Integers {
		return 0, false
	}
	v = float64(raw.numbers(i)[row])
	return v, v == v
}
