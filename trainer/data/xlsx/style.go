package xlsx

import (
	"strings"

	"github.com/xuri/nfp"
)

// style is what a cell's number format says that its number is.
type style struct {
	date    bool // a day, perhaps with a time
	clock   bool // a time alone, or a duration: stored as a share of a day
	percent bool
	digits  int // a code of so many digits at least, as "00000" has it; 0: none
}

// builtin are the number formats that a workbook need not write down, as far as they matter: days, in East Asian versions as well, times and
// percentages.
func builtin(id int) style {
	switch {
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return style{date: true}
	case id >= 18 && id <= 21, id >= 45 && id <= 47:
		return style{clock: true}
	case id == 9, id == 10:
		return style{percent: true}
	}
	return style{}
}

// readStyles gives the style of each index that a cell may have.
func (b *Book) readStyles(part string) ([]style, error) {
	var sheet struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := b.decode(part, &sheet); err != nil {
		return nil, err
	}
	own := map[int]style{}
	for _, f := range sheet.Formats {
		own[f.ID] = styleOf(f.Code)
	}
	var all []style
	for _, c := range sheet.Cells {
		s, ok := own[c.Format]
		if !ok {
			s = builtin(c.Format)
		}
		all = append(all, s)
	}
	return all, nil
}

// longestFormat is what Excel allows.
const longestFormat = 255

// styleOf reads a number format, of which the first section is for numbers.
func styleOf(code string) style {
	if len(code) > longestFormat {
		return style{}
	}
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 {
		return style{}
	}
	var letters string
	var s style
	items := sections[0].Items
	for _, item := range items {
		switch {
		case item.TType == nfp.TokenTypePercent:
			s.percent = true
		case item.TType == nfp.TokenTypeElapsedDateTimes:
			s.clock = true
		case item.TType == nfp.TokenTypeDateTimes && !strings.Contains(item.TValue, "/"): // which AM/PM has
			letters += strings.ToUpper(item.TValue)
		}
	}
	hours := s.clock || strings.ContainsAny(letters, "HS")
	s.date = strings.ContainsAny(letters, "YD") || strings.Contains(letters, "M") && !hours
	s.clock = hours && !s.date
	if len(items) == 1 && items[0].TType == nfp.TokenTypeZeroPlaceHolder && len(items[0].TValue) > 1 {
		s.digits = len(items[0].TValue)
	}
	return s
}
