package data

import (
	"cmp"
	"math"
	"slices"

	"tuned/trainer/data/random"
)

// quota is how many rows a stratum gives.
type quota struct {
	rows  int
	share float64
	give  int
	given int
}

// quotas divides the fraction of all rows among the strata by largest remainder.
func quotas(strata []int32, units []unit, fraction float64) []quota {
	var out []quota
	total := 0
	for _, unit := range units {
		for _, row := range unit.rows {
			for len(out) <= int(strata[row]) {
				out = append(out, quota{})
			}
			out[strata[row]].rows++
		}
		total += len(unit.rows)
	}
	left := max(1, int(math.Round(fraction*float64(total))))
	byRemainder := make([]*quota, len(out))
	for i := range out {
		q := &out[i]
		q.share = fraction * float64(q.rows)
		q.give = int(q.share)
		left -= q.give
		byRemainder[i] = q
	}
	slices.SortStableFunc(byRemainder, func(a, b *quota) int {
		return cmp.Compare(b.share-float64(b.give), a.share-float64(a.give))
	})
	for _, q := range byRemainder[:min(max(left, 0), len(out))] {
		q.give++
	}
	return out
}

// take says which units are given: in a random order, those that bring the strata no further from their quotas. The last row of a
// stratum stays.
func take(units []unit, strata []int32, quotas []quota, r random.Numbers) []bool {
	type lot struct {
		at        uint64
		row, unit int32
	}
	lots := make([]lot, len(units))
	for u, unit := range units {
		lots[u] = lot{r.At(uint64(unit.rows[0])), unit.rows[0], int32(u)}
	}
	slices.SortFunc(lots, func(a, b lot) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.row, b.row)) })
	taken := make([]bool, len(units))
	for _, l := range lots {
		taken[l.unit] = offer(units[l.unit].rows, strata, quotas)
	}
	return taken
}

// offer gives rows unless that brings their strata further from the quotas, or leaves one without a row, and reports whether it did.
func offer(rows, strata []int32, quotas []quota) bool {
	further, emptied := 0, false
	for _, row := range rows {
		q := &quotas[strata[row]]
		if q.given < q.give {
			further--
		} else {
			further++
		}
		q.given++
		emptied = emptied || q.given == q.rows
	}
	if further <= 0 && !emptied {
		return true
	}
	for _, row := range rows {
		quotas[strata[row]].given--
	}
	return false
}
