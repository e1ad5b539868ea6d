package data

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// asLines is a CSV as lines of JSON, in which numbers and truth are such, and missing values are null or left out.
func asLines(t testing.TB, text string) string {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i, record := range records[1:] {
		row := map[string]any{}
		for j, cell := range record {
			switch _, err := strconv.ParseFloat(cell, 64); {
			case err == nil:
				row[records[0][j]] = json.Number(cell)
			case cell == "true" || cell == "false":
				row[records[0][j]] = cell == "true"
			case cell != "NA" && cell != "":
				row[records[0][j]] = cell
			case i%2 == 0:
				row[records[0][j]] = nil
			}
		}
		line, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	return b.String()
}

// TestLines: keys are columns in the order in which they come up, in whatever line; values keep their types and digits.
func TestLines(t *testing.T) {
	text := rows(`{"y": "a", "size": 1.50, "id": 12345678901234567890, "ok": true}`, 60, func(i int) string {
		line := fmt.Sprintf(`{"id": 1234567890123456%04d, "size": %d.25, "y": "%c", "ok": %t, "name": "caf\u00e9 %d"`, i, i%9, "ab"[i%2], i%3 == 0, i%4)
		if i == 55 {
			line += ` , " late ": null}` + "\r\n\n  "
		}
		return strings.TrimSuffix(line, "}") + "}"
	})
	text = strings.ReplaceAll(text, "}\r\n\n  }", "}\r\n\n")
	list := "[" + strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }), ",\n") + "]\n"
	for name, file := range map[string]string{
		"list.json": list, "far.json": strings.Repeat("\n", 70_000) + list, "list": strings.NewReplacer("{", "{\n\t", ",", "\n, ").Replace(list),
		"a.jsonl": text, "a.ndjson.gz": compress(t, "gz", text), "b": "\ufeff" + text, "c.zst": compress(t, "zst", text),
	} {
		d := read(t, "", Spec{Path: write(t, name, file), Target: "y", Types: map[string]string{"id": "categorical"}, Holdout: 0.2})
		var names []string
		for _, c := range d.Columns {
			names = append(names, c.Name)
		}
		if d.Rows != 61 || !slices.Equal(names, []string{"size", "id", "ok", "name", "late"}) {
			t.Fatalf("%s: %d rows of %q", name, d.Rows, names)
		}
		if c, cells := cellsOf(t, d, "size"); c.Type != Numeric || !nearly(cells[0], "1.5") || !nearly(cells[2], "1.25") {
			t.Errorf("%s: %s %q", name, c.Type, cells[:3])
		}
		if _, cells := cellsOf(t, d, "id"); cells[0] != "12345678901234567890" || cells[1] != "12345678901234560000" {
			t.Errorf("%s: %q", name, cells[:2])
		}
		if c, cells := cellsOf(t, d, "name"); !slices.Equal(cells[:2], []string{"", "café 0"}) || c.Missing != 1 {
			t.Errorf("%s: %q", name, cells[:2])
		}
		if c, _ := cellsOf(t, d, "ok"); c.Type != Boolean {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func TestBadLines(t *testing.T) {
	good := `{"x": 1, "y": "a"}` + "\n" + `{"x": 2, "y": "b"}` + "\n"
	list := `[{"x": 1, "y": "a]"},` + "\n" + ` {"x": 2, "y": "\"b"}`
	tests := []struct{ name, text, place, problem, hint string }{
		{"a list in a line", good + "[1, 2]\n", "line 3", "no JSON object", `{"age"`},
		{"an object over lines", "{\n \"x\": 1\n}\n", "line 1", "does not end", "one object"},
		{"two in a line", good + `{"x": 1} {"x": 2}`, "line 3", "more follows", "one object"},
		{"cut", good + `{"x": 1, "y`, "line 3", "does not end", "one object"},
		{"wrong", good + "\n" + `{"x": 1,, "y": 2}`, "line 4", "wrong", "one object"},
		{"a key twice", good + `{"x": 1, "x": 2}`, "line 3", `"x" stands there twice`, "one object"},
		{"pieces", good + `{"x": {"a": 1}, "y": "a"}`, `line 3, key "x"`, "list or an object", "of its own"},
		{"pieces first", `{"x": {"a": 1}, "y": "a"}` + "\n" + good, `line 1, key "x"`, "list or an object", "of its own"},
		{"pieces within", `{"x": {"u": 1}, "y": "a"}` + "\n" + `{"x": {"u": [1]}, "y": "a"}`, `line 2, key "x.u"`, "list or an object", "of its own"},
		{"a key twice within", good + `{"z": {"a": 1, "b": 2, "a": 2}}`, "line 3", `"z.a" stands there twice`, "one object"},
		{"another key twice", good + `{"x": 1, "z": 3, "x": 2}`, "line 3", `"x" stands there twice`, "one object"},
		{"no keys", "{}\n{}\n", "", "no object", "one object"},
		{"nothing", "", "", "no object", "one object"},
		{"a list of nothing", " [ ]", "", "no object", "one object"},
		{"a list that goes on", list + `, {"x": 3`, "line 2", "does not end", "one object"},
		{"a list without an end", list + "\n", "line 3", "list does not end", "one list"},
		{"a list with a gap", list + ",, {}]", "line 2", "something else", "one list"},
		{"a list without a comma", list + "{}]", "line 2", "something else", "one list"},
		{"a list that ends in a comma", list + "\n,\n]", "line 4", "something else", "one list"},
		{"a list of lists", "[[1, 2]]", "line 1", "something else", "one list"},
		{"a list with a number", list + ", 1]", "line 2", "something else", "one list"},
		{"more behind a list", list + "]\n{}", "line 3", "something else", "one list"},
		{"wrong in a list", list + ",\n{\"x\": {]}}]", "line 3", "wrong", "one object"},
		{"pieces in a list", `[{"x": {"a": 1}, "y": "a"},` + "\n\n" + `{"x": 2, "y": "b"}]`, `line 1, key "x"`, "list or an object", "of its own"},
		{"rows within an object", `{"meta": 1, "data": [{"x": 1, "y": "a"}]}`, "", "a single object", `"data"`},
		{"columns within an object", `{"x": {"0": 1, "1": 2}, "y": {"0": "a", "1": "b"}}`, "", "a single object", "records"},
		{"numbers", "1\n2\n", "line 1", "no JSON object", "one object"},
		{"infinite", good + `{"x": 1e400, "y": "a"}`, `line 3, key "x"`, "infinite", "1.7e38"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tryRead(t, "", Spec{Path: write(t, "a.jsonl", tt.text), Target: "y"})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Place != tt.place || !strings.Contains(e.Err.Error(), tt.problem) || !strings.Contains(e.Hint, tt.hint) {
				t.Errorf("got place %q, cause %q, hint %q", e.Place, e.Err, e.Hint)
			}
		})
	}
	d := read(t, "", Spec{Path: write(t, "a.jsonl", rows(`{"x": [1, 2], "z": 1, "y": "a"}`, 40, func(i int) string {
		return fmt.Sprintf(`{"x": {}, "z": %d, "y": "%c"}`, i%7, "ab"[i%2])
	})), Target: "y", Ignore: []string{"x"}})
	if d.Rows != 41 {
		t.Errorf("lists that are ignored: %d rows", d.Rows)
	}
}

// TestObjectsWithin: what they hold is columns, whose names have the outer keys before them; equal names are told apart.
func TestObjectsWithin(t *testing.T) {
	text := rows(`{"y": "a", "at": null, "at.lon": 5}`, 40, func(i int) string {
		return fmt.Sprintf(`{"at": {"lon": %d, "in": {"town": "%c"}, "no": {}}, " y": %d, "y": "%c", "deep": {"a": {}}}`, i%9, "uvw"[i%3], i%5, "ab"[i%2])
	})
	d := read(t, "", Spec{Path: write(t, "a.jsonl", text), Target: "at.in.town", Ignore: []string{"deep"}})
	var names []string
	for _, c := range d.Columns {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"y", "at.lon", "at.lon_2", "y_2", "deep"}) || d.Rows != 40 || d.Dropped != 1 {
		t.Errorf("%d rows of %q, %d dropped", d.Rows, names, d.Dropped)
	}
	if _, cells := cellsOf(t, d, "at.lon_2"); !nearly(cells[3], "3") {
		t.Errorf("at.lon_2 is %q", cells)
	}
	if said := strings.Join(d.Notes, " "); !strings.Contains(said, `Several columns are called "at.lon": that of key "at.lon" is called "at.lon_2".`) {
		t.Errorf("it says %q", said)
	}
	deep := rows(`{"x": 1, "y": "a"}`, 40, func(i int) string {
		return fmt.Sprintf(`{"x": %s%d%s, "y": "b"}`, strings.Repeat(`{"x":`, 9), i, strings.Repeat("}", 9))
	})
	if _, err := tryRead(t, "", Spec{Path: write(t, "a.jsonl", deep), Target: "y"}); err == nil || !strings.Contains(err.Error(), "list or an object") {
		t.Errorf("objects in objects without end: %v", err)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(`[{"x": 1, "y": "a]"},` + "\n\n" + ` {"x": [{"}": "\\"{"}], "y": "b"}, {"y": "a", "x": 3}]` + "\n")
	f.Add(`{"x": 1, "y": "a"}` + "\n" + `{"y": "b", "z": null, "x": -1.5e3}` + "\n" + `{"x": 2, "y": "a"}` + "\n" + `{"y": "b"}`)
	f.Add(`{"a": {"b": 1, "c": {"d": "x"}}, "y": "a"}` + "\n" + `{"a": null, "a.b": 2, "y": "b"}` + "\n" + `{"a": {}, " y": 1, "y": "a"}`)
	f.Add("\ufeff" + `{"": [1], "y": true}` + "\r\n\n" + `{"y": "\u0000\"", " ": {"a": 2}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := tryRead(t, "", Spec{Path: write(t, "a.jsonl", text), Target: "y", Holdout: 0.3}); err == nil {
			checkTable(t, d)
		}
	})
}
