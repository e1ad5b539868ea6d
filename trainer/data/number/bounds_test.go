package number

import (
	"strings"
	"testing"
)

func TestBounds(t *testing.T) {
	for name, tt := range map[string]struct {
		cells string
		last  float64
		read  bool
	}{
		"below what can be measured": {"<0.5|0.7|< 2", 2, true},
		"above what can be measured": {"120|> 250", 250, true},
		"at least, in groups":        {"1,000+|10,000+|500,000+", 500000, true},
		"at least, with a unit":      {"3 km|≥ 10 km", 10, true},
		"at least, in thousands":     {"3K|10K+", 10000, true},
		"at most":                    {"<=3|≤2,5", 2.5, true},
		"about":                      {"3|~5", 5, true},
		"bounds that are negative":   {"-3|<-20", -20, true},
		"two halves":                 {"<=50K|>50K", 0, false},
		"adults":                     {"<18|18+", 0, false},
		"kinds of blood":             {"A+|B+", 0, false},
		"arrows":                     {"->1|->2", 0, false},
	} {
		cells := strings.Split(tt.cells, "|")
		n := Sniff(cells, len(cells), false, true)
		if (n != nil) != tt.read {
			t.Errorf("%s: %+v", name, n)
			continue
		}
		if n == nil {
			continue
		}
		if v, _, ok := n.Number(cells[len(cells)-1]); v != tt.last || !ok || !n.Bounds {
			t.Errorf("%s: %+v reads %v, %t", name, n, v, ok)
		}
	}
}
