package text

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"tuned/trainer/data/random"
)

// MaxBytes is how much of one text is kept: some ten pages.
const MaxBytes = 1 << 15

const (
	maxLetters  = 64                         // of one word that are kept
	longestWord = maxLetters*utf8.UTFMax + 1 // in bytes, with the space after it
	pieceLeast  = 2                          // letters of a piece, at least,
	pieceMost   = 5                          // and at most
)

// Plain appends the words of a text, in lower case and with a space after each. A word is a run of letters and digits, with apostrophes
// between letters; a letter of a script that writes without spaces is one by itself, and so is every other sign.
func Plain(out []byte, text string) []byte {
	start, letters := len(out), 0 // letters of the word that is open
	for i, r := range text {
		joined := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || letters > 0 && apostrophe(r) && letterAfter(text[i:])
		if letters > 0 && (!joined || spaceless(r)) {
			out, letters = append(out, ' '), 0
		}
		if len(out)-start > MaxBytes-longestWord && letters == 0 {
			return out
		}
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
		case !joined || spaceless(r):
			out = append(utf8.AppendRune(out, r), ' ')
		case letters < maxLetters:
			out, letters = utf8.AppendRune(out, unicode.ToLower(r)), letters+1
		}
	}
	if letters > 0 {
		out = append(out, ' ')
	}
	return out
}

func apostrophe(r rune) bool { return r == '\'' || r == '’' }

// letterAfter reports whether a letter follows the first sign.
func letterAfter(text string) bool {
	_, n := utf8.DecodeRuneInString(text)
	r, _ := utf8.DecodeRuneInString(text[n:])
	return unicode.IsLetter(r)
}

// spaceless reports letters of scripts whose words no spaces part.
func spaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// wordHash is FNV-1a over runes.
type wordHash uint64

const newWord wordHash = 14695981039346656037

func (h wordHash) add(r rune) wordHash { return (h ^ wordHash(r)) * 1099511628211 }

func (h wordHash) sum() uint32 { return uint32(random.Mix(uint64(h)) >> 32) }

func wordOf(word []byte) uint32 {
	h := newWord
	for _, r := range string(word) {
		h = h.add(r)
	}
	return h.sum()
}

// pairHash is of two words in a row.
func pairHash(first, second uint32) uint32 {
	return uint32(random.Mix(uint64(first)<<32|uint64(second)) >> 32)
}

// eachTerm hands f the hashes of a plain text's words and pairs of neighbouring words.
func eachTerm(text []byte, f func(term int32)) {
	before, paired := uint32(0), false
	for word := range bytes.FieldsSeq(text) {
		h := wordOf(word)
		f(int32(h))
		if paired {
			f(int32(pairHash(before, h)))
		}
		before, paired = h, true
	}
}

// eachPiece hands f the hashes of the pieces of a plain text's words: of all neighbouring letters, a few of them. A space before and after a
// word is one too, so that how words begin and end can be told.
func eachPiece(text []byte, f func(term int32)) {
	var letters [maxLetters + 2]rune
	for word := range bytes.FieldsSeq(text) {
		all := append(letters[:0], ' ')
		for _, r := range string(word) {
			all = append(all, r)
		}
		eachPart(append(all, ' '), f)
	}
}

func eachPart(letters []rune, f func(term int32)) {
	for i := range letters {
		h := newWord
		for n, r := range letters[i:min(i+pieceMost, len(letters))] {
			if h = h.add(r); n+1 >= pieceLeast {
				f(int32(h.sum()))
			}
		}
	}
}
