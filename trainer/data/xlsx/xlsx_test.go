package xlsx

import (
	"testing"
	"time"
)

// TestStyles: which number formats make a number something else.
func TestStyles(t *testing.T) {
	tests := map[string]style{
		"General": {}, "0.00": {}, "#,##0": {}, "@": {}, "0.00E+00": {}, "# ?/?": {}, `"day" 0`: {}, `0\d`: {}, `[Red]0;[Blue]-0`: {}, `#,##0.00 [$USD]`: {},
		"h:mm": {clock: true}, "h:mm AM/PM": {clock: true}, "[h]:mm:ss": {clock: true}, "[mm]": {clock: true}, "mm:ss.0": {clock: true}, "0": {},
		"yyyy-mm-dd": {date: true}, "d/m/yy h:mm;@": {date: true}, "mmmm": {date: true}, "[$-407]d. mmmm yyyy": {date: true}, `yyyy"年"m"月"`: {date: true}, "DD.MM.YYYY": {date: true},
		"0%": {percent: true}, "0.00%;[Red]-0.00%": {percent: true}, `0" %"`: {},
		"00000": {digits: 5}, "000-00": {},
	}
	for code, want := range tests {
		if got := styleOf(code); got != want {
			t.Errorf("%s is %+v, want %+v", code, got, want)
		}
	}
}

// TestUnix: days of both calendars, and of the leap day that there was not.
func TestUnix(t *testing.T) {
	tests := []struct {
		days float64
		old  bool
		want string // "": no date
	}{
		{1, false, "1900-01-01T00:00:00Z"},
		{59, false, "1900-02-28T00:00:00Z"},
		{61, false, "1900-03-01T00:00:00Z"},
		{25569, false, "1970-01-01T00:00:00Z"},
		{45292.5, false, "2024-01-01T12:00:00Z"},
		{45292 + 59.0/1440, false, "2024-01-01T00:59:00Z"},
		{2958465, false, "9999-12-31T00:00:00Z"},
		{0, true, "1904-01-01T00:00:00Z"},
		{43830, true, "2024-01-01T00:00:00Z"},
		{0.5, false, ""},
		{-1, true, ""},
		{2958466, false, ""},
	}
	for _, tt := range tests {
		got, ok := unix(tt.days, tt.old)
		if text := time.Unix(int64(got), 0).UTC().Format(time.RFC3339); ok != (tt.want != "") || ok && text != tt.want {
			t.Errorf("%v days (%t): %s, %t", tt.days, tt.old, text, ok)
		}
	}
}

func TestColumns(t *testing.T) {
	for at, name := range map[int]string{0: "A", 25: "Z", 26: "AA", 701: "ZZ", 702: "AAA", 16383: "XFD"} {
		if got := columnOf(name + "12"); got != at || ColumnName(at) != name {
			t.Errorf("%s is %d and %d is %s", name, got, at, ColumnName(at))
		}
	}
	if columnOf("12") != -1 || columnOf("ZZZZZZZZZZZZZ1") < maxColumns {
		t.Error("what is no column is one")
	}
}

func FuzzStyle(f *testing.F) {
	f.Add(`[$-409]d/m/yy h:mm AM/PM;"x"@`)
	f.Add(`_-* #,##0.00\ "€"_-;[>100][Red]0%`)
	f.Fuzz(func(t *testing.T, code string) {
		if s := styleOf(code); s.digits < 0 || s.digits > len(code) {
			t.Errorf("%q is a code of %d digits", code, s.digits)
		}
	})
}
