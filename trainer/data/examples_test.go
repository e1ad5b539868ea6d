package data

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// examplesOf are the examples of each feature, of all rows.
func examplesOf(t *testing.T, text string, s Spec, n int) (*Dataset, map[string][]Example) {
	t.Helper()
	d, p, _, _ := fitted(t, text, s, Transforms{Numeric: Standard, OneHotMax: 4})
	all := map[string][]Example{}
	for i := range p.Features {
		all[p.Features[i].Name] = d.Examples(&p.Features[i], d.Train, n)
	}
	return d, all
}

// Each example is a row that holds what it stands for, and together they stand for all rows that hold anything.
func TestExamplesHoldWhatTheyStandFor(t *testing.T) {
	d, all := examplesOf(t, plants(600), Spec{Target: "kind"}, 12)
	for _, column := range []string{"height", "leaves", "colour", "site", "alive", "seen"} {
		total := 0.0
		for _, e := range all[column] {
			total += e.Share
			want := e.Level
			switch column {
			case "seen":
				want = day(e.Number)
			case "height", "leaves":
				want = shownNumber(e.Number)
			}
			if cell := d.CellText(column, e.Row); cell != want {
				t.Errorf("%s: row %d holds %q, and stands for %q", column, e.Row, cell, want)
			}
		}
		n, whole := len(all[column]), math.Abs(total-1) < 1e-9
		if n == 0 || n > 12 || whole == (column == "site") {
			t.Errorf("%s: %d examples stand for %v of the rows", column, n, total)
		}
	}
	if n := len(all["leaves"]); n != 9 {
		t.Errorf("%d examples of nine different numbers", n)
	}
}

// Numbers stand in the middle of parts of equally many rows; what most rows hold is there once, and leaves room for the others.
func TestExamplesOfNumbersLieAmongTheRows(t *testing.T) {
	text := rows("even,mostly,y", 1000, func(i int) string {
		gain := 0
		if i >= 900 {
			gain = i
		}
		return fmt.Sprintf("%d,%d,%d", i*7919%1000, gain, i%3)
	})
	_, all := examplesOf(t, text, Spec{Target: "y"}, 10)
	for i, e := range all["even"] {
		if math.Abs(e.Number-float64(50+100*i)) > 2 || math.Abs(e.Share-0.1) > 0.005 {
			t.Errorf("of even numbers the example %d is %+v", i, e)
		}
	}
	mostly := all["mostly"]
	if len(mostly) != 10 || mostly[0].Number != 0 || mostly[0].Share < 0.9 {
		t.Fatalf("of numbers that are mostly 0: %+v", mostly)
	}
	for i, e := range mostly[1:] {
		if want := 900 + 100*(float64(i)+0.5)/9; math.Abs(e.Number-want) > 6 { // one of them was in the middle of the tenth tenth
			t.Errorf("example %d is %v, not about %v", i+1, e.Number, want)
		}
	}
}

// Categories come with the commonest first; no value is one of them, and where only that matters, the other is that there is any.
func TestExamplesOfCategories(t *testing.T) {
	text := rows("c,only,y", 200, func(i int) string {
		return fmt.Sprintf("%s,%s,%d", []string{"b", "b", "a", "b", "", "c", "d", "b"}[i%8], []string{"", "", "", "x"}[i%4], i%2)
	})
	_, all := examplesOf(t, text, Spec{Target: "y"}, 3)
	for column, want := range map[string][]string{"c": {"b", "", "a"}, "only": {"", There}} {
		var got []string
		for _, e := range all[column] {
			got = append(got, e.Level)
		}
		if !slices.Equal(got, want) || all[column][0].Share != map[string]float64{"c": 0.5, "only": 0.75}[column] {
			t.Errorf("%s: got %q, want %q: %+v", column, got, want, all[column])
		}
	}
}
