package data

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"tuned/trainer/model"
)

// A block differs from its rows in the columns of one feature alone, and in all of them: scaled, flags, one-hot, calendar, codes.
func TestABlockKnowsOneFeatureOfOtherRows(t *testing.T) {
	text := rows("n,c,when,many,y", 300, func(i int) string {
		number := fmt.Sprint(i * i % 97)
		if i%5 == 0 {
			number = ""
		}
		return fmt.Sprintf("%s,%s,20%02d-%02d-11,m%d,%d", number, []string{"r", "g", "b"}[i%3], 10+i%9, 1+i%12, i%20, i%2)
	})
	d, p, v, dir := fitted(t, text, Spec{Target: "y"}, Transforms{Numeric: Standard, OneHotMax: 8})
	here, other := []int32{7, 8, 9}, []int32{100, 13, 210}
	for f, feature := range p.Features {
		to := t.TempDir()
		out := must(d.Blocks(p, dir, v, []Block{{Rows: here}, {Rows: here, Feature: f, Instead: other}}, to))
		if out.Rows != 6 || out.Target != nil {
			t.Fatalf("the view is %+v", out)
		}
		changed := 0
		for _, in := range v.Inputs {
			if in.Kind == model.Numeric {
				changed += differing(t, floats(t, filepath.Join(dir, in.File)), floats(t, filepath.Join(to, in.File)), in.Columns, here, other)
			} else {
				changed += differing(t, ints(t, filepath.Join(dir, in.File)), ints(t, filepath.Join(to, in.File)), in.Columns, here, other)
			}
		}
		want := len(encoderOf([]Feature{feature}, d.raw, []int{d.column(feature.Name)}).names) + len(encoderOf([]Feature{feature}, d.raw, []int{d.column(feature.Name)}).flags)
		if feature.Encoding == Codes {
			want = 1
		}
		if changed == 0 || changed > want {
			t.Errorf("%s: %d columns changed, of %d", feature.Name, changed, want)
		}
	}
}

// differing counts the columns of the second block that are other than the first's; they must be the other rows'.
func differing[T comparable](t *testing.T, whole, blocks []T, n int, here, other []int32) int {
	t.Helper()
	var changed []int
	for i := range here {
		if !slices.Equal(blocks[i*n:(i+1)*n], whole[int(here[i])*n:int(here[i]+1)*n]) {
			t.Error("the rows themselves changed")
		}
		for c := range n {
			now := blocks[(len(here)+i)*n+c]
			if now == blocks[i*n+c] {
				continue
			}
			if now != whole[int(other[i])*n+c] {
				t.Errorf("column %d is of neither row", c)
			}
			if !slices.Contains(changed, c) {
				changed = append(changed, c)
			}
		}
	}
	return len(changed)
}
