package number

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Clock is the unit of times of day and of durations, which are read as hours: "9:05", "14:30:00", "2:30 PM", "1h 30m", "45 min", a lap in
// "1:23.456", "3 days 04:05:06" as pandas writes it, "PT4M13S" by ISO 8601.
const Clock = "h:mm"

// clocks are these ways of writing; what a group is called says what it counts, and half which half of a day it is of.
var clocks = []*regexp.Regexp{
	regexp.MustCompile(`^(?P<h>\d{1,9}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d(?:\.\d+)?))?(?: ?(?P<half>[ap])\.?m\.?)?$`),
	regexp.MustCompile(`^(?:(?P<h>\d{1,9}) ?h(?:rs?|ours?)?)? ?(?:(?P<m>\d{1,9}) ?m(?:ins?|inutes?)?)? ?(?:(?P<s>\d{1,9}) ?s(?:ecs?|econds?)?)?$`),
	regexp.MustCompile(`^(?P<m>\d{1,9}):(?P<s>[0-5]\d\.\d+)$`),
	regexp.MustCompile(`^(?P<d>\d{1,9}) days?,? (?P<h>\d{1,2}):(?P<m>[0-5]\d):(?P<s>[0-5]\d(?:\.\d+)?)$`),
	regexp.MustCompile(`^p(?:(?P<d>\d{1,9})d)?(?:t(?:(?P<h>\d{1,9})h)?(?:(?P<m>\d{1,9})m)?(?:(?P<s>\d{1,9}(?:\.\d+)?)s)?)?$`),
}

// unitHours is how many hours each of them has.
var unitHours = map[string]float64{"d": 24, "h": 1, "m": 1. / 60, "s": 1. / 3600}

// hours reads a time of day or a duration, which may be negative.
func hours(cell string) (v float64, ok bool) {
	if rest, negative := unsigned(cell); negative && rest != "" && rest[0] >= '0' && rest[0] <= '9' && cell[0] != '(' {
		v, ok = hours(rest)
		return -v, ok
	}
	cell = strings.ToLower(cell)
	for _, form := range clocks {
		if parts := form.FindStringSubmatch(cell); parts != nil && strings.ContainsAny(cell, "0123456789") {
			return inHours(form, parts)
		}
	}
	return 0, false
}

// inHours adds up what the groups of a form hold, "" where they hold nothing. With a half of the day, "a" before noon or "p" after it, there
// are twelve hours.
func inHours(form *regexp.Regexp, parts []string) (v float64, ok bool) {
	half := ""
	if at := form.SubexpIndex("half"); at > 0 {
		half = parts[at]
	}
	for i, name := range form.SubexpNames() {
		n, err := strconv.ParseFloat(parts[i], 64)
		if unitHours[name] == 0 || parts[i] == "" {
			continue
		}
		if err != nil || half != "" && name == "h" && (n < 1 || n > 12) {
			return 0, false
		}
		if half != "" && name == "h" {
			n = math.Mod(n, 12)
		}
		v += n * unitHours[name]
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
