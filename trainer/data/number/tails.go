package number

import (
	"regexp"

	"tuned/trainer/data/source"
)

// counted is a number with something behind it that is no unit known here: "58.16 bhp", "1,204 ratings", "4.1/5", "7 out of 10".
var counted = regexp.MustCompile(`^[^\pL\d]{0,3}\d(?:[\d.,'’ \x{a0}]*\d)?( ?/ ?\d+| (?:out )?of \d+|\pL\pL[\pL/²³.]*| \pL[\pL /²³.]*\pL)$`)

// tailIn is what stands behind the numbers of nearly all cells, of which one may lack the s of several; "" where there is no such thing.
func tailIn(cells []string) string {
	tail, others := "", len(cells)-NearlyAll(len(cells))
	for _, cell := range cells {
		other := tailOf(cell)
		switch {
		case other != "" && (tail == "" || other == tail+"s"):
			tail = other
		case other == "" || other != tail && other+"s" != tail:
			if others--; others < 0 {
				return ""
			}
		}
	}
	return tail
}

func tailOf(cell string) string {
	m := counted.FindStringSubmatch(cell)
	if m == nil {
		return ""
	}
	return source.Trim(m[1])
}
