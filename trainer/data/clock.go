package data

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// clock is the unit of times of day and of durations, which are read as hours: "9:05", "14:30:00", "2:30 PM", "1h 30m", "45 min".
const clock = "h:mm"

var clocks = []*regexp.Regexp{
	regexp.MustCompile(`^(\d{1,9}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?(?: ?([ap])\.?m\.?)?$`),
	regexp.MustCompile(`^(?:(\d{1,9}) ?h(?:rs?|ours?)?)? ?(?:(\d{1,9}) ?m(?:ins?|inutes?)?)? ?(?:(\d{1,9}) ?s(?:ecs?|econds?)?)?()$`),
}

// hours reads a time of day or a duration, which may be negative.
func hours(cell string) (v float64, ok bool) {
	if rest, negative := unsigned(cell); negative && rest != "" && rest[0] >= '0' && rest[0] <= '9' && cell[0] != '(' {
		v, ok = hours(rest)
		return -v, ok
	}
	cell = strings.ToLower(cell)
	for _, form := range clocks {
		if parts := form.FindStringSubmatch(cell); parts != nil && cell != "" {
			return inHours(parts[1:4], parts[4])
		}
	}
	return 0, false
}

// inHours adds up hours, minutes and seconds, "" where there are none. Half is "a" before noon, "p" after it, "" where the hours tell.
func inHours(parts []string, half string) (v float64, ok bool) {
	for i, part := range parts {
		n, err := strconv.ParseFloat(part, 64)
		if err != nil && part != "" || half != "" && i == 0 && (n < 1 || n > 12) {
			return 0, false
		}
		if half != "" && i == 0 {
			n = math.Mod(n, 12)
		}
		v += n / math.Pow(60, float64(i))
	}
	if half == "p" {
		v += 12
	}
	return v, true
}

// clockText writes hours as clocks do, below ten minutes to the second.
func clockText(v float64) string {
	if v < 0 {
		return "-" + clockText(-v)
	}
	if s := int64(math.Round(v * 3600)); s < 600 && s%60 != 0 {
		return fmt.Sprintf("0:%02d:%02d", s/60, s%60)
	}
	m := int64(math.Round(v * 60))
	return fmt.Sprintf("%d:%02d", m/60, m%60)
}
