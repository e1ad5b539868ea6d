package source

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write puts a file into a fresh directory and returns its path.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rows writes a CSV of 40 rows below a header.
func rows(header string, row func(i int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range 40 {
		b.WriteString(row(i) + "\n")
	}
	return b.String()
}

func TestHeader(t *testing.T) {
	want := []string{"say \"hi\"", "größe", "column_3", "y"}
	for _, name := range []string{"a.csv", "a.csv.gz"} {
		text := "\ufeff\"say \"\"hi\"\"\"; größe ;;y\n1;2;3;4\n"
		if name == "a.csv.gz" {
			text = gzipped(t, text)
		}
		if got, err := Header(t.Context(), write(t, name, text), ""); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	got, err := Header(t.Context(), write(t, "a.csv", "a,a,a_2,,a,column_4\n1,2,3,4,5,6\n"), "")
	if want := []string{"a", "a_3", "a_2", "column_4", "a_4", "column_4_2"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("columns of one name: %q, %v", got, err)
	}
	if got, err := Header(t.Context(), write(t, "a.csv", "7,b,7\n1,2,3\n"), ""); err == nil || got != nil {
		t.Errorf("a row of values: %q", got)
	}
}

// TestHeadersThatAreNoTitles: files of one and two columns, headers with empty cells, and rows of words below a short header.
func TestHeadersThatAreNoTitles(t *testing.T) {
	for name, text := range map[string]string{
		"one column":            rows("y", func(i int) string { return fmt.Sprint(i % 2) }),
		"two columns":           rows("x,y", func(i int) string { return fmt.Sprintf("%d,%d", i%7, i%2) }),
		"two columns of words":  rows("x,y", func(i int) string { return fmt.Sprintf("a%d,b%d", i%7, i%2) }),
		"names and empty cells": rows("x,,,y", func(i int) string { return fmt.Sprintf("%d,%d,%d,%d", i%7, i%5, i%3, i%2) }),
		"and words above numbers": "x,,,y\na,b,c,d\n" + strings.TrimPrefix(
			rows("", func(i int) string { return fmt.Sprintf("v%d,w%d,u%d,%s", i%7, i%5, i%3, "de"[i%2:i%2+1]) }), "\n"),
		"three names": rows("x,,,z,y", func(i int) string { return fmt.Sprintf("%d,%d,%d,%d,%d", i%7, i%5, i%3, i%4, i%2) }),
	} {
		first, _, _ := strings.Cut(text, "\n")
		got, err := Header(t.Context(), write(t, "a.csv", text), "")
		if want := strings.Split(first, ","); err != nil || len(got) != len(want) || got[len(got)-1] != "y" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestHeaderOfLinesThatAreCut: the page shows the columns of a file's beginning.
func TestHeaderOfLinesThatAreCut(t *testing.T) {
	path := write(t, "a.jsonl", `{"x": 1, "y": "a"}`+"\n"+`{"x": 2, "z`)
	if names, err := Header(t.Context(), path, ""); err != nil || !slices.Equal(names, []string{"x", "y"}) {
		t.Errorf("%q, %v", names, err)
	}
}

// A table is read more than once, which a pipe cannot be.
func TestAPipeIsNoTable(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	var e *Error
	if _, err := Header(t.Context(), fmt.Sprintf("/dev/fd/%d", r.Fd()), ""); !errors.As(err, &e) || !strings.Contains(e.Hint, "to a file") {
		t.Errorf("got %v", err)
	}
}

// TestOpenQuoteStopsEarly: a quote that is left open is told before all of a large file is in memory.
func TestOpenQuoteStopsEarly(t *testing.T) {
	text := "x,y\n1,\"two\nlines\"\n2,b\n3,\"" + strings.Repeat("a line without an end\n", 2<<20)
	table, err := Open(t.Context(), File{Path: write(t, "a.csv", text)}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	if err := table.Next(&Chunk{}); !errors.Is(err, errLongRecord) || !strings.Contains(err.Error(), "after the row in line 4") {
		t.Fatalf("got %v", err)
	}
}

// TestStatements: what a bank writes above the names of the columns, of which the last is empty as in all its lines, is left out; dates and
// amounts tell where the table begins.
func TestStatements(t *testing.T) {
	top := "\"Konto:\";\"DE12 / Giro\"\r\n\"\"\r\n\"Von:\";\"01.01.2023\"\r\n\"Stand:\";\"12.345,67 EUR\"\r\n\"\"\r\n"
	for _, cells := range []string{`"%02d.01.23";"x%d";"v";"d";`, `"%d";"-1.2%d1,50";"v";"c";`} {
		text := top + rows(`"Tag";"Betrag";"Zweck";"Art";`, func(i int) string { return fmt.Sprintf(cells, 1+i%28, i%10) })
		got, err := Header(t.Context(), write(t, "bank.csv", text), "")
		if want := []string{"Tag", "Betrag", "Zweck", "Art", "column_5"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", cells, got, err)
		}
	}
}

// TestEmptyCellsBehindTheLastColumn are left out, with a note; a value there is an error.
func TestEmptyCellsBehindTheLastColumn(t *testing.T) {
	text := rows("a,y", func(i int) string { return fmt.Sprintf("%d,%d%s", i, i%2, strings.Repeat(",", i%3)) })
	s, err := Open(t.Context(), File{Path: write(t, "a.csv", text)}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var c Chunk
	if err := s.Next(&c); err != nil || c.Rows != 40 || c.Text[1][39] != "1" {
		t.Fatalf("%d rows, %v", c.Rows, err)
	}
	if said := strings.Join(s.Notes(), " "); !strings.Contains(said, "Rows have empty cells behind the last column, the first in line 3: these are left out.") {
		t.Errorf("notes: %q", said)
	}
	var e *Error
	other, err := Open(t.Context(), File{Path: write(t, "a.csv", text+"1,2,,3\n")}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.Next(&c); !errors.As(err, &e) || !strings.Contains(err.Error(), "the row has 4 cells, and the header 2") {
		t.Errorf("a value behind: %v", err)
	}
}

// TestTitleHint: what a first line is that does not name columns.
func TestTitleHint(t *testing.T) {
	for _, tt := range []struct {
		names []string
		want  string
	}{
		{[]string{"5.1", "3.5", "setosa"}, `if it is a row already, beginning with "5.1"`},
		{[]string{"id   age   y"}, "not spaces"},
		{[]string{"Report of May"}, "is a title"},
		{[]string{"a", "1990", "y"}, ""},
	} {
		if got := TitleHint(tt.names); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%q: %q", tt.names, got)
		}
	}
}
