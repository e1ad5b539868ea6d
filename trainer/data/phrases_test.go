package data

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestPhrases: texts that stand in a fifth of a column's cells leave the others what they are.
func TestPhrases(t *testing.T) {
	day := func(i int) string { return fmt.Sprintf("2024-%02d-%02d", 1+i%12, 1+i%28) }
	for name, tt := range map[string]struct {
		phrases string // one letter each: the first cell in five
		cell    func(i int) string
		want    Type
		note    string
	}{
		"sizes":           {"a", func(i int) string { return fmt.Sprintf("%d.%dM", i%40, i%7) }, Numeric, `100 of 500 cells say "Varies with a" and count as missing`},
		"two phrases":     {"ab", func(i int) string { return fmt.Sprint(i * i % 997) }, Numeric, `100 of 500 cells say "Varies with a" or "Varies with b" and count as missing`},
		"days":            {"a", day, Date, `100 of 500 cells say "Varies with a" and count as missing`},
		"many phrases":    {"abcd", func(i int) string { return fmt.Sprint(i % 100) }, Categorical, "different values are numbers"},
		"few numbers":     {"a", func(i int) string { return fmt.Sprint(i % 40) }, Categorical, ""},
		"codes":           {"a", func(i int) string { return fmt.Sprintf("%05d", i%200) }, Categorical, ""},
		"other texts":     {"a", func(i int) string { return fmt.Sprintf("shelf %d", i%200) }, Categorical, ""},
		"few bounds":      {"a", func(i int) string { return []string{"0", "1", "2", "3+"}[i%4] }, Categorical, ""},
		"below and above": {"a", func(i int) string { return []string{"<", "", ""}[i%3] + fmt.Sprint(1+i*i%997) }, Numeric, `like "<`},
	} {
		d := read(t, rows("x,z,y", 500, func(i int) string {
			cell := tt.cell(i)
			if i%5 == 0 {
				cell = "Varies with " + string(tt.phrases[i/5%len(tt.phrases)])
			}
			return fmt.Sprintf("%s,%d,%d", cell, i%9, i%2)
		}), Spec{Target: "y"})
		c := d.Columns[0]
		if c.Type != tt.want || !c.Used || !strings.Contains(c.Note, tt.note) {
			t.Errorf("%s: %+v", name, c)
		}
		if c.Type != Categorical && c.Missing != 100 {
			t.Errorf("%s: %d cells are missing", name, c.Missing)
		}
	}
}

// TestPhrasesInAWorkbook: cells that are numbers and days for Excel may have phrases among them too.
func TestPhrasesInAWorkbook(t *testing.T) {
	path := book(t, func(f *excelize.File) {
		sheet(t, f, "Sheet1", "A1", []any{"size", "y"})
		for i := range 200 {
			var size any = float64(i*i%997) / 4
			if i%5 == 0 {
				size = "Varies"
			}
			sheet(t, f, "Sheet1", fmt.Sprintf("A%d", i+2), []any{size, string("ab"[i%2])})
		}
	})
	d := read(t, "", Spec{Path: path, Target: "y"})
	if c := d.Columns[0]; c.Type != Numeric || c.Missing != 40 || !strings.Contains(c.Note, `40 of 200 cells say "Varies" and count as missing`) {
		t.Errorf("%+v", c)
	}
}

// among is a table with a column of numbers of which each fifth is a phrase.
func among(phrase string) string {
	return rows("x,y", 500, func(i int) string {
		if i%5 == 0 {
			return fmt.Sprintf("%s,%d", phrase, i%2)
		}
		return fmt.Sprintf("%d,%d", i*i%997, i%2)
	})
}

// TestPhrasesInAnotherEncoding: a phrase tells the file's encoding as any other cell does.
func TestPhrasesInAnotherEncoding(t *testing.T) {
	d := read(t, among("unverf\xfcgbar"), Spec{Target: "y"})
	if c := d.Columns[0]; c.Type != Numeric || !slices.Equal(c.Phrases, []string{"unverfügbar"}) {
		t.Errorf("%+v", c)
	}
}

// TestPhrasesAmongTargets: a fifth of the prices are none, and they are not a few hundred classes: the rows may be left out, which the job has to say.
func TestPhrasesAmongTargets(t *testing.T) {
	_, err := tryRead(t, rows("x,y", 500, func(i int) string {
		if i%5 == 3 {
			return fmt.Sprintf("%d,on request", i%7)
		}
		return fmt.Sprintf("%d,%d", i%7, i*i%997)
	}), Spec{Target: "y"})
	var e *Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Place, "line 5") || !strings.Contains(e.Hint, "leave the cell empty") {
		t.Errorf("%v", err)
	}
}

// TestPhrasesOfNewRows: what training took for a phrase is one for good, and nothing to be told of.
func TestPhrasesOfNewRows(t *testing.T) {
	d := read(t, among("never"), Spec{Target: "y"})
	p, err := d.Fit(Transforms{Numeric: RobustSmoothClip}, d.Train)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := p.ReadView(context.Background(), write(t, "new.csv", "x\nnever\n5\n"), t.TempDir())
	if err != nil || len(r.Notes)+len(r.Lost) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, fault := p.Features[0].Cell("never"); fault != "" {
		t.Error(fault)
	}
	if _, fault := p.Features[0].Cell("ever"); fault == "" {
		t.Error("any text is a phrase")
	}
}
