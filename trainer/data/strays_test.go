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
