package source

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// sheetErrors are what spreadsheets write in place of a value that they cannot work out, in the languages that have words of their own for it.
var sheetErrors = map[string]bool{
	"#NA": true, "#N/A": true, "#NULL!": true, "#DIV/0!": true, "#VALUE!": true, "#REF!": true, "#NAME?": true, "#NUM!": true, "#SPILL!": true, "#CALC!": true, "#ERROR!": true,
	"#NV": true, "#NULL": true, "#WERT!": true, "#BEZUG!": true, "#ZAHL!": true, // German
	"#NUL!": true, "#VALEUR!": true, "#NOM?": true, "#NOMBRE!": true, // French
	"#N/D": true, "#VALORE!": true, "#RIF!": true, "#NOME?": true, "#VALOR!": true, "#¡VALOR!": true, "#¡DIV/0!": true, "#¡REF!": true, "#¡NUM!": true, "#¿NOMBRE?": true, // Italian, Portuguese, Spanish
	"#WAARDE!": true, "#VERW!": true, "#NAAM?": true, "#GETAL!": true, "#DEEL/0!": true, // Dutch
}

// Missing reports whether a cell stands for "no value": empty, or one of the usual markers in any letter case, or a spreadsheet's error. "none" is
// not among them: where it occurs it is mostly a category of its own. "-" is missing unless the column also holds "+",
// which is for callers to tell.
func Missing(cell string) bool {
	if len(cell) > 2 && cell[0] == '#' {
		return sheetErrors[strings.ToUpper(cell)]
	}
	switch len(cell) {
	case 0:
		return true
	case 1:
		return cell == "?" || cell == "-" || cell == "."
	case 2:
		return cell == "--" || strings.EqualFold(cell, "na")
	case 3:
		return strings.EqualFold(cell, "nan") || strings.EqualFold(cell, "n/a") || strings.EqualFold(cell, "nat") ||
			strings.EqualFold(cell, "nil")
	case 4:
		return strings.EqualFold(cell, "null") || strings.EqualFold(cell, "<na>") || strings.EqualFold(cell, "-nan")
	}
	return strings.EqualFold(cell, "missing")
}

// Trim cuts white space off both ends, quickly where there is none.
func Trim(cell string) string {
	if n := len(cell); n == 0 || cell[0] > ' ' && cell[0] < 0x80 && cell[n-1] > ' ' && cell[n-1] < 0x80 {
		return cell
	}
	return strings.TrimSpace(cell)
}

// Unreadable says why a text cannot be taken in; nil where it can.
func Unreadable(text string) error {
	switch {
	case strings.IndexByte(text, 0) >= 0:
		return errors.New("a NUL byte in the text")
	case !utf8.ValidString(text):
		return errNotUTF8
	case len(text) > maxCell:
		return errors.New("a cell is longer than 1 MiB")
	}
	return nil
}

// exactTens are the powers of ten that a float64 holds exactly.
var exactTens = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// shortNumber reads the plain decimals that most cells are, "-12.75", of fifteen digits at most: both parts of the
// quotient are exact, so that it is the number nearest to the text (Clinger 1990), as strconv would find it more slowly.
func shortNumber(cell string) (v float64, ok bool) {
	i, n := 0, len(cell)
	if cell[0] == '-' {
		i = 1
	}
	if n-i > 16 || n == i {
		return 0, false
	}
	var digits uint64
	point := n
	for at := i; at < n; at++ {
		if d := cell[at] - '0'; d <= 9 {
			digits = digits*10 + uint64(d)
		} else if cell[at] == '.' && point == n && n-i > 1 {
			point = at
		} else {
			return 0, false
		}
	}
	if point == n && n-i > 15 {
		return 0, false
	}
	v = float64(digits)
	if point < n {
		v /= exactTens[n-point-1]
	}
	if i == 1 {
		v = -v
	}
	return v, true
}

// Largest, 1.7e38, is how far numbers may lie from 0: a raw column holds float32s of how far they lie from its centre, which may be as far on the
// other side.
const Largest = math.MaxFloat32 / 2

// Number reads a decimal number. Infinite tells of "inf" and of numbers beyond Largest.
func Number(cell string) (v float64, infinite, ok bool) {
	if v, ok = shortNumber(cell); ok {
		return v, false, true
	}
	if !numeric(cell[0]) && (len(cell) < 3 || cell[0]|0x20 != 'i') {
		return 0, false, false
	}
	if last := cell[len(cell)-1]; last < '0' && last != '.' || last > '9' && last|0x20 != 'f' && last|0x20 != 'y' {
		return 0, false, false
	}
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false, false
	}
	return v, math.Abs(v) > Largest, true
}

func numeric(c byte) bool { return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' }

// Padded reports a run of digits with a leading zero ("02139"): a code, not a quantity.
func Padded(cell string) bool {
	if len(cell) < 2 || cell[0] != '0' {
		return false
	}
	for i := 1; i < len(cell); i++ {
		if cell[i] < '0' || cell[i] > '9' {
			return false
		}
	}
	return true
}

// CommaNumber rewrites a decimal comma, as files delimited by ";" often have it.
func CommaNumber(cell string) string {
	if at := strings.IndexByte(cell, ','); at >= 0 && strings.IndexByte(cell[at+1:], ',') < 0 && !strings.Contains(cell, ".") {
		return cell[:at] + "." + cell[at+1:]
	}
	return cell
}

// Plain is a level's other spelling: a number without needless digits, true and false in lower case.
func Plain(level string) string {
	if v, infinite, ok := Number(level); ok && !infinite && !Padded(level) {
		return PlainNumber(v)
	}
	if lower := strings.ToLower(level); lower == "true" || lower == "false" {
		return lower
	}
	return level
}

// PlainNumber writes a number with no more digits than it needs.
func PlainNumber(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
