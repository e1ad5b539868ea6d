// Package words says things the same way wherever a person reads them: values with their units, metrics, names that were mistyped,
// and text in lines. Everything in it is a function of its arguments.
package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Format writes a value for people: rounded to three figures, with separators of thousands. Of the units, "share" (as
// per cent), "bytes", "seconds" and "flops" become part of the text; others ("rows", "steps") are left to the sentence.
func Format(v any, unit string) string {
	switch v := v.(type) {
	case nil:
		return "(not measured)"
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case string:
		if v == "" {
			return "none"
		}
		return v
	case int:
		return formatNumber(float64(v), unit, true)
	case int64:
		return formatNumber(float64(v), unit, true)
	case float64:
		return formatNumber(v, unit, false)
	}
	return fmt.Sprint(v)
}

// Quantity writes a value with its unit, as it stands alone: "256 rows", "1 row". Values without a unit are as [Format] writes them.
func Quantity(v any, unit string) string {
	text := Format(v, unit)
	switch unit {
	case "", "share", "bytes", "seconds", "flops":
		return text
	}
	if text == "1" {
		unit = singular(unit)
	}
	return text + " " + unit
}

// singular is one of what a unit counts: a category, a class, a row.
func singular(unit string) string {
	if stem, ok := strings.CutSuffix(unit, "ies"); ok {
		return stem + "y"
	}
	if stem, ok := strings.CutSuffix(unit, "sses"); ok {
		return stem + "ss"
	}
	return strings.TrimSuffix(unit, "s")
}

func formatNumber(x float64, unit string, whole bool) string {
	switch {
	case math.IsNaN(x):
		return "not a number"
	case math.IsInf(x, 0):
		return "infinite"
	case unit == "share" && math.Abs(x) < 1e300:
		return figures(100*x) + " %"
	case unit == "bytes" && x >= 0 && x < 1<<63:
		return humanize.IBytes(uint64(x))
	case unit == "seconds":
		return formatDuration(x)
	case unit == "flops":
		return strings.TrimSpace(humanize.SIWithDigits(x, 1, "FLOP"))
	case whole:
		return humanize.Comma(int64(x))
	}
	return figures(x)
}

// ThreeFigures rounds a number as [Format] shows it: 0.0222587 gives 0.0223.
func ThreeFigures(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	return rounded
}

// Bound writes an end of a range, or what lies beyond it, as [Format] does; below 1 with all figures, of which three make 1 of 0.9999.
func Bound(x float64) string {
	if !(math.Abs(x) < 1) {
		return Format(x, "")
	}
	mantissa, _, _ := strings.Cut(strconv.FormatFloat(math.Abs(x), 'e', -1, 64), "e")
	return rounded(x, max(3, len(mantissa)-1))
}

// Value writes a number such as the target's with four figures, and with separators of thousands from 10,000 on: 0.9731, 1998, 12,346.
func Value(x float64) string {
	switch {
	case math.IsNaN(x):
		return "not a number"
	case math.IsInf(x, 0):
		return "infinite"
	}
	return rounded(x, 4)
}

// Decimals writes a number with so many decimals at most, and with separators of thousands from 10,000 on: 0.25, 2015, 400,000.
func Decimals(x float64, decimals int) string {
	known, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'f', max(decimals, 0), 64), 64)
	switch size := math.Abs(known); {
	case size >= 1e15 || size < 1e-6:
		return rounded(known, 3)
	case size < 9999.5:
		return strconv.FormatFloat(known, 'f', -1, 64)
	}
	return humanize.Commaf(known)
}

// figures rounds to three figures: 0.0412, 12.3, 4,096.
func figures(x float64) string { return rounded(x, 3) }

// rounded writes so many figures of a number, and all of those before its point.
func rounded(x float64, digits int) string {
	size := math.Abs(x)
	switch {
	case x == 0:
		return "0"
	case size >= 1e15 || size < 1e-6:
		return scientific(x, digits)
	case size >= math.Pow10(digits)-0.5:
		return humanize.Comma(int64(math.Round(x)))
	}
	known, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
	return strconv.FormatFloat(known, 'f', -1, 64)
}

var superscript = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹", "-", "⁻", "+", "")

func scientific(x float64, digits int) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', digits-1, 64), "e")
	sign := strings.TrimLeft(exponent[:1], "+")
	mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	return mantissa + " × 10" + superscript.Replace(sign+strings.TrimLeft(exponent[1:], "0"))
}

func formatDuration(seconds float64) string {
	size := math.Abs(seconds)
	switch {
	case size < 1 && size > 0:
		return figures(seconds*1000) + " milliseconds"
	case size < 60:
		return plural(seconds, "second")
	case size < 3600:
		return plural(seconds/60, "minute")
	case size < 48*3600:
		return plural(seconds/3600, "hour")
	}
	return plural(seconds/86400, "day")
}

func plural(x float64, unit string) string {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 2, 64), 64)
	if rounded != 1 {
		unit += "s"
	}
	return figures(rounded) + " " + unit
}

// TimeLeft says how long the rest takes at the pace so far, after so many were done in a time; "" where none was.
func TimeLeft(took time.Duration, done, left int64) string {
	if done <= 0 {
		return ""
	}
	rest := float64(took) / float64(done) * float64(left) // a product of whole numbers of them would soon be too large
	return time.Duration(min(rest, 1<<62)).Round(time.Second).String()
}
