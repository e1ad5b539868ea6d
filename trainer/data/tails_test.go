package data

import (
	"fmt"
	"math"
	"testing"

	"tuned/trainer/model"
)

func TestTails(t *testing.T) {
	many := func(form string) func(i int) string {
		return func(i int) string { return fmt.Sprintf(form, i*i%997+1) }
	}
	for name, tt := range map[string]struct {
		cell func(i int) string
		want Type
		last float64 // the value of row 20
	}{
		"a unit that nobody knows": {many("%d bhp"), Numeric, 401},
		"without a space":          {many("%dbhp"), Numeric, 401},
		"in groups":                {many("%d,120 ratings"), Numeric, 401120},
		"one and several": {func(i int) string {
			if i%20 == 0 {
				return "1 rating"
			}
			return fmt.Sprintf("%d ratings", i*i%997)
		}, Numeric, 1},
		"of a constant":        {many("%d / 1000"), Numeric, 401},
		"of another each":      {func(i int) string { return fmt.Sprintf("%d/%d", i*i%97+1, i+100) }, ID, 0},
		"out of":               {many("%d out of 1000"), Numeric, 401},
		"codes of one letter":  {many("%dA"), ID, 0},
		"streets":              {func(i int) string { return fmt.Sprintf("%d %c Street", i*i%997, 'A'+i%20) }, ID, 0},
		"few, like categories": {func(i int) string { return fmt.Sprintf("%d baths", 1+i%5) }, Categorical, 0},
		"spans among numbers": {func(i int) string {
			if i%20 == 0 {
				return fmt.Sprintf("%d - %d", i, i+1)
			}
			return fmt.Sprint(i * i % 997)
		}, Numeric, 20.5},
		"spans of money":       {func(i int) string { return fmt.Sprintf("$%dK-$%dK", i, i+10) }, Numeric, 25000},
		"spans in words":       {func(i int) string { return fmt.Sprintf("%d to %d", i*i%997, i*i%997+10) }, Numeric, 405},
		"numbers of employers": {func(i int) string { return fmt.Sprintf("%d-%d", 10+i%90, 1000000+i*i) }, ID, 0},
		"results of games":     {func(i int) string { return fmt.Sprintf("%d - %d", i*7%60, i*11%60) }, ID, 0},
	} {
		d := read(t, rows("x,z,y", 400, func(i int) string { return fmt.Sprintf("%q,%d,%d", tt.cell(i), i%9, i%2) }), Spec{Target: "y"})
		c := d.Columns[0]
		if c.Type != tt.want && !(tt.want == ID && c.Type == Categorical) {
			t.Errorf("%s: %+v", name, c)
		}
		if c.Type == Numeric && math.Abs(d.values(0)[20]-tt.last) > 1e-4 {
			t.Errorf("%s: %v is read as %v", name, tt.cell(20), d.values(0)[20])
		}
	}
}

// TestFewTails: of few different cells the job has to say that they are numbers, or values to be predicted.
func TestFewTails(t *testing.T) {
	cells := func(kinds ...string) string {
		return rows("x,y", 400, func(i int) string { return fmt.Sprintf("%s,%s", kinds[i%len(kinds)], kinds[i/len(kinds)%len(kinds)]) })
	}
	bands := cells("18-24", "25-34", "35-50")
	for name, tt := range map[string]struct {
		text string
		spec Spec
		want model.Task
		last float64 // of the column of row 1; 0: it is no number
	}{
		"nobody says so":       {cells("1 bath", "2 baths"), Spec{}, model.Classification, 0},
		"the column's type":    {cells("1 bath", "2 baths"), Spec{Types: map[string]string{"x": "numeric"}}, model.Classification, 2},
		"bounds as classes":    {cells("<5.5", ">6.5", ">8.5"), Spec{}, model.Classification, 0},
		"bounds as values":     {cells("<5.5", ">6.5", ">8.5"), Spec{Task: model.Regression, Types: map[string]string{"x": "numeric"}}, model.Regression, 6.5},
		"bands as classes":     {bands, Spec{}, model.Classification, 0},
		"an open one, as code": {cells("0", "1", "2", "3+"), Spec{}, model.Classification, 0},
	} {
		tt.spec.Target = "y"
		d := read(t, tt.text, tt.spec)
		if d.Task != tt.want || (d.Columns[0].Type == Numeric) != (tt.last != 0) {
			t.Errorf("%s: %s, %+v", name, d.Task, d.Columns[0])
		} else if tt.last != 0 && math.Abs(d.values(0)[1]-tt.last) > 1e-4 {
			t.Errorf("%s: read as %v", name, d.values(0)[1])
		}
	}
}
