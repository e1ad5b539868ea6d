package data

import (
	"bufio"
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

// maxWords is how many words of one text are read: some ten pages.
const maxWords = 4096

// eachWord hands f the hash of each word of a text, in order. A word is a run of letters and digits, in lower case, with apostrophes
// between letters; a letter of a script that writes without spaces is one by itself, and so is every other sign.
func eachWord(text string, f func(hash uint32)) {
	h, inside := newWord, false
	for i, r := range text {
		joined := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || inside && apostrophe(r) && letterAfter(text[i:])
		if inside && (!joined || spaceless(r)) {
			f(h.sum())
			h, inside = newWord, false
		}
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
		case joined && !spaceless(r):
			h, inside = h.add(unicode.ToLower(r)), true
		default:
			f(newWord.add(r).sum())
		}
	}
	if inside {
		f(h.sum())
	}
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

// pairHash is of two words in a row.
func pairHash(first, second uint32) uint32 {
	return uint32(mix(uint64(first)<<32|uint64(second)) >> 32)
}

// wordy reports whether cells read like sentences.
func wordy(cells []string) bool {
	spaces := 0
	for _, cell := range cells {
		spaces += strings.Count(cell, " ")
	}
	return spaces >= textWords*len(cells)
}

// read takes the words of a chunk's cells.
func (b *builder) read(cells []string) {
	b.texts = b.texts[:0]
	for i, cell := range cells {
		words := b.words(i)
		if cell = trim(cell); !missing(cell) {
			eachWord(cell, func(hash uint32) {
				if len(words) < maxWords {
					words = append(words, hash)
				}
			})
		}
		b.texts = append(b.texts, words)
	}
}

// words is what held the words of an earlier chunk's cell, emptied.
func (b *builder) words(i int) []uint32 {
	if i < cap(b.texts) {
		return b.texts[:i+1][i][:0]
	}
	return nil
}

// wordSpool keeps the words of a column's cells on disk while a file is read: of each row how many there are, then their hashes.
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
func (s *wordSpool) put(first int, texts [][]uint32) error {
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

func (s *wordSpool) record(words []uint32) error {
	var head [4]byte
	binary.NativeEndian.PutUint32(head[:], uint32(len(words)))
	if _, err := s.out.Write(head[:]); err != nil {
		return fmt.Errorf("write spool of words: %w", err)
	}
	_, err := s.out.Write(npy.Bytes(signed(words)))
	return err
}

// each hands f the words of every row; they are valid until it returns.
func (s *wordSpool) each(f func(row int, words []int32) error) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("write spool of words: %w", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read spool of words: %w", err)
	}
	in, words := bufio.NewReaderSize(s.file, 1<<16), make([]int32, maxWords)
	for row := range s.rows {
		var head [4]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return fmt.Errorf("read spool of words: %w", err)
		}
		some := words[:binary.NativeEndian.Uint32(head[:])]
		if _, err := io.ReadFull(in, npy.Bytes(some)); err != nil {
			return fmt.Errorf("read spool of words: %w", err)
		}
		if err := f(row, some); err != nil {
			return err
		}
	}
	return nil
}

func (s *wordSpool) close() error { return errors.Join(s.file.Close(), os.Remove(s.file.Name())) }

// signed are the same bits as signed numbers, which arrays hold.
func signed(words []uint32) []int32 {
	out := make([]int32, len(words))
	for i, w := range words {
		out[i] = int32(w)
	}
	return out
}

// texts are the words of a raw column's rows.
type texts struct {
	file *npy.File // nil where no row has any
	ends []int64   // of each row: where its words end
}

// row are the words of a row.
func (t *texts) row(i int) []int32 {
	from := int64(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	if from == t.ends[i] {
		return nil
	}
	return npy.Elements[int32](t.file)[from:t.ends[i]]
}

// writeTexts stores the words of the kept rows beside the raw column.
func (w *columnWriter) writeTexts() (*texts, error) {
	spool := w.loader.spool.words[w.index]
	if spool == nil { // a file of no rows, or of cells that came as numbers
		return &texts{ends: make([]int64, w.count())}, nil
	}
	t, total := &texts{ends: make([]int64, 0, w.count())}, int64(0)
	err := w.eachText(spool, func(words []int32) error {
		total += int64(len(words))
		t.ends = append(t.ends, total)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out, err := npy.Create(textFile(w.path), npy.Int32, int(total))
	if err != nil {
		return nil, err
	}
	err = w.eachText(spool, func(words []int32) error {
		_, err := out.Write(npy.Bytes(words))
		return err
	})
	if err := errors.Join(err, out.Close()); err != nil {
		return nil, err
	}
	t.file, err = npy.Open(textFile(w.path))
	return t, err
}

// eachText hands f the words of the kept rows.
func (w *columnWriter) eachText(spool *wordSpool, f func(words []int32) error) error {
	next := 0
	return spool.each(func(row int, words []int32) error {
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
