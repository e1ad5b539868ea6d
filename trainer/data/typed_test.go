package data

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// TestFormsMix: what a model learned from one form of a table holds for rows in another, however that writes numbers and dates.
func TestFormsMix(t *testing.T) {
	const n = 120
	day := func(i int) time.Time { return time.Date(2023, 1, 1+i*i%300, 0, 0, 0, 0, time.UTC) }
	table := func(separator string, cell func(i int) string) string {
		return rows("c"+separator+"y", n, func(i int) string { return cell(i) + separator + string("ab"[i%2]) })
	}
	bookOf := func(format string, cell func(i int) any) string {
		return book(t, func(f *excelize.File) {
			sheet(t, f, "Sheet1", "A1", []any{"c", "y"})
			for i := range n {
				sheet(t, f, "Sheet1", fmt.Sprintf("A%d", i+2), []any{cell(i), string("ab"[i%2])})
			}
			if format != "" {
				shown(t, f, "A2", fmt.Sprintf("A%d", n+1), format)
			}
		})
	}
	value := func(i int) float64 { return float64(i*i%97)*1000 + 0.125 }
	german := func(i int) string { return strings.ReplaceAll(fmt.Sprintf("%.3f", value(i)), ".", ",") }
	numbers := bookOf("", func(i int) any { return value(i) })
	tests := []struct {
		name                string
		trained, other      string
		trainName, otherEnd string // what the files are called, where they are texts
	}{
		{"a decimal comma, then numbers", table(";", german), numbers, "a.csv", ""},
		{"a decimal comma in quotes, then numbers", table("\t", german), numbers, "a.tsv", ""},
		{"numbers, then a decimal comma", numbers, table(";", german), "", "a.csv"},
		{"numbers, then a decimal comma between tabs", numbers, table("\t", german), "", "a.tsv"},
		{"numbers, then money", bookOf("$#,##0.000", func(i int) any { return value(i) }), table("|", func(i int) string { return "$" + german(i) }), "", "a.csv"},
		{"percentages, then numbers shown as such", table(",", func(i int) string { return fmt.Sprintf("%d%%", i*i%97) }), bookOf("0%", func(i int) any { return float64(i*i%97) / 100 }), "a.csv", ""},
		{"numbers shown as percentages, then percentages", bookOf("0.0%", func(i int) any { return float64(i*i%97) / 100 }), table(",", func(i int) string { return fmt.Sprintf("%d.0%%", i*i%97) }), "", "a.csv"},
		{"dates of a text, then dates", table(",", func(i int) string { return day(i).Format("2.1.2006") }), bookOf("", func(i int) any { return day(i) }), "a.csv", ""},
		{"dates, then dates of a text", bookOf("", func(i int) any { return day(i) }), table(",", func(i int) string { return day(i).Format("2.1.2006") }), "", "a.csv"},
		{"codes, then numbers shown as such", table(",", func(i int) string { return fmt.Sprintf("%05d", i%7+400) }), bookOf("00000", func(i int) any { return i%7 + 400 }), "a.csv", ""},
		{"numbers, then lines of JSON", numbers, rows("", n, func(i int) string { return fmt.Sprintf(`{"y": "b", "c": %g}`, value(i)) }), "", "a.jsonl"},
		{"a decimal comma, then lines of JSON", table(";", german), rows("", n, func(i int) string { return fmt.Sprintf(`{"c": %g}`, value(i)) }), "a.csv", "a.jsonl"},
	}
	place := func(text, name string) string {
		if name == "" {
			return text
		}
		return write(t, name, text)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			trained := place(tt.trained, tt.trainName)
			d := read(t, "", Spec{Path: trained, Target: "y", Holdout: 0.2})
			p, err := d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train)
			if err != nil {
				t.Fatal(err)
			}
			var views []string
			for _, path := range []string{trained, place(tt.other, tt.otherEnd)} {
				dir := t.TempDir()
				got, v, err := p.ReadView(context.Background(), path, dir)
				if err != nil || got.Count != n || len(got.Lost) > 0 {
					t.Fatalf("%v, %+v", err, got)
				}
				view := ""
				for _, in := range v.Inputs {
					view += fmt.Sprint(floats(t, dir+"/"+in.File))
				}
				views = append(views, view)
			}
			if views[0] != views[1] {
				t.Errorf("the rows differ:\n%.90s\n%.90s", views[0], views[1])
			}
		})
	}
}
