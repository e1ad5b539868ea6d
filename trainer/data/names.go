package data

import (
	"bytes"
	"slices"

	"tuned/trainer/data/text"
)

// sharing reports whether cells are names of rows most of which have a word in common with some other: "ford pinto", "anna@example.org",
// "14 Mill Lane". What the names of one make or street go with can hold for new rows. A word that most names have tells none apart.
func sharing(cells []string) bool {
	names := slices.Compact(slices.Sorted(slices.Values(cells)))
	if len(names) < idRows || float64(len(names)) <= idShare*float64(len(cells)) {
		return false
	}
	in, words := map[string]int{}, make([][]string, len(names)) // in: how many names have a word
	for i, name := range names {
		words[i] = wordsOf(name)
		for _, word := range words[i] {
			in[word]++
		}
	}
	alike := 0
	for _, of := range words {
		if slices.ContainsFunc(of, func(word string) bool { return in[word] > 1 && in[word] <= len(names)/2 }) {
			alike++
		}
	}
	return alike >= len(names)/2
}

// wordsOf are the different words of letters in a name.
func wordsOf(name string) (words []string) {
	for word := range bytes.FieldsSeq(text.Plain(nil, name)) {
		if text.Spoken(word) {
			words = append(words, string(word))
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}
