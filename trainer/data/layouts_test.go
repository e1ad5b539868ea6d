package data

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tuned/trainer/data/source"
)

// TestLayouts: ways of writing dates, and the moment that the last one is.
func TestLayouts(t *testing.T) {
	for _, tt := range []struct{ cells, want string }{
		{"1/15/24 13:45|2/3/24 8:05", "2024-02-03 08:05:00"},
		{"15.01.24 13:45|03.02.24 08:05", "2024-02-03 08:05:00"},
		{"2024/01/15 1:45:10 PM GMT+1|2024/02/03 8:05:00 AM GMT+1", "2024-02-03 08:05:00"},
		{"2024-01-15 13:45:00 UTC|2024-02-03 08:05:00 UTC", "2024-02-03 08:05:00"},
		{"2024.01.15 13:45|2024.02.03 08:05", "2024-02-03 08:05:00"},
		{"15/Jan/2024:13:45:00 +0100|03/Feb/2024:08:05:00 +0100", "2024-02-03 07:05:00"},
		{"15-Jan-2024 13:45|03-Feb-2024 08:05", "2024-02-03 08:05:00"},
		{"1/15/2024, 1:45:10 PM|2/3/2024, 8:05:00 AM", "2024-02-03 08:05:00"},
		{"15 Jan 2024, 13:45|3 Feb 2024, 08:05", "2024-02-03 08:05:00"},
		{"Monday, January 15, 2024|Saturday, February 3, 2024", "2024-02-03 00:00:00"},
		{"Mon Jan 15 2024|Sat Feb 03 2024", "2024-02-03 00:00:00"},
		{"2024/1/15|2024/2/3", "2024-02-03 00:00:00"},
		{"2024年1月15日|2024年2月3日", "2024-02-03 00:00:00"},
		{"15. Januar 2024|3. März 2024", "2024-03-03 00:00:00"},
		{"Montag, 15. Januar 2024|Sonntag, 3. März 2024", "2024-03-03 00:00:00"},
		{"15 janv. 2024|3 févr. 2024", "2024-02-03 00:00:00"},
		{"15 août 2024|3 décembre 2024", "2024-12-03 00:00:00"},
		{"15 de enero de 2024|3 de julio de 2024", "2024-07-03 00:00:00"},
		{"January 2024|February 2024", "2024-02-01 00:00:00"},
		{"Jan-2024|Feb-2024", "2024-02-01 00:00:00"},
		{"Jan-24|Feb-99", "1999-02-01 00:00:00"},
		{"mars 2024|Feb 2024", "2024-02-01 00:00:00"},
		{"2024/01|2024/02", "2024-02-01 00:00:00"},
		{"01-2024|02-2024", "2024-02-01 00:00:00"},
		{"01/2024|02/2024", "2024-02-01 00:00:00"},
		{"15 January 2024|3 May 2024", "2024-05-03 00:00:00"},
		{"01.02.85|31.12.38", "1938-12-31 00:00:00"},
		{"01.02.85|31.12.19", "2019-12-31 00:00:00"},
	} {
		cells := strings.Split(tt.cells, "|")
		b := newBuilder(0, source.Field{})
		b.findLayout(cells)
		s, ok := seconds(cells[len(cells)-1], b.layout)
		if got := time.Unix(s, 0).UTC().Format(time.DateTime); !ok || got != tt.want {
			t.Errorf("%s: %s by %q, want %s", tt.cells, got, b.layout, tt.want)
		}
	}
	for _, none := range []string{"3. Quartal 2024", "Mai Thi", "12 dec", "5 mars bars", "13/2024", "13-2024", "2024/13", "Januar"} {
		if layout := layoutOf([]string{none}, layouts...); layout != "" {
			t.Errorf("%s is a date by %q", none, layout)
		}
	}
}

// minutes is a table of so many minutes from the beginning of 2021, sorted, by a layout.
func minutes(n int, layout string) string {
	return rows("when,v,y", n, func(i int) string {
		return fmt.Sprintf("%s,%d,%d", time.Date(2021, 1, 1, 0, i*20, 0, 0, time.UTC).Format(layout), i%7, i%11)
	})
}

// TestLateDays: the first rows of a file that is sorted by time do not say whether the day comes first; later ones do, and the file is read again.
func TestLateDays(t *testing.T) {
	for _, types := range []map[string]string{nil, {"when": "date"}} {
		d := read(t, minutes(2000, "02/01/2006 15:04"), Spec{Target: "y", Types: types})
		c, cells := cellsOf(t, d, "when")
		if c.Type != Date || c.Layout != "2/1/2006 15:04" || c.Missing > 0 || c.Note != "" || !strings.HasPrefix(cells[72], "2021-01-02") {
			t.Errorf("it is a %s by %q, %d are missing, %q is %s: %s", c.Type, c.Layout, c.Missing, "02/01/2021 00:00", cells[72], c.Note)
		}
	}
	if c, _ := cellsOf(t, read(t, minutes(2000, "01/02/2006 15:04"), Spec{Target: "y"}), "when"); c.Layout != "1/2/2006 15:04" || c.Note != "" {
		t.Errorf("months first are read by %q: %s", c.Layout, c.Note)
	}
}

// TestOrderOfDayAndMonth: where no cell tells, dates that are all firsts of a month are read as such, and a note says how any others are.
func TestOrderOfDayAndMonth(t *testing.T) {
	for _, tt := range []struct{ cell, want, note string }{
		{"01/%02d/%d", "2/1/2006", `"01/02/2020" is read as 1 February 2020: no cell tells whether the day or the month comes first; if it is 2 January 2020, write dates like 2020-01-02`},
		{"%02d/01/%d", "1/2/2006", `"02/01/2020" is read as 1 February 2020: no cell tells whether the day or the month comes first; if it is 2 January 2020, write dates like 2020-01-02`},
		{"%02d-01-%d", "1-2-2006", `"02-01-2020" is read as 1 February 2020: no cell tells whether the day or the month comes first; if it is 2 January 2020, write dates like 2020-01-02`},
		{"%02d/05/%d", "1/2/2006", `"01/05/2020" is read as 5 January 2020: no cell tells whether the day or the month comes first; if it is 1 May 2020, write dates like 2020-05-01`},
		{"%02d/25/%d", "1/2/2006", ""},
		{"%02d.01.%d", "2.1.2006", ""},
	} {
		d := read(t, rows("when,y", 60, func(i int) string { return fmt.Sprintf(tt.cell+",%d", 1+i%12, 2020+i/12, i%5) }), Spec{Target: "y", Task: "regression"})
		if c, _ := cellsOf(t, d, "when"); c.Layout != tt.want || c.Note != tt.note {
			t.Errorf("%s is read by %q, want %q: %s", tt.cell, c.Layout, tt.want, c.Note)
		}
	}
}

// TestNewFilesWriteOtherDates: dates of a new file are read as that file writes them, and a note says so.
func TestNewFilesWriteOtherDates(t *testing.T) {
	d := read(t, minutes(600, "2.1.2006"), Spec{Target: "y", Holdout: 0.2})
	p, err := d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ layout, note string }{
		{"2006-01-02", `its dates are written otherwise than those of the training: "2021-01-01" is read as 1 January 2021`},
		{"2.1.2006", ""},
	} {
		r, _, err := p.ReadView(context.Background(), write(t, "new.csv", minutes(60, tt.layout)), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(append(r.Notes, r.Lost...), " "); len(r.Lost) > 0 || !strings.Contains(said, tt.note) || tt.note == "" && said != "" {
			t.Errorf("%s: %q", tt.layout, said)
		}
	}
}

// TestNewFilesWriteOtherNumbers: numbers of a new file are read as that file writes them, and a note says so; a unit of another thing is not the training's.
func TestNewFilesWriteOtherNumbers(t *testing.T) {
	amounts := func(form, mark string) string {
		return rows("x;y", 60, func(i int) string {
			return strings.Replace(fmt.Sprintf(form, float64(i*7919%9001)+0.25), ".", mark, 1) + fmt.Sprintf(";%d", i%11)
		})
	}
	for _, tt := range []struct{ trained, mark, form, newMark, note, lost string }{
		{"%.2f €", ",", "%.2f", ".", `its numbers are written otherwise than those of the training: "0.25" is read as 0.25`, ""},
		{"%.2f €", ",", "%.2f €", ",", "", ""},
		{"%.2f", ".", "$%.2f", ".", `its numbers are written otherwise than those of the training: "$0.25" is read as 0.25`, ""},
		{"%.2f kg", ".", "%.2f g", ".", "", ""},
		{"%.2f kg", ".", "%.2f km", ".", "", "60 of 60 cells are no numbers"},
		{"%.2f", ".", "%.2f%%", ".", "", "60 of 60 cells are no numbers"},
	} {
		d := read(t, amounts(tt.trained, tt.mark), Spec{Target: "y", Task: "regression", Holdout: 0.2})
		p, err := d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train)
		if err != nil {
			t.Fatal(err)
		}
		r, _, err := p.ReadView(context.Background(), write(t, "new.csv", amounts(tt.form, tt.newMark)), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		notes, lost := strings.Join(r.Notes, " "), strings.Join(r.Lost, " ")
		if !strings.Contains(notes, tt.note) || !strings.Contains(lost, tt.lost) || tt.note == "" && notes != "" || tt.lost == "" && lost != "" {
			t.Errorf("%s and %s: %q, %q", tt.trained, tt.form, notes, lost)
		}
	}
}
