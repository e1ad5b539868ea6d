package data

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// layouts are the ways of writing a date that are recognised, in order of preference: a column has the first that reads all
// of its cells, or else most. Where day and month cannot be told apart, "/" reads month first and "." and "-" read day first.
var layouts = []string{
	"2006-01-02",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04:05",
	time.RFC3339,
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05 -0700 MST",
	"2006-01-02 15:04",
	"2006-01-02T15:04",
	"2006-01-02T15:04Z07:00",
	"2006/01/02",
	"2006/01/02 15:04:05",
	"2006/01/02 15:04",
	"2006.01.02",
	"2006-01",
	"1/2/2006",
	"1/2/2006 15:04:05",
	"1/2/2006 15:04",
	"1/2/2006 3:04:05 PM",
	"1/2/2006 3:04 PM",
	"2/1/2006",
	"2/1/2006 15:04:05",
	"2/1/2006 15:04",
	"2.1.2006",
	"2.1.2006 15:04:05",
	"2.1.2006 15:04",
	"2-1-2006",
	"2-1-2006 15:04:05",
	"2-1-2006 15:04",
	"1-2-2006",
	"1-2-2006 15:04:05",
	"1-2-2006 15:04",
	"1/2/06",
	"2/1/06",
	"2.1.06",
	"2 Jan 2006",
	"2-Jan-2006",
	"2-Jan-06",
	"02Jan2006",
	"Jan 2 2006",
	"Jan 2, 2006",
	"2 January 2006",
	"January 2, 2006",
	"January 2 2006",
	"Mon, 2 Jan 2006",
	"Mon, 02 Jan 2006 15:04:05 MST",
	time.ANSIC,
	"20060102T150405",
	"2006/1/2",
	"2006/1/2 15:04",
	"2006/1/2 15:04:05",
	"2006/1/2 3:04:05 PM",
	"2006/1/2 3:04:05 PM MST",
	"2006.01.02 15:04",
	"2006.01.02 15:04:05",
	"2006-1-2",
	"2006-1-2 15:04",
	"2006-1-2 15:04:05",
	"2006-01-02 15:04:05 MST",
	"2006-01-02T15:04:05-0700",
	"2006-Jan-02",
	"2006年1月2日",
	"2006. 1. 2.",
	"1/2/2006, 3:04 PM",
	"1/2/2006, 3:04:05 PM",
	"1/2/06 15:04",
	"1/2/06 15:04:05",
	"1/2/06 3:04 PM",
	"2/1/2006, 15:04",
	"2/1/2006, 15:04:05",
	"2/1/2006 3:04 PM",
	"2/1/2006 3:04:05 PM",
	"2/1/06 15:04",
	"2/1/06 15:04:05",
	"2.1.2006, 15:04",
	"2.1.2006, 15:04:05",
	"2.1.06 15:04",
	"2.1.06 15:04:05",
	"2-1-06",
	"2-1-06 15:04",
	"1-2-06",
	"1-2-06 15:04",
	"2 Jan 06",
	"2 Jan 2006 15:04",
	"2 Jan 2006 15:04:05",
	"2 Jan 2006, 15:04",
	"2-Jan-2006 15:04",
	"2-Jan-2006 15:04:05",
	"2-Jan-06 15:04",
	"2/Jan/2006",
	"2/Jan/2006:15:04:05 -0700",
	"Jan 2, 2006 15:04",
	"Jan 2, 2006 3:04 PM",
	"Jan 2, 2006, 3:04 PM",
	"Jan 2, 2006, 3:04:05 PM",
	"January 2, 2006 3:04 PM",
	"2. January 2006",
	"2. Jan 2006",
	"2 January 2006 15:04",
	"2. January 2006 15:04",
	"Monday, 2 January 2006",
	"Monday, 2. January 2006",
	"Monday, January 2, 2006",
	"Monday 2 January 2006",
	"Mon Jan 2 2006",
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Jan 2006",
	"Jan-2006",
	"Jan/2006",
	"January 2006",
	"January, 2006",
	"January-2006",
	"2006 Jan",
	"2006-Jan",
	"2006 January",
	"Jan-06",
	"Jan '06",
	"01/2006",
	"01-2006",
	"01.2006",
	"2006/01",
}

// digitLayouts are tried only where a job says that a column holds dates.
var digitLayouts = []string{"20060102", "200601", "2006", "20060102150405"}

// wantedLayouts are all that such a column may have, beside the layouts that are recognised.
var wantedLayouts = slices.Concat(digitLayouts, periodLayouts)

// noTime is not-a-time in a raw date column, as NumPy has it.
const noTime = -1 << 63

// dated writes seconds since 1970 as a layout does; "" is that of computers.
func dated(s int64, layout string) string {
	t := time.Unix(s, 0).UTC()
	if p, ok := periods[layout]; ok {
		return p.write(t)
	}
	return t.Format(cmp.Or(layout, time.DateTime))
}

// seconds reads a date as seconds since 1970; a time without a zone counts as UTC. Names of months and days may be of other languages.
func seconds(cell, layout string) (int64, bool) {
	if p, ok := periods[layout]; ok {
		return p.seconds(cell)
	}
	t, err := time.Parse(layout, cell)
	if err != nil && strings.Contains(layout, "Jan") {
		t, err = time.Parse(layout, inEnglish(cell, layout))
	}
	if err != nil {
		return 0, false
	}
	if t.Year() >= shortYears && strings.Contains(layout, "06") && !strings.Contains(layout, "2006") {
		t = t.AddDate(-100, 0, 0)
	}
	return t.Unix(), true
}

// shortYears is from when on two digits mean a year of the last century, as in Excel: "30" is 1930, which people were born in.
const shortYears = 2030

// day writes seconds as a date.
func day(s float64) string { return time.Unix(int64(s), 0).UTC().Format(time.DateOnly) }
