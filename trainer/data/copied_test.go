package data

import (
	"context"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
)

// TestColumnsAreCopied: as the file has them, whatever its form, read by the model or not, also where a file is read twice.
func TestColumnsAreCopied(t *testing.T) {
	text := plants(1500)
	d := read(t, text, Spec{Target: "kind", Ignore: []string{"site"}})
	p := must(d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train))
	records := must(csv.NewReader(strings.NewReader(text)).ReadAll())
	for form, path := range map[string]string{
		"csv": write(t, "a.csv", text), "xlsx": asBook(t, text), "jsonl": write(t, "a.jsonl", asLines(t, text)),
		"latin": write(t, "l.csv", strings.Replace(text, "white", "wei\xdf", 1)),
	} {
		rows, _, err := p.ReadView(context.Background(), path, t.TempDir(), "site", "leaves", "height")
		if err != nil || len(rows.Copied) != 3 {
			t.Fatalf("%s: %v, %+v", form, err, rows)
		}
		for i, name := range []string{"site", "leaves", "height"} {
			c := rows.Copied[i]
			if c.Name != name || c.Len() != 1500 {
				t.Fatalf("%s: %d cells of %s", form, c.Len(), c.Name)
			}
			for row := range c.Len() {
				cell := c.Cell(row)
				want := records[row+1][map[string]int{"site": 3, "leaves": 1, "height": 0}[name]]
				if form != "csv" && form != "latin" {
					want, cell = strings.TrimSuffix(strings.TrimRight(want, "0"), "."), strings.TrimSuffix(strings.TrimRight(cell, "0"), ".")
				}
				if cell != want && (want != "NA" || cell != "") {
					t.Fatalf("%s: row %d of %s is %q, want %q", form, row, name, cell, want)
				}
			}
		}
	}
	rows, _, err := p.ReadView(context.Background(), write(t, "all.csv", text), t.TempDir(), EveryColumn)
	if err != nil || len(rows.Copied) != 7 || rows.Copied[5].Name != "seen" || rows.Copied[5].Cell(0) != records[1][5] {
		t.Errorf("of all columns: %v, %d", err, len(rows.Copied))
	}
	_, _, err = p.ReadView(context.Background(), write(t, "b.csv", text), t.TempDir(), "cite")
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint, `"site"`) {
		t.Errorf("a column that is not there: %v", err)
	}
}

func TestColumnsOfParquetAreCopied(t *testing.T) {
	text := csvPlants(800)
	d := read(t, text, Spec{Target: "kind"})
	p := must(d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train))
	rows, _, err := p.ReadView(context.Background(), write(t, "a.parquet", string(parquetPlants(t, 800))), t.TempDir(), "leaves", "site", "seen", "height")
	if err != nil {
		t.Fatal(err)
	}
	records := must(csv.NewReader(strings.NewReader(text)).ReadAll())
	for row, record := range records[1:] {
		for i, want := range []string{record[1], record[2], record[4]} {
			if got := rows.Copied[i].Cell(row); got != strings.TrimSuffix(want, " 00:00:00") {
				t.Fatalf("row %d of %s is %q, want %q", row, rows.Copied[i].Name, got, want)
			}
		}
		if height := rows.Copied[3].Cell(row); (height == "") != (record[0] == "") {
			t.Fatalf("row %d of height is %q, want %q", row, height, record[0])
		}
	}
}
