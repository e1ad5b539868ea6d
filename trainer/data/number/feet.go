package number

import (
	"regexp"
	"strconv"

	"tuned/trainer/data/source"
)

// feet is the unit of heights in feet and inches, which are read as inches: `5'11"`, "5' 11.5", "6 ft 2 in", "6'".
const feet = "inches"

var height = regexp.MustCompile(`(?i)^(\d{1,3}) ?(?:['′’]|ft\.?|feet|foot) ?(?:(\d{1,2}(?:\.\d+)?) ?(?:"|″|”|''|′′|’’|in\.?|inch(?:es)?)?)?$`)

// inches reads such a cell, or a plain number of inches.
func inches(cell string) (v float64, ok bool) {
	if v, _, ok = source.Number(cell); ok {
		return v, true
	}
	parts := height.FindStringSubmatch(cell)
	if parts == nil {
		return 0, false
	}
	whole, _ := strconv.ParseFloat(parts[1], 64) // digits
	if parts[2] == "" {
		return 12 * whole, true
	}
	rest, err := strconv.ParseFloat(parts[2], 64)
	return 12*whole + rest, err == nil && rest < 12
}
