package xlsx

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
)

// readTexts reads the texts that cells share.
func (b *Book) readTexts(ctx context.Context) error {
	if b.read || b.strings == "" {
		return nil
	}
	p, err := b.part(ctx, b.strings, maxStrings)
	if err != nil {
		return err
	}
	d := xml.NewDecoder(bufio.NewReaderSize(p, 1<<16))
	a := arena{}
	err = a.readAll(d, p)
	if err == nil {
		err = p.drain()
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", b.strings, err)
	}
	b.texts, b.read = a.texts, err == nil
	return errors.Join(err, p.Close())
}

// arena keeps many short texts in few allocations.
type arena struct {
	texts []string
	block []byte
	ends  []int
	size  int
}

func (a *arena) readAll(d *xml.Decoder, p *part) error {
	for {
		token, err := d.RawToken()
		if err != nil {
			return cut(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "si" {
				p.left = maxRow
				if a.block, err = appendText(a.block, d, "si"); err != nil {
					return err
				}
				if err := a.end(); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if e.Name.Local == "sst" {
				a.flush()
				return nil
			}
		}
	}
}

// end ends a text.
func (a *arena) end() error {
	a.ends = append(a.ends, len(a.block))
	if len(a.block) >= 1<<16 {
		a.flush()
	}
	if len(a.texts)+len(a.ends) > maxTexts || a.size > maxText {
		return ErrLarge
	}
	return nil
}

// flush makes texts of the block.
func (a *arena) flush() {
	all, start := string(a.block), 0
	for _, end := range a.ends {
		a.texts = append(a.texts, all[start:end])
		start = end
	}
	a.size += len(all)
	a.block, a.ends = a.block[:0], a.ends[:0]
}

// cut turns the end of the file, where more is expected, into an error.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// appendText appends what stands in the runs of a text, up to the end of the element around them. How it is to be pronounced does not
// belong to it.
func appendText(to []byte, d *xml.Decoder, until string) ([]byte, error) {
	inText, aloud, start := false, false, len(to)
	for {
		token, err := d.RawToken()
		if err != nil {
			return nil, cut(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			inText, aloud = e.Name.Local == "t", aloud || e.Name.Local == "rPh"
		case xml.EndElement:
			inText, aloud = false, aloud && e.Name.Local != "rPh"
			if e.Name.Local == until {
				return append(to[:start], unescape(to[start:])...), nil
			}
		case xml.CharData:
			if inText && !aloud {
				to = append(to, e...)
			}
		}
	}
}

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape undoes the way in which a workbook writes characters that XML cannot hold.
func unescape(text []byte) []byte {
	if !escaped.Match(text) {
		return text
	}
	return escaped.ReplaceAllFunc(text, func(code []byte) []byte {
		r, _ := strconv.ParseUint(string(code[2:6]), 16, 16) // the expression saw to the digits
		return []byte(string(rune(r)))
	})
}
