package job

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// place is where something stands in a file.
type place struct {
	line, column int
	source       string
}

var header = regexp.MustCompile(`^\s*\[+\s*([^\[\]]+?)\s*\]+`)

// locate finds the place of a key in TOML text. A key inside an inline table is found on its table's line; a key that is
// not written has the place of its table, or none.
func locate(text string, key []string) place {
	var best place
	depth, table := 0, ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if m := header.FindStringSubmatchIndex(line); m != nil {
			table = line[m[2]:m[3]]
			if d, at := 1, m[2]; len(key) > 0 && table == key[0] && d > depth {
				best, depth = placeAt(i, at, line), d
			}
			continue
		}
		if d, at := matches(line, table, key); d > depth {
			best, depth = placeAt(i, at, line), d
		}
	}
	return best
}

// matches tells how many parts of the key a line under a table's header names, and where the last of them begins.
func matches(line, table string, key []string) (depth, at int) {
	rest, offset := key, 0
	if table != "" {
		if len(key) < 2 || key[0] != table {
			return 0, 0
		}
		rest, depth = key[1:], 1
	}
	for i, part := range rest {
		found := keyPattern(part, i == 0).FindStringSubmatchIndex(line[offset:])
		if found == nil {
			break
		}
		depth, at, offset = depth+1, offset+found[2], offset+found[3]
	}
	if offset == 0 {
		return 0, 0
	}
	return depth, at
}

// keyPattern matches a key before its "=" or ".": at the line's start, or anywhere for the keys of an inline table.
func keyPattern(part string, first bool) *regexp.Regexp {
	q := regexp.QuoteMeta(part)
	lead := `(?:^\s*)`
	if !first {
		lead = `(?:[\s{,.])`
	}
	return regexp.MustCompile(lead + `("` + q + `"|'` + q + `'|` + q + `)\s*[=.]`)
}

func placeAt(line, offset int, source string) place {
	plain := strings.ReplaceAll(source, "\t", " ")
	return place{line: line + 1, column: utf8.RuneCountInString(source[:offset]) + 1, source: plain}
}
