package data

import (
	"math"

	"tuned/trainer/data/random"
	"tuned/trainer/npy"
)

// rowKeys are equal for rows that are equal in all columns that models see, and in the target if that is asked for.
func (d *Dataset) rowKeys(target bool) []uint64 {
	keys := make([]uint64, d.Rows)
	if d.Picture != nil {
		d.raw.images.Keys(keys)
	}
	for i, c := range d.raw.columns {
		if i < len(d.Columns) && c.Used || i == len(d.Columns) && target {
			d.raw.addKeys(i, keys)
		}
	}
	return keys
}

func (t *table) addKeys(i int, keys []uint64) {
	switch t.arrays[i].Type {
	case npy.Float32:
		for row, v := range t.numbers(i) {
			keys[row] = random.Mix(keys[row] ^ uint64(math.Float32bits(v)))
		}
	case npy.Seconds:
		for row, v := range t.seconds(i) {
			keys[row] = random.Mix(keys[row] ^ uint64(v))
		}
	default:
		for row, v := range t.codes(i) {
			keys[row] = random.Mix(keys[row] ^ uint64(v))
		}
	}
}
