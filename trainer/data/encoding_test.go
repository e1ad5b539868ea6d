package data

import (
	"slices"
	"strings"
	"testing"

	"tuned/trainer/data/source"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// cities is a table that plain ASCII cannot hold, nor the first rows of it tell that.
const cities = "größe;stadt;ziel\n" + "1,5;Bern;nein\n2,5;Bern;ja\n3,5;Basel;nein\n4,5;Basel;ja\n" +
	"5,5;Zürich;ja\n6,5;Zürich;nein\n7,5;Genève;ja\n8,5;Genève;ja\n9,5;Zürich;nein\n"

func TestEncodingsOfSpreadsheets(t *testing.T) {
	for name, test := range map[string]struct {
		by    encoding.Encoding
		noted bool
	}{
		"UTF-8":                            {encoding.Nop, false},
		"UTF-8 with a mark":                {unicode.UTF8BOM, false},
		"UTF-16 of Excel's “Unicode Text”": {unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), false},
		"UTF-16, big end first":            {unicode.UTF16(unicode.BigEndian, unicode.UseBOM), false},
		"Windows-1252":                     {charmap.Windows1252, true},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := test.by.NewEncoder().String(cities)
			if err != nil {
				t.Fatal(err)
			}
			path := write(t, "cities.csv", text)
			names, err := source.Header(t.Context(), path, "")
			if err != nil || !slices.Equal(names, []string{"größe", "stadt", "ziel"}) {
				t.Errorf("names %q, %v", names, err)
			}
			d := read(t, text, Spec{Target: "ziel", Holdout: 0.2})
			town := d.Columns[slices.IndexFunc(d.Columns, func(c Column) bool { return c.Name == "stadt" })]
			if !slices.Contains(town.Levels, "Zürich") || !slices.Contains(town.Levels, "Genève") {
				t.Errorf("levels %q", town.Levels)
			}
			if noted := strings.Contains(strings.Join(d.Notes, "\n"), "Windows-1252"); noted != test.noted {
				t.Errorf("notes %q", d.Notes)
			}
		})
	}
}

// A text that says it is UTF-8 and is not is damaged: no other encoding is tried.
func TestAMarkedTextThatIsDamaged(t *testing.T) {
	path := write(t, "damaged.csv", "\xef\xbb\xbfa,b,y\n1,\xff\xfe,high\n2,x,low\n")
	_, err := Read(t.Context(), Spec{Path: path, Target: "y"}, t.TempDir(), nil)
	if err == nil || !strings.Contains(err.Error(), "not valid UTF-8") || !strings.Contains(err.Error(), "line 2, column 2") {
		t.Error(err)
	}
}
