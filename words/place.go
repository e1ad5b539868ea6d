package words

import (
	"strings"
	"unicode/utf8"
)

// Line finds the line of a text that holds the byte at an offset: its number and the byte's column, in characters, both from 1,
// and the line itself with blanks for tabs, so that a caret below it can point at the column.
func Line(text string, offset int) (line, column int, source string) {
	before := text[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	source, _, _ = strings.Cut(text[start:], "\n")
	source = strings.ReplaceAll(strings.TrimSuffix(source, "\r"), "\t", " ")
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1, strings.ToValidUTF8(source, "�")
}
