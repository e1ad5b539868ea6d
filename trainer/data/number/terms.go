package number

import (
	"regexp"
	"strconv"
	"strings"

	"tuned/trainer/data/source"
)

// terms are the units of two numbers that calendars count, the second of which is a part of the first: "1yrs 11mon", "3 years 4 months" are
// years, and "38w5d" are weeks.
const (
	termYears = "years and months"
	termWeeks = "weeks and days"
)

var (
	yearsAndMonths = regexp.MustCompile(`^(?:(\d{1,4}) ?y(?:(?:ea)?rs?)?\.?)?(?:,? ?(?:and )?(\d{1,4}) ?m(?:o|on|os|onths?)?\.?)?$`)
	weeksAndDays   = regexp.MustCompile(`^(?:(\d{1,4}) ?w(?:(?:ee)?ks?)?\.?)?(?:,? ?(?:and )?(\d{1,4}) ?d(?:ays?)?\.?)?$`)
)

func termOfYears(cell string) (v float64, ok bool) { return inTerms(yearsAndMonths, cell, 12) }

func termOfWeeks(cell string) (v float64, ok bool) { return inTerms(weeksAndDays, cell, 7) }

// inTerms adds up the two numbers of a cell; so many of the second are one of the first. A plain number is one of the first.
func inTerms(form *regexp.Regexp, cell string, parts float64) (v float64, ok bool) {
	if v, _, ok = source.Number(cell); ok {
		return v, true
	}
	found := form.FindStringSubmatch(strings.ToLower(cell))
	if found == nil || found[1] == "" && found[2] == "" {
		return 0, false
	}
	whole, _ := strconv.ParseFloat(found[1], 64) // digits, or nothing, which is 0
	part, _ := strconv.ParseFloat(found[2], 64)
	return whole + part/parts, true
}
