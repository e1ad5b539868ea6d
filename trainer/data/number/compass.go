package number

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"tuned/trainer/data/source"
)

// compass is the unit of latitudes and longitudes with minutes or a point of the compass, which are read as degrees: "52°31'N",
// "13° 24' 18\" E", "45.531° S". South and west are negative.
const compass = "degrees"

var coordinate = regexp.MustCompile(`(?i)^([NSEW−-])? ?(\d{1,3}(?:[.,]\d+)?) ?[°º] ?(?:(\d{1,2}(?:[.,]\d+)?) ?['′’´] ?)?(?:(\d{1,2}(?:[.,]\d+)?) ?(?:"|″|”|''|′′|’’) ?)?([NSEW])?$`)

// bearing reads such a cell, or a plain number of degrees. One with a point of the compass on both sides is none, nor is one beyond 180 degrees.
func bearing(cell string) (v float64, ok bool) {
	if v, _, ok = source.Number(cell); ok {
		return v, math.Abs(v) <= 180
	}
	parts := coordinate.FindStringSubmatch(cell)
	if parts == nil || parts[1] != "" && parts[5] != "" {
		return 0, false
	}
	for i, part := range parts[2:5] {
		n, err := strconv.ParseFloat(strings.Replace(part, ",", ".", 1), 64)
		if err != nil && part != "" || i > 0 && n >= 60 {
			return 0, false
		}
		v += n / [...]float64{1, 60, 3600}[i]
	}
	if strings.ContainsAny(strings.ToUpper(parts[1]+parts[5]), "SW-−") {
		v = -v
	}
	return v, math.Abs(v) <= 180
}
