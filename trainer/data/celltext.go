package data

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"tuned/trainer/data/source"
)

// CellText is what a row's cell says, in the words of a person: of a text its first words. "" where it is missing.
func (d *Dataset) CellText(column string, row int32) string {
	at := d.column(column)
	if at < 0 {
		return ""
	}
	c := d.Columns[at]
	switch {
	case c.Type == Text && d.raw.texts[at] != nil:
		return beginning(legible(string(d.raw.texts[at].Row(int(row)))))
	case c.Type == Date:
		return dayOf(d.raw.seconds(at)[row])
	case c.Type == Numeric:
		return shownNumber(c.Center + float64(d.raw.numbers(at)[row]))
	}
	if code := d.raw.codes(at)[row]; code > 0 && int(code) <= len(c.Levels) {
		return beginning(c.Levels[code-1])
	}
	return ""
}

// legible closes the gaps that keep the marks of a text apart from its words.
func legible(text string) string {
	return marksBehind.Replace(markWithin.ReplaceAllString(text, "$1$2$3"))
}

var (
	markWithin  = regexp.MustCompile(`(\d) ([.,:/]) (\d)`) // 4.5, 9:30
	marksBehind = strings.NewReplacer(" .", ".", " ,", ",", " ;", ";", " :", ":", " !", "!", " ?", "?", " )", ")", "( ", "(", " ' ", "'", " ’ ", "’")
)

// cellLetters is how much of a cell is shown.
const cellLetters = 160

func beginning(text string) string {
	letters := []rune(strings.TrimSpace(text))
	if len(letters) <= cellLetters {
		return string(letters)
	}
	return string(letters[:cellLetters]) + "…"
}

func dayOf(seconds int64) string {
	if seconds == noTime {
		return ""
	}
	return day(float64(seconds))
}

// shownNumber is a number as far as single precision knows it, without an exponent where people would write none.
func shownNumber(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return source.PlainNumber(known(v))
}

// known is a number as far as single precision knows it.
func known(v float64) float64 { return rounded(v, 7) }

// rounded is a number to so many figures.
func rounded(v float64, figures int) float64 {
	if rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', figures, 64), 64); err == nil {
		return rounded
	}
	return v
}
