package data

import (
	"strings"

	"tuned/trainer/data/source"
)

// alikeLevels is up to how many levels of a column are compared: more of them may be codes in which letter case means something.
const alikeLevels = 50

// alike names levels that differ from another one in letter case, in spaces or in how a number is written, and in nothing else: "Yes, yes;
// No, no". Whoever typed them in may have meant the same.
func alike(levels []string) string {
	groups, order := map[string][]string{}, []string{}
	for _, level := range levels {
		key := strings.Join(strings.Fields(strings.ToLower(source.Plain(level))), " ")
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], level)
	}
	var names []string
	for _, key := range order {
		if len(groups[key]) > 1 {
			names = append(names, strings.Join(groups[key], ", "))
		}
	}
	return strings.Join(names, "; ")
}

// alikeColumns names the columns that have levels alike.
func (d *Dataset) alikeColumns() string {
	var names []string
	for _, c := range d.Columns {
		if c.Used && len(c.Levels) <= alikeLevels {
			if pairs := alike(c.Levels); pairs != "" {
				names = append(names, c.Name+" ("+pairs+")")
			}
		}
	}
	return strings.Join(names, ", ")
}
