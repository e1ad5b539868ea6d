package number

import (
	"regexp"
	"strings"

	"tuned/trainer/data/source"
)

// scales are what may stand behind a number for its zeros: "12K", "$3.4M", "1,2 Mio. €", "45 lakh". A lone "B" is not enough to tell such
// numbers: bases of baseball are called so.
var scales = map[string]string{
	"k": "e3", "tsd": "e3", "thousand": "e3",
	"m": "e6", "mn": "e6", "mio": "e6", "mln": "e6", "million": "e6", "millions": "e6", "millionen": "e6",
	"b": "e9", "bn": "e9", "mrd": "e9", "mld": "e9", "billion": "e9", "billions": "e9", "milliarden": "e9",
	"lac": "e5", "lakh": "e5", "lakhs": "e5", "cr": "e7", "crore": "e7", "crores": "e7",
}

var (
	// large is a cell that may have zeros written as letters.
	large = regexp.MustCompile(`(?i)\d ?(k|m|tsd|mn|mio|mln|bn|mrd|mld|thousand|millions?|millionen|billions?|milliarden|lac|lakhs?|cr|crores?)\.?\b`)
	// capital is one that means a million rather than metres, of which the letter is a small one.
	capital = regexp.MustCompile(`\d[kKM]\b`)
)

// unscaled parts a number from what stands for its zeros, which become a power of ten; "" where there are none.
func (n *Notation) unscaled(cell string) (number, zeros string) {
	at := strings.LastIndexAny(cell, "0123456789") + 1
	if !n.Scaled || at == 0 || at == len(cell) {
		return cell, ""
	}
	name := strings.TrimSuffix(strings.ToLower(source.Trim(cell[at:])), ".")
	if zeros = scales[name]; zeros == "" {
		return cell, ""
	}
	return cell[:at], zeros
}
