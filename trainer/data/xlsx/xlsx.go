// Package xlsx reads the sheets of an Excel workbook (.xlsx, .xlsm) as a stream of cells that know their types.
//
// It is no general reader: a table wants each cell as it is stored, with its type, from a sheet that need not fit into memory, and an
// error where a part is damaged. The libraries for workbooks give streamed cells as texts, in which a date, a number and digits that
// somebody typed as text look alike, and take a damaged part for the end of the sheet.
package xlsx

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Limits on what a workbook may unpack to: above any sensible one, low enough that a hostile file can exhaust neither memory nor patience.
const (
	maxSheet   = 4 << 30   // bytes of a sheet's part, which is read as a stream
	maxRow     = 16 << 20  // bytes of a row
	maxStrings = 1 << 30   // bytes of the part that holds the texts
	maxText    = 512 << 20 // bytes of the texts themselves
	maxTexts   = 16 << 20  // texts
	maxPart    = 32 << 20  // bytes of any other part
	maxColumns = 16_384
	maxRows    = 1 << 20
)

// ErrLarge is of a part that unpacks to more than is read.
var ErrLarge = errors.New("a part of the workbook is too large")

// ErrNone is of a zip archive that is no workbook.
var ErrNone = errors.New("the archive holds no workbook")

// Book is an opened workbook.
type Book struct {
	Sheets []Sheet // those with cells, in the order of their tabs

	parts   map[string]*zip.File
	styles  []style // by a cell's style
	old     bool    // dates count from 1904
	strings string  // the part of the shared texts; "": there is none
	texts   []string
	read    bool // whether texts were
}

// Sheet is a sheet of cells.
type Sheet struct {
	Name   string
	Hidden bool

	part string
}

// Open reads what the workbook says of itself. The file stays the caller's.
func Open(file io.ReaderAt, size int64) (*Book, error) {
	z, err := zip.NewReader(file, size)
	if err != nil {
		return nil, err
	}
	b := &Book{parts: map[string]*zip.File{}}
	for _, f := range z.File {
		if name := partName(f.Name); b.parts[name] == nil {
			b.parts[name] = f
		}
	}
	return b, b.open()
}

// Holds tells whether the archive has a part of that name.
func (b *Book) Holds(name string) bool { return b.parts[partName(name)] != nil }

// partName is how a part is looked up: names differ in more than the case of letters.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, "\\", "/"), "/"))
}

// relation is a part that another one names.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is compares the last word of the type, which is the same in both dialects of the format.
func (r relation) is(kind string) bool { return path.Base(r.Type) == kind }

// relations are the parts that the one of this name names; none are fine.
func (b *Book) relations(of string) ([]relation, error) {
	dir, name := path.Split(of)
	var all struct {
		Relations []relation `xml:"Relationship"`
	}
	if part := dir + "_rels/" + name + ".rels"; b.Holds(part) {
		if err := b.decode(part, &all); err != nil {
			return nil, err
		}
	}
	for i, r := range all.Relations {
		if !strings.HasPrefix(r.Target, "/") {
			all.Relations[i].Target = path.Join(dir, r.Target)
		}
	}
	return all.Relations, nil
}

// open finds the workbook's parts.
func (b *Book) open() error {
	root, err := b.relations("")
	if err != nil {
		return err
	}
	book := "xl/workbook.xml"
	for _, r := range root {
		if r.is("officeDocument") {
			book = r.Target
		}
	}
	if !b.Holds(book) || !strings.HasSuffix(partName(book), ".xml") {
		return ErrNone
	}
	parts, err := b.relations(book)
	if err != nil {
		return err
	}
	for _, r := range parts {
		switch {
		case r.is("sharedStrings"):
			b.strings = r.Target
		case r.is("styles") && b.Holds(r.Target):
			if b.styles, err = b.readStyles(r.Target); err != nil {
				return err
			}
		}
	}
	return b.list(book, parts)
}

// list reads the workbook's own part: its sheets, and from when dates count.
func (b *Book) list(part string, parts []relation) error {
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets *struct {
			Sheets []struct {
				Name  string     `xml:"name,attr"`
				State string     `xml:"state,attr"`
				Any   []xml.Attr `xml:",any,attr"`
			} `xml:"sheet"`
		} `xml:"sheets"`
	}
	if err := b.decode(part, &book); err != nil {
		return err
	}
	if book.Sheets == nil {
		return ErrNone
	}
	b.old = book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true"
	for _, s := range book.Sheets.Sheets {
		for _, r := range parts {
			if r.is("worksheet") && r.ID == relationID(s.Any) {
				b.Sheets = append(b.Sheets, Sheet{Name: s.Name, Hidden: s.State == "hidden" || s.State == "veryHidden", part: r.Target})
			}
		}
	}
	return nil
}

func relationID(attributes []xml.Attr) string {
	for _, a := range attributes {
		if a.Name.Local == "id" {
			return a.Value
		}
	}
	return ""
}

// decode reads a small part whole.
func (b *Book) decode(name string, to any) error {
	r, err := b.part(context.Background(), name, maxPart)
	if err != nil {
		return err
	}
	r.left = maxPart
	err = xml.NewDecoder(r).Decode(to)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return errors.Join(err, r.Close())
}

// part opens a part of at most so many bytes.
func (b *Book) part(ctx context.Context, name string, limit uint64) (*part, error) {
	f := b.parts[partName(name)]
	if f == nil {
		return nil, fmt.Errorf("%s is missing", name)
	}
	if f.UncompressedSize64 > limit {
		return nil, fmt.Errorf("%s: %w: %d MiB", name, ErrLarge, f.UncompressedSize64>>20)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &part{r: r, ctx: ctx, size: int64(f.UncompressedSize64), left: maxRow}, nil
}

// part is a part being read: no more of it than the archive says, and than is left.
type part struct {
	r    io.ReadCloser
	ctx  context.Context
	size int64
	read int64
	left int64 // bytes that may be read until something is done with them
}

func (p *part) Read(to []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	if p.left <= 0 {
		return 0, ErrLarge
	}
	n, err := p.r.Read(to[:min(int64(len(to)), p.left)])
	p.read += int64(n)
	p.left -= int64(n)
	return n, err
}

func (p *part) Close() error { return p.r.Close() }

// drain reads the rest of the part, so that its checksum is compared.
func (p *part) drain() error {
	_, err := io.Copy(io.Discard, p.r)
	return err
}
