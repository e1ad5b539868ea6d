package data

import (
	"fmt"
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
