package data

import (
	"fmt"
	"strings"
	"testing"
)

// TestPlaceholders: numbers that stand for "not known" are told of where they lie far from all others; the target's as well.
func TestPlaceholders(t *testing.T) {
	for _, tt := range []struct {
		name string
		cell func(i int) string
		want string // of each eighth cell
	}{
		{"a sensor's", func(i int) string { return []string{"-9999", fmt.Sprintf("%d.%d", i%20, i%10)}[min(1, i%8)] }, "25 of 200 cells are -9999, far from all others (0 to 19.9)"},
		{"a survey's", func(i int) string { return []string{[]string{"-8", "-9"}[i/8%2], fmt.Sprint(1 + i%5)}[min(1, i%8)] }, "25 of 200 cells are -9 or -8, far from all others (1 to 5)"},
		{"an age of 999", func(i int) string { return []string{"999", fmt.Sprint(18 + i%60)}[min(1, i%8)] }, "25 of 200 cells are 999, far from all others (18 to 77)"},
		{"prices up to 999", func(i int) string { return []string{"999", fmt.Sprint(i * 5)}[min(1, i%8)] }, ""},
		{"degrees below zero", func(i int) string { return []string{"-9", fmt.Sprint(i%20 - 8)}[min(1, i%8)] }, ""},
		{"one slip", func(i int) string { return []string{"-9999", fmt.Sprint(i % 20)}[min(1, i)] }, ""},
		{"nothing else", func(i int) string { return []string{"-9999", "3"}[min(1, i%8)] }, ""},
	} {
		d := read(t, rows("x,z,y", 200, func(i int) string { return fmt.Sprintf("%s,%d,%d", tt.cell(i), i%9, i%2) }), Spec{Target: "y"})
		if c := d.Columns[0]; c.Type != Numeric || !strings.Contains(c.Note, tt.want) || tt.want == "" && c.Note != "" {
			t.Errorf("%s: %s, %q", tt.name, c.Type, c.Note)
		}
	}
	d := read(t, rows("x,y", 200, func(i int) string {
		return []string{fmt.Sprintf("%d,-99", i%7), fmt.Sprintf("%d,%d.5", i%7, i%31)}[min(1, i%8)]
	}), Spec{Target: "y"})
	if said := strings.Join(d.Notes, " "); !strings.Contains(said, "Target y: 25 of 200 cells are -99, far from all others") {
		t.Errorf("the target: %q", said)
	}
}
