package random

import (
	"slices"
	"testing"
)

// TestFrozen: splits, batches and folds of runs that were made before depend on these very numbers.
func TestFrozen(t *testing.T) {
	r := New(1, Split, 0)
	if got, below := r.At(7), r.Below(7, 100); got != 0x3aedf98b699d71f9 || below != 23 {
		t.Errorf("number 7 is %#x, below a hundred %d", got, below)
	}
	rows := []int32{2, 3, 5, 7, 11, 13}
	if got := Sample(rows, 3, 1); !slices.Equal(got, []int32{5, 7, 11}) {
		t.Errorf("three of %d are %d", rows, got)
	}
	if all := Sample(rows, 0, 1); !slices.Equal(all, rows) {
		t.Errorf("no limit leaves %d", all)
	}
}
