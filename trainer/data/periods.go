package data

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// period is a way of writing weeks or quarters. Each stands for its first day.
type period struct {
	cell  *regexp.Regexp // with the groups year and part
	begin func(year, part int) time.Time
	write func(t time.Time) string
}

// periods are those ways by their layouts' names. They are tried where a job says that a column holds dates, and of many
// different cells: a few quarters are categories.
var periods = map[string]period{
	"YYYY-Www": {regexp.MustCompile(`^(?P<year>\d{4})[- ]?W(?P<part>\d{2})$`), week, func(t time.Time) string {
		year, n := t.ISOWeek()
		return fmt.Sprintf("%04d-W%02d", year, n)
	}},
	"YYYY-Qq": {regexp.MustCompile(`^(?P<year>\d{4})[-/ ]?Q(?P<part>[1-4])$`), quarter, func(t time.Time) string {
		return fmt.Sprintf("%04d-Q%d", t.Year(), quarterOf(t))
	}},
	"Qq/YYYY": {regexp.MustCompile(`^Q(?P<part>[1-4])[-/ ]?(?P<year>\d{4})$`), quarter, func(t time.Time) string {
		return fmt.Sprintf("Q%d/%04d", quarterOf(t), t.Year())
	}},
}

// periodLayouts are the names in order of preference.
var periodLayouts = []string{"YYYY-Www", "YYYY-Qq", "Qq/YYYY"}

// seconds reads a period's first day as seconds since 1970.
func (p period) seconds(cell string) (int64, bool) {
	found := p.cell.FindStringSubmatch(cell)
	if found == nil {
		return 0, false
	}
	year, _ := strconv.Atoi(found[p.cell.SubexpIndex("year")]) // both are digits
	part, _ := strconv.Atoi(found[p.cell.SubexpIndex("part")])
	t := p.begin(year, part)
	return t.Unix(), !t.IsZero()
}

// week is the Monday of a week by ISO 8601; the zero time where the year has no such week.
func week(year, n int) time.Time {
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // is always in the first week
	monday := fourth.AddDate(0, 0, 7*(n-1)-(int(fourth.Weekday())+6)%7)
	if y, w := monday.ISOWeek(); y != year || w != n {
		return time.Time{}
	}
	return monday
}

func quarter(year, n int) time.Time {
	return time.Date(year, time.Month(3*n-2), 1, 0, 0, 0, 0, time.UTC)
}

func quarterOf(t time.Time) int { return int(t.Month()+2) / 3 }
