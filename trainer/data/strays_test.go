package data

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRepeatedHeaders: files that were joined repeat the names of their columns, which are no values of any column.
func TestRepeatedHeaders(t *testing.T) {
	part := func(n int) string {
		return rows("a,b,y", 40, func(i int) string { return fmt.Sprintf("%d.5,%s,%d", n+i, []string{"x", " y"}[i%2], i*i) })
	}
	d, p, _, _ := fitted(t, part(0)+part(40)+part(80), Spec{Target: "y", Holdout: 0.2}, Transforms{Numeric: Standard, OneHotMax: 9})
	if a, b := d.Columns[0], d.Columns[1]; a.Type != Numeric || !slices.Equal(b.Levels, []string{"x", "y"}) || d.Rows != 120 {
		t.Errorf("%+v, %+v, %d rows", a, b, d.Rows)
	}
	if want := "2 rows repeat the names of the columns, the first at line 42, column 1 (a): read as empty."; !slices.Contains(d.Notes, want) {
		t.Errorf("got %q", d.Notes)
	}
	r, _, err := p.ReadView(context.Background(), write(t, "new.csv", part(0)+part(40)), t.TempDir())
	if err != nil || r.Count != 81 || len(r.Notes) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestLabelsBelowTheNames: questions and units between the names of the columns and the table are no values of any column.
func TestLabelsBelowTheNames(t *testing.T) {
	head, below := "day,age,who,weight,y", rows("", 40, func(i int) string {
		return fmt.Sprintf("2024-03-%02d,%d,%s,%d.5 kg,%s", 1+i%28, 20+i, []string{"me", "you"}[i%2], 50+i*i%30, []string{"yes", "no"}[i%2])
	})[1:]
	labels := "When was that?,How old are you?,Who fills this in?,Your weight,Would you come again?\n,years,,kg,\n"
	d, p, _, _ := fitted(t, head+"\n"+labels+below, Spec{Target: "y", Holdout: 0.2}, Transforms{Numeric: Standard, OneHotMax: 9})
	types := []Type{d.Columns[0].Type, d.Columns[1].Type, d.Columns[2].Type, d.Columns[3].Type}
	if want := []Type{Date, Numeric, Categorical, Numeric}; !slices.Equal(types, want) || d.Rows != 40 || len(d.Target.Levels) != 2 {
		t.Errorf("%v, %d rows, %+v", types, d.Rows, d.Target)
	}
	want := `2 rows below the names of the columns only say more about them, such as "When was that?" at line 2, column 1 (day): read as empty.`
	if !slices.Contains(d.Notes, want) {
		t.Errorf("got %q", d.Notes)
	}
	r, _, err := p.ReadView(context.Background(), write(t, "new.csv", head+"\n"+labels+below), t.TempDir())
	if err != nil || r.Count != 42 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestFirstRowsAreNoLabels: a row with a number, or with a text that comes again, and one above a single column of numbers is a row.
func TestFirstRowsAreNoLabels(t *testing.T) {
	below := rows("", 60, func(i int) string { return fmt.Sprintf("%d,%s,%d.5,%d", i, []string{"x", "z"}[i%2], i*i%40, i*i) })[1:]
	for _, first := range []string{"7,other,unknown,9", "unknown,x,unknown,", "unknown,other,,"} {
		d := read(t, "a,b,c,y\n"+first+"\n"+below, Spec{Target: "y", Holdout: 0.2, Task: "regression"})
		if slices.ContainsFunc(d.Notes, func(n string) bool { return strings.Contains(n, "below the names") }) {
			t.Errorf("%s: %q", first, d.Notes)
		}
	}
}

// TestSumsAreTold: a row that sums up others is told of, where it begins like one and has no value in some column.
func TestSumsAreTold(t *testing.T) {
	table := rows("day,shop,y", 60, func(i int) string { return fmt.Sprintf("%s,%d,%d", []string{"Mon", "Tue", "total"}[i%3], i, i*i) })
	sum := "1 row seems to sum up others, the first at line 62, column 1 (day)."
	for end, want := range map[string]bool{"Total:,,140": true, "Total,,": true, "Totality,,140": false, "Mon,,140": false} {
		d := read(t, table+end+"\n", Spec{Target: "y", Holdout: 0.2, Task: "regression"})
		if got := slices.ContainsFunc(d.Notes, func(n string) bool { return strings.HasPrefix(n, sum) }); got != want {
			t.Errorf("%s: %q", end, d.Notes)
		}
	}
}

// TestRemarksBelow: lines of text below a table are no rows; nor is what is cut, or stands between rows, let pass.
func TestRemarksBelow(t *testing.T) {
	table := rows("a,b,c,y", 60, func(i int) string { return fmt.Sprintf("%d,%d,%d,%d", i, i*i%7, i%5, i*i) })
	spec := Spec{Target: "y", Holdout: 0.2}
	d := read(t, table+"\n* before tax\n\"Source: till, 2025\"\nSource, 2025\n", spec)
	if want := "What stands below the table is left out, from line 63 on."; d.Rows != 60 || !slices.Contains(d.Notes, want) {
		t.Errorf("%d rows, %q", d.Rows, d.Notes)
	}
	for _, end := range []string{"60,4\n", "* remark\n60,4,0,3600\n", "one,two,three\n", ",\n"} {
		if _, err := tryRead(t, table+end, spec); err == nil {
			t.Errorf("%q is read", end)
		}
	}
}

// TestSomeCellsAreNoDates: they are missing ones, and of two layouts the one that reads more is taken.
func TestSomeCellsAreNoDates(t *testing.T) {
	day := func(i int) string {
		switch {
		case i%30 == 29:
			return "unknown"
		case i%25 == 0:
			return "15/02/2024"
		}
		return fmt.Sprintf("%d/%d/2024", 1+i%12, 1+i%11)
	}
	d := read(t, rows("day,x,y", 120, func(i int) string { return fmt.Sprintf("%s,%d,%d", day(i), i%7, i*i) }), Spec{Target: "y", Holdout: 0.2})
	if c := d.Columns[0]; c.Type != Date || c.Layout != "2/1/2006" || c.Missing != 4 {
		t.Errorf("%+v", c)
	}
	if want := `Column day: 4 of 120 cells say "unknown" and count as missing.`; !slices.Contains(d.Notes, want) {
		t.Errorf("got %q", d.Notes)
	}
}
