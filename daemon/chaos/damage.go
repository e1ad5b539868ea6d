package chaos

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
)

// Damaged gives a file's content as a bad disk might give it back, in two ways at each of n offsets, which are the same
// for the same length: with one bit flipped there, and cut off there. The first and the last byte are among them.
func Damaged(content []byte, n int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		if len(content) == 0 {
			return
		}
		random := rand.New(rand.NewPCG(uint64(len(content)), 7))
		for i := range n {
			at := random.IntN(len(content))
			switch i {
			case 0:
				at = 0
			case 1:
				at = len(content) - 1
			}
			bit := random.IntN(8)
			flipped := slices.Clone(content)
			flipped[at] ^= 1 << bit
			if !yield(fmt.Sprintf("bit %d of byte %d flipped", bit, at), flipped) ||
				!yield(fmt.Sprintf("cut off at byte %d", at), content[:at:at]) {
				return
			}
		}
	}
}
