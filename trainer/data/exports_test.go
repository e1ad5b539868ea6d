package data

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// TestErrorsOfSpreadsheets: what a spreadsheet could not work out is missing in a CSV, too; other texts that begin with # are not.
func TestErrorsOfSpreadsheets(t *testing.T) {
	for _, fault := range []string{"#DIV/0!", "#N/A", "#VALUE!", "#NV", "#WERT!", "#N/D", "#REF!"} {
		d := read(t, rows("x,z,y", 200, func(i int) string {
			if i%8 == 3 {
				return fmt.Sprintf("%s,%d,%d", fault, i%9, i%2)
			}
			return fmt.Sprintf("%d.5,%d,%d", i*7919%9001, i%9, i%2)
		}), Spec{Target: "y"})
		if c := d.Columns[0]; c.Type != Numeric || c.Missing != 25 || c.Note != "" {
			t.Errorf("%s: %s, %d missing, %q", fault, c.Type, c.Missing, c.Note)
		}
	}
	d := read(t, rows("x,z,y", 200, func(i int) string { return fmt.Sprintf("#%c,%d,%d", "abc"[i%3], i%9, i%2) }), Spec{Target: "y"})
	if c := d.Columns[0]; c.Type != Categorical || len(c.Levels) != 3 || c.Missing > 0 {
		t.Errorf("tags are %s, %q, %d missing", c.Type, c.Levels, c.Missing)
	}
}

// TestCodesAsFormulas: programs write ="0815" so that Excel leaves codes what they are; with or without quotes around it, that is the text 0815.
func TestCodesAsFormulas(t *testing.T) {
	for _, form := range []string{`="%04d"`, `"=""%04d"""`} {
		d := read(t, rows(`="plant";stock;y`, 100, func(i int) string { return fmt.Sprintf(form+";%d;%d", 100+i%5, i%9, i%2) }), Spec{Target: "y"})
		if c := d.Columns[0]; c.Name != "plant" || c.Type != Categorical || strings.Join(c.Levels, " ") != "0100 0101 0102 0103 0104" {
			t.Errorf("%s: %q is %s, %q", form, c.Name, c.Type, c.Levels)
		}
	}
}

// TestValuesWithTheirErrors: of a value and how sure it is, in one cell, a note tells what would make numbers of them.
func TestValuesWithTheirErrors(t *testing.T) {
	d := read(t, rows("x,z,y", 200, func(i int) string { return fmt.Sprintf("%d.5 ± 0.%d,%d,%d", i*7919%9001, i%10, i%9, i%2) }), Spec{Target: "y"})
	if c := d.Columns[0]; !strings.Contains(c.Note, "its cells hold two numbers each") {
		t.Errorf("%s: %q", c.Type, c.Note)
	}
}

// TestRatios: 1:5 and 1:30 are no times of day, and no hint says that most of them are numbers.
func TestRatios(t *testing.T) {
	d := read(t, rows("x,z,y", 300, func(i int) string { return fmt.Sprintf("1:%d,%d,%d", 1+i*7%60, i%9, i%2) }), Spec{Target: "y"})
	if c := d.Columns[0]; c.Type != Categorical || c.Note != "" {
		t.Errorf("%s: %q", c.Type, c.Note)
	}
}

// TestThousandsWithDots: between semicolons, 1.234 beside 900 is a thousand and more; of measurements to three decimals it is not.
func TestThousandsWithDots(t *testing.T) {
	grouped := func(n int) string {
		if n < 1000 {
			return fmt.Sprint(n)
		}
		return fmt.Sprintf("%d.%03d", n/1000, n%1000)
	}
	for _, tt := range []struct {
		name, between string
		cell          func(i int) string
		high          float64
	}{
		{"inhabitants", ";", func(i int) string { return grouped(i * 37) }, 7363},
		{"with a sign", ";", func(i int) string { return "-" + grouped(i*37+1) }, -1},
		{"three decimals", ";", func(i int) string { return fmt.Sprintf("%.3f", float64(i)*0.037) }, 7.363},
		{"decimals and whole numbers", ";", func(i int) string { return fmt.Sprint(float64(i) / 8) }, 24.875},
		{"some beyond a thousand without a dot", ";", func(i int) string { return []string{"1.234", "900", "2500"}[i%3] }, 2500},
		{"between commas", ",", func(i int) string { return grouped(i * 37) }, 999},
	} {
		d := read(t, rows("x"+tt.between+"y", 200, func(i int) string { return fmt.Sprintf("%s%s%d", tt.cell(i), tt.between, i%2) }), Spec{Target: "y"})
		c, numbers, high := d.Columns[0], d.raw.numbers(0), math.Inf(-1)
		for _, v := range numbers {
			high = max(high, c.Center+float64(v))
		}
		if c.Type != Numeric || math.Abs(high-tt.high) > 1e-3 {
			t.Errorf("%s: %s up to %v, %q", tt.name, c.Type, high, c.Note)
		}
		if said := strings.Contains(c.Note, "read as numbers"); said != (high == 7363 || high == -1) {
			t.Errorf("%s: %q", tt.name, c.Note)
		}
	}
}
