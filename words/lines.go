package words

import (
	"strings"
	"unicode/utf8"
)

// lineWidth is how many columns a comfortable line has at most, its indentation included.
const lineWidth = 100

// Wrap breaks text into lines of a comfortable width; those behind the first are indented by so many columns, which the first
// one is taken to be already. A longer word has a line of its own.
func Wrap(text string, indent int) string {
	var b strings.Builder
	at := indent
	for i, word := range strings.Fields(text) {
		size := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+size > lineWidth:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += size
	}
	return b.String()
}

// Sentences puts one sentence behind another that has no mark at its end yet, or a question mark. Either may be empty.
func Sentences(first, then string) string {
	if first == "" || then == "" {
		return first + then
	}
	if strings.HasSuffix(first, "?") {
		return first + " " + then
	}
	return first + ". " + then
}
