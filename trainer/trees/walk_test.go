package trees

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRowsSideBySide holds that a row reaches the same leaf beside others as alone, however many there are.
func TestRowsSideBySide(t *testing.T) {
	const columns, depth, step = 3, 4, 2
	random := rand.New(rand.NewPCG(1, 2))
	tree, leaves := make([]fork[uint8], 1<<depth-1), make([]float32, 1<<depth)
	for i := range tree {
		tree[i] = fork[uint8]{random.Int32N(columns), uint8(random.UintN(256))}
	}
	for i := range leaves {
		leaves[i] = float32(i + 1)
	}
	for rows := range 2*together + 2 {
		values, got := make([]uint8, rows*columns), make([]float32, rows*step)
		for i := range values {
			values[i] = uint8(random.UintN(256))
		}
		want := slices.Clone(got)
		for i := range rows {
			want[i*step] = leaves[leafAt(tree, values[i*columns:(i+1)*columns])]
		}
		if add(tree, leaves, values, columns, got, step); !slices.Equal(got, want) {
			t.Errorf("%d rows: %v, alone %v", rows, got, want)
		}
	}
}
