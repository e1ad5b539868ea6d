package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPeriods: weeks and quarters are dates where the job says so, or where they are many, and categories where they are not; they order the rows.
func TestPeriods(t *testing.T) {
	for _, way := range []struct{ cell, day, written string }{
		{"2020-W53", "2020-12-28", "2020-W53"},
		{"2024W05", "2024-01-29", "2024-W05"},
		{"2015-W01", "2014-12-29", "2015-W01"},
		{"2024-Q1", "2024-01-01", "2024-Q1"},
		{"2024Q4", "2024-10-01", "2024-Q4"},
		{"Q3/2023", "2023-07-01", "Q3/2023"},
		{"Q2 2023", "2023-04-01", "Q2/2023"},
	} {
		layout := layoutOf([]string{way.cell}, wantedLayouts...)
		s, ok := seconds(way.cell, layout)
		if got := dated(s, layout); !ok || day(float64(s)) != way.day || got != way.written {
			t.Errorf("%s is %s by %q, and is written %s", way.cell, day(float64(s)), layout, got)
		}
	}
	for _, none := range []string{"2021-W53", "2024-W00", "2024-W54", "2024-Q5", "Q0/2024", "W05-2024"} {
		if layout := layoutOf([]string{none}, append(wantedLayouts, layouts...)...); layout != "" {
			t.Errorf("%s is a date by %q", none, layout)
		}
	}
	table := rows("when,x,y", 80, func(i int) string { return fmt.Sprintf("%d-W%02d,%d,%c", 2022+i%2, 1+i/2, i%7, "ab"[i%3%2]) })
	if c, _ := cellsOf(t, read(t, table, Spec{Target: "y"}), "when"); c.Type != Date {
		t.Errorf("unasked, it is a %s", c.Type)
	}
	few := rows("when,x,y", 80, func(i int) string { return fmt.Sprintf("%d-Q%d,%d,%c", 2022+i%3, 1+i%4, i%7, "ab"[i%3%2]) })
	if c, _ := cellsOf(t, read(t, few, Spec{Target: "y"}), "when"); c.Type != Categorical {
		t.Errorf("a dozen quarters are a %s", c.Type)
	}
	d := read(t, table, Spec{Target: "y", Time: "when", Types: map[string]string{"when": "date"}, Holdout: 0.2})
	c, cells := cellsOf(t, d, "when")
	if c.Type != Date || c.Layout != "YYYY-Www" {
		t.Fatalf("it is a %s, %q", c.Type, c.Layout)
	}
	latest := slices.MaxFunc(d.Train, func(a, b int32) int { return strings.Compare(cells[a], cells[b]) })
	for _, row := range d.Holdout {
		if cells[row] < cells[latest] {
			t.Errorf("%s judges, and %s is learned from", cells[row], cells[latest])
		}
	}
	if _, err := time.Parse(time.DateOnly, cells[0][:10]); err != nil {
		t.Errorf("a cell is %q", cells[0])
	}
}
