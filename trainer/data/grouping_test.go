package data

import (
	"fmt"
	"testing"

	"tuned/trainer/data/random"
)

// TestGroupsAreFound: a column that numbers whom several rows are about is named, unless it says nothing, or the job keeps groups together.
func TestGroupsAreFound(t *testing.T) {
	names := func(i int) string { return fmt.Sprintf("P%03d", i) }
	numbers := func(i int) string { return fmt.Sprint(20_000 + 7*i) }
	for _, c := range []struct {
		what, column string
		write        func(group int) string
		per, each    int // rows of a group; rows of a target
		spec         Spec
		want         bool
	}{
		{"names", "patient_id", names, 8, 8, Spec{}, true},
		{"numbers", "patient_id", numbers, 8, 8, Spec{}, true},
		{"values", "Kundennr", names, 8, 8, Spec{Task: "regression"}, true},
		{"two rows each", "Customer No.", names, 2, 2, Spec{}, true},
		{"whom they name", "Patient", names, 8, 8, Spec{}, true},
		{"other targets", "patient_id", names, 8, 1, Spec{}, false},
		{"another name", "town", names, 8, 8, Spec{}, false},
		{"few", "shop_id", names, 30, 30, Spec{}, false},
		{"a group", "patient_id", names, 8, 8, Spec{Group: "patient_id"}, false},
		{"ignored", "patient_id", names, 8, 8, Spec{Ignore: []string{"patient_id"}}, false},
		{"nothing held out", "patient_id", names, 8, 8, Spec{Holdout: -1}, false},
	} {
		text := rows("x,"+c.column+",y", 400, func(i int) string {
			return fmt.Sprintf("%d.5,%s,%d", i, c.write(i/c.per), random.New(3, 97, 0).Below(uint64(i/c.each), 2))
		})
		spec, want := c.spec, ""
		if spec.Target, spec.Holdout = "y", 0.2+spec.Holdout; spec.Holdout < 0 {
			spec.Holdout = 0
		}
		if c.want {
			want = c.column
		}
		if got := must(read(t, text, spec).Scan(t.Context())).Facts["data.group_like"]; got != want {
			t.Errorf("%s: %q", c.what, got)
		}
	}
}
