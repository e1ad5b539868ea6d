package data

import (
	"strings"

	"tuned/trainer/data/source"
)

// hashed marks a spooled text that came after its column's dictionary was full.
const hashed uint64 = 1 << 63

// Limits on a column's different texts that are told apart.
const (
	maxLevels    = 100_000
	maxLevelSize = 16 << 20 // bytes of them together
)

// dictionary maps each level to its code, counted from 1; also the plain form of a level that is a number ("1.0" → "1"), and
// of a boolean in lower case, where that is no other level.
func dictionary(levels []string) map[string]uint32 {
	dict := make(map[string]uint32, len(levels))
	for i, level := range levels {
		dict[level] = uint32(i) + 1
	}
	for i, level := range levels {
		if plain := source.Plain(level); dict[plain] == 0 {
			dict[plain] = uint32(i) + 1
		}
	}
	return dict
}

func (b *builder) code(cell string, line int64) uint64 {
	if code, ok := b.dict[cell]; ok {
		return uint64(code)
	}
	if !b.check(cell, line) {
		return gap
	}
	if b.closed {
		return b.known(cell)
	}
	b.fresh++
	b.spaces += strings.Count(cell, " ")
	return b.learn(cell)
}

// known finds a level written differently.
func (b *builder) known(cell string) uint64 {
	if code, ok := b.dict[source.Plain(cell)]; ok {
		return uint64(code)
	}
	b.unseen++
	return gap
}

// learn adds a level to the dictionary, or hashes it once that is full.
func (b *builder) learn(cell string) uint64 {
	if b.full || len(b.levels) >= maxLevels || b.levelSize+len(cell) > maxLevelSize {
		b.full = true
		return hashed | textHash(cell)
	}
	if b.dict == nil {
		b.dict = map[string]uint32{}
	}
	cell = strings.Clone(cell)
	b.levels = append(b.levels, cell)
	b.levelSize += len(cell)
	b.dict[cell] = uint32(len(b.levels))
	return uint64(len(b.levels))
}

// textHash is FNV-1a, 32 bits of it, never 0.
func textHash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return (h>>32^h)&0x7fffffff | 1
}
