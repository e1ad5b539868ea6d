package data

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"tuned/trainer/npy"
)

const (
	maxText    = 1 << 15 // bytes of one text that are kept: some ten pages
	maxLetters = 64      // of one word that are kept
	pieceLeast = 2       // letters of a piece, at least,
	pieceMost  = 5       // and at most
)

// plainly appends the words of a text, in lower case and with a space after each. A word is a run of letters and digits, with apostrophes
// between letters; a letter of a script that writes without spaces is one by itself, and so is every other sign.
func plainly(out []byte, text string) []byte {
	start, letters := len(out), 0 // letters of the word that is open
	for i, r := range text {
		joined := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || letters > 0 && apostrophe(r) && letterAfter(text[i:])
		if letters > 0 && (!joined || spaceless(r)) {
			out, letters = append(out, ' '), 0
		}
		if len(out)-start > maxText-maxLetters*utf8.UTFMax && letters == 0 {
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

func (h wordHash) sum() uint32 { return uint32(mix(uint64(h)) >> 32) }

func wordOf(word []byte) uint32 {
	h := newWord
	for _, r := range string(word) {
		h = h.add(r)
	}
	return h.sum()
}

// pairHash is of two words in a row.
func pairHash(first, second uint32) uint32 {
	return uint32(mix(uint64(first)<<32|uint64(second)) >> 32)
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

// wordy reports whether cells read like sentences.
func wordy(cells []string) bool {
	spaces := 0
	for _, cell := range cells {
		spaces += strings.Count(cell, " ")
	}
	return spaces >= textWords*len(cells)
}

// How often the things in a column of lists occur on average, at least, and of how many of its cells are lists.
const (
	listRepeats = 5
	listShare   = 0.3
)

// lists reports whether cells list some of a few things, such as the answers that somebody ticked: "Excel;Word;SAP".
func lists(cells []string) bool {
	for _, between := range []string{";", "|", ","} {
		things, count, several := map[string]bool{}, 0, 0
		for _, cell := range cells {
			listed := strings.Split(cell, between)
			for _, thing := range listed {
				things[trim(thing)] = true
			}
			count += len(listed)
			if len(listed) > 1 {
				several++
			}
		}
		if float64(several) >= listShare*float64(len(cells)) && count >= listRepeats*len(things) {
			return true
		}
	}
	return false
}

// read takes the words of a chunk's cells.
func (b *builder) read(cells []string) {
	b.texts = b.texts[:0]
	for i, cell := range cells {
		words := b.words(i)
		if cell = trim(cell); !missing(cell) {
			words = plainly(words, cell)
		}
		b.texts = append(b.texts, words)
	}
}

// words is what held the words of an earlier chunk's cell, emptied.
func (b *builder) words(i int) []byte {
	if i < cap(b.texts) {
		return b.texts[:i+1][i][:0]
	}
	return nil
}

// wordSpool keeps the words of a column's cells on disk while a file is read: of each row how long they are, then they themselves.
type wordSpool struct {
	file *os.File
	out  *bufio.Writer
	rows int
}

func newWordSpool(dir string, builder int) (*wordSpool, error) {
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("words-%d.tmp", builder)))
	if err != nil {
		return nil, fmt.Errorf("create spool of words: %w", err)
	}
	return &wordSpool{file: f, out: bufio.NewWriterSize(f, 1<<16)}, nil
}

// put appends the words of rows that begin with the first; those between them and the rows before have none.
func (s *wordSpool) put(first int, texts [][]byte) error {
	for ; s.rows < first; s.rows++ {
		if err := s.record(nil); err != nil {
			return err
		}
	}
	for _, words := range texts {
		if err := s.record(words); err != nil {
			return err
		}
	}
	s.rows += len(texts)
	return nil
}

func (s *wordSpool) record(words []byte) error {
	var head [4]byte
	binary.NativeEndian.PutUint32(head[:], uint32(len(words)))
	if _, err := s.out.Write(head[:]); err != nil {
		return fmt.Errorf("write spool of words: %w", err)
	}
	_, err := s.out.Write(words)
	return err
}

// each hands f the words of every row; they are valid until it returns.
func (s *wordSpool) each(f func(row int, words []byte) error) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("write spool of words: %w", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read spool of words: %w", err)
	}
	in, words := bufio.NewReaderSize(s.file, 1<<16), make([]byte, maxText)
	for row := range s.rows {
		var head [4]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return fmt.Errorf("read spool of words: %w", err)
		}
		some := words[:binary.NativeEndian.Uint32(head[:])]
		if _, err := io.ReadFull(in, some); err != nil {
			return fmt.Errorf("read spool of words: %w", err)
		}
		if err := f(row, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *wordSpool) close() error { return errors.Join(s.file.Close(), os.Remove(s.file.Name())) }

// texts are the words of a raw column's rows.
type texts struct {
	file *npy.File // nil where no row has any
	ends []int64   // of each row: where its words end
}

// row are the words of a row, as a plain text.
func (t *texts) row(i int) []byte {
	from := int64(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	if from == t.ends[i] {
		return nil
	}
	return npy.Elements[uint8](t.file)[from:t.ends[i]]
}

// writeTexts stores the words of the kept rows beside the raw column.
func (w *columnWriter) writeTexts() (*texts, error) {
	spool := w.loader.spool.words[w.index]
	if spool == nil { // a file of no rows, or of cells that came as numbers
		return &texts{ends: make([]int64, w.count())}, nil
	}
	t, total := &texts{ends: make([]int64, 0, w.count())}, int64(0)
	err := w.eachText(spool, func(words []byte) error {
		total += int64(len(words))
		t.ends = append(t.ends, total)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out, err := npy.Create(textFile(w.path), npy.Uint8, int(total))
	if err != nil {
		return nil, err
	}
	err = w.eachText(spool, func(words []byte) error {
		_, err := out.Write(words)
		return err
	})
	if err := errors.Join(err, out.Close()); err != nil {
		return nil, err
	}
	t.file, err = npy.Open(textFile(w.path))
	return t, err
}

// eachText hands f the words of the kept rows.
func (w *columnWriter) eachText(spool *wordSpool, f func(words []byte) error) error {
	next := 0
	return spool.each(func(row int, words []byte) error {
		if w.rows != nil {
			if next == len(w.rows) || int(w.rows[next]) != row {
				return nil
			}
			next++
		}
		return f(words)
	})
}

// textFile is where the words of a raw column are.
func textFile(column string) string { return column + ".words" }
