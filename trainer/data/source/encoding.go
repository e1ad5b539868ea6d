package source

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// errNotUTF8 is of a text in another encoding, as which one that does not say so is read first.
var errNotUTF8 = errors.New("the text is not valid UTF-8")

// EncodingHint is for who has a text that is not UTF-8.
const EncodingHint = "save the file as UTF-8 text: spreadsheets call that type CSV UTF-8, editors have it as the encoding"

// westernNote tells of a guess: all but five bytes mean something in Windows-1252, whatever the author meant.
const westernNote = "The file is not UTF-8 and was read as Windows-1252, which spreadsheets in Western Europe and America write; if letters such as ä or é look wrong, save it as CSV UTF-8."

// decoded gives a text as UTF-8 without a byte order mark. What begins with one of UTF-16 is that; without any, a file that was found
// not to be UTF-8 is Windows-1252.
func (f File) decoded(r io.Reader) *bufio.Reader {
	text := bufio.NewReaderSize(r, 1<<18)
	mark, _ := text.Peek(3) // an error comes again
	switch {
	case bytes.Equal(mark, []byte("\xef\xbb\xbf")):
		_, _ = text.Discard(len(mark)) // they are there
		return text
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return bufio.NewReaderSize(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(text), 1<<18)
	case f.western:
		return bufio.NewReaderSize(charmap.Windows1252.NewDecoder().Reader(text), 1<<18)
	}
	return text
}

// InOtherEncoding is the file in the other encoding that it may have, where an error says that it is not UTF-8.
func (f File) InOtherEncoding(err error) (other File, ok bool) {
	other = f
	other.western = true
	return other, !f.western && errors.Is(err, errNotUTF8)
}
