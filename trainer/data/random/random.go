// Package random has numbers that are a function of a seed and of what they are for, the same on every platform.
package random

import (
	"math/bits"
	"slices"
)

// Streams keep the uses of randomness apart: the same seed never gives two of them the same numbers.
const (
	Order      uint64 = 1 + iota // of training rows in an epoch
	Split                        // into training and holdout
	Validation                   // what of the training rows it is
	Subset                       // of rows, where there are too many
	Jitter                       // that parts equal values
	Fold                         // of a row, where each is judged by what others taught
	Shuffles                     // of a column
	Text                         // the order in which a regression looks at texts
)

// Numbers are a counter-based generator: number i of a stream is a function of seed, stream and i alone (the finaliser of
// SplitMix64, Steele, Lea and Flood 2014, over a Weyl sequence), the same on every platform and in any order.
type Numbers struct{ key uint64 }

// New starts the numbers of a stream; sub tells apart those of one use.
func New(seed int64, stream, sub uint64) Numbers {
	return Numbers{Mix(Mix(uint64(seed)+stream*0x9e3779b97f4a7c15) + sub*0xd1b54a32d192ed03)}
}

// At returns number i, of 64 bits.
func (r Numbers) At(i uint64) uint64 { return Mix(r.key + i*0x9e3779b97f4a7c15) }

// Below returns a number in 0 … n-1.
func (r Numbers) Below(i, n uint64) uint64 {
	hi, _ := bits.Mul64(r.At(i), n)
	return hi
}

// Uniform returns a number in (0, 1).
func (r Numbers) Uniform(i uint64) float64 { return (float64(r.At(i)>>11) + 0.5) / (1 << 53) }

// Shuffle permutes rows in place.
func (r Numbers) Shuffle(rows []int32) {
	for i := len(rows) - 1; i > 0; i-- {
		j := r.Below(uint64(i), uint64(i)+1)
		rows[i], rows[j] = rows[j], rows[i]
	}
}

// Sample keeps at most n rows, in order.
func Sample(rows []int32, n int, seed int64) []int32 {
	if n <= 0 || len(rows) <= n {
		return rows
	}
	rows = slices.Clone(rows)
	New(seed, Subset, 0).Shuffle(rows)
	rows = rows[:n]
	slices.Sort(rows)
	return rows
}

// Mix scrambles a number: each bit of it moves half of the others.
func Mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
