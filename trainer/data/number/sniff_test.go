package number

import (
	"slices"
	"testing"

	"tuned/trainer/data/source"
)

func FuzzSniff(f *testing.F) {
	f.Add("$1,200.50", "($5)", true)
	f.Add("2.211,47 €", "€", false)
	f.Add("1\u202f234,5 %", "-− 7'000", false)
	f.Add("1yrs 11mon", "5'11\"", false)
	f.Add("$53K-$91K", "<0.5 kg", false)
	f.Fuzz(func(t *testing.T, a, b string, semicolons bool) {
		cells := slices.DeleteFunc([]string{source.Trim(a), source.Trim(b)}, source.Missing)
		n := Sniff(cells, max(1, NearlyAll(len(cells))), semicolons, len(a) > len(b))
		if n == nil {
			return
		}
		for _, cell := range cells {
			if v, _, ok := n.Number(cell); !ok || v != v {
				t.Errorf("%+v reads %q as %v", n, cell, v)
			}
		}
	})
}
