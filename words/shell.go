package words

import (
	"strings"
	"unicode"
)

// Argument quotes an argument of a command line in which a shell may see more than letters.
func Argument(word string) string {
	if !strings.ContainsFunc(word, func(r rune) bool {
		return r <= unicode.MaxASCII && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-+,:=@%", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
