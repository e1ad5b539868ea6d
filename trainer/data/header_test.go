package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestTitlesAboveTheHeader: lines of one or two cells are left out where they are surely no header, whatever separates the cells, and it
// is said; rows and places are counted as if nothing were left out.
func TestTitlesAboveTheHeader(t *testing.T) {
	table := rows("town,price,rooms,y", 40, func(i int) string { return fmt.Sprintf("t%d,%d,%d,%d", i%5, 3*i, i%7, i%2) })
	want := []string{"town", "price", "rooms"}
	for _, title := range []string{
		"Sales 2024\n", "Sales 2024,,,\n", "Sales 2024,by Anna\n", "Sales 2024,,by Anna,\n", "sep=,\n", "# made by a machine\n\n",
		"Sales 2024\nof all towns\n", "Sales 2024\n,,,\n", ",,,\n", "Made,2024-01-31\nBy,Anna\n\n",
	} {
		for _, comma := range []string{",", ";", "\t"} {
			text := strings.ReplaceAll(title+table, ",", comma)
			d, err := tryRead(t, text, Spec{Target: "y"})
			if err != nil {
				t.Errorf("%q, separated by %q: %v", title, comma, err)
				continue
			}
			if got := columnNames(d); !slices.Equal(got, want) || d.Rows != 40 || !strings.Contains(strings.Join(d.Notes, " "), "above the row with the names") {
				t.Errorf("%q, separated by %q: columns %q, %d rows, notes %q", title, comma, got, d.Rows, d.Notes)
			}
		}
	}
	commas := rows("town;price;rooms;y", 40, func(i int) string { return fmt.Sprintf("t%d;%d,5;%d,5;%d", i%5, 3*i, i%7, i%2) })
	for _, text := range []string{"Sales 2024\n" + commas, "\xdcbersicht\n" + commas} {
		if d := read(t, text, Spec{Target: "y"}); !slices.Equal(columnNames(d), want) || d.Columns[1].Type != Numeric || strings.Contains(strings.Join(d.Notes, ""), `\x`) {
			t.Errorf("decimal commas: columns %+v, notes %q", d.Columns, d.Notes)
		}
	}
	_, err := tryRead(t, "Sales 2024\n\n"+table+"t1,2,3\n", Spec{Target: "y"})
	if err == nil || !strings.Contains(err.Error(), "line 44") {
		t.Errorf("a row that is short: %v", err)
	}
}

// TestTitlesOfWorkbooks: two cells above the header are left out like one, where that is sure.
func TestTitlesOfWorkbooks(t *testing.T) {
	for _, title := range [][]any{{"Sales 2024"}, {"Sales", 2024}, {"Sales", nil, nil, "by Anna"}} {
		path := book(t, func(f *excelize.File) {
			all := [][]any{title, {"town", "price", "rooms", "y"}}
			for i := range 40 {
				all = append(all, []any{fmt.Sprint("t", i%5), 3 * i, i % 7, i % 2})
			}
			sheet(t, f, "Sheet1", "B3", all...)
		})
		d := read(t, "", Spec{Path: path, Target: "y"})
		if got := columnNames(d); !slices.Equal(got, []string{"town", "price", "rooms"}) || d.Rows != 40 || len(d.Notes) != 1 || !strings.Contains(d.Notes[0], `"Sales`) {
			t.Errorf("%v: columns %q, %d rows, notes %q", title, got, d.Rows, d.Notes)
		}
	}
}

func columnNames(d *Dataset) (names []string) {
	for _, c := range d.Columns {
		names = append(names, c.Name)
	}
	return names
}
