package source

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"tuned/trainer/data/xlsx"
)

// otherArchive says what an archive is that is no workbook of this kind.
func otherArchive(path string, b *xlsx.Book) error {
	what, hint := "it is a zip archive", "unpack it, and name the table in it"
	switch {
	case b.Holds("xl/workbook.bin"):
		what, hint = "it is an Excel workbook in the binary form (.xlsb)", "open it in Excel and save it as .xlsx or as CSV"
	case b.Holds("Index/Document.iwa") || b.Holds("Index.zip"):
		what, hint = "it is a document of Apple Numbers", "export it as Excel (.xlsx) or CSV"
	case b.Holds("content.xml") && b.Holds("mimetype"):
		what, hint = "it is a spreadsheet of OpenDocument (.ods)", "save it as .xlsx or as CSV"
	case b.Holds("word/document.xml") || b.Holds("ppt/presentation.xml"):
		what, hint = "it is a document, not a workbook", "save its table as .xlsx or as CSV"
	}
	return &Error{Op: "read", Path: path, Hint: hint, Err: errors.New(what)}
}

// compound says what an old compound file is: an .xls, or a workbook behind a password.
func compound(path string, file io.ReaderAt, size int64) error {
	what, hint := "it is an old Excel workbook (.xls)", "open it in Excel and save it as .xlsx or as CSV"
	ends := make([]byte, 2<<20) // the names of its parts lie near the beginning or the end
	n, _ := file.ReadAt(ends[:1<<20], 0)
	m, _ := file.ReadAt(ends[n:], max(0, size-1<<20))
	if bytes.Contains(ends[:n+m], []byte(strings.Join(strings.Split("EncryptedPackage", ""), "\x00"))) {
		what, hint = "the workbook is protected by a password", "open it in Excel and save it without one, or as CSV"
	}
	return &Error{Op: "read", Path: path, Hint: hint, Err: errors.New(what)}
}

// noTable refuses texts that are something else, by how they begin.
func noTable(path string, sample []byte) error {
	start := strings.ToLower(string(bytes.TrimSpace(sample[:min(len(sample), 64)])))
	switch {
	case strings.HasPrefix(start, "pk\x03\x04"):
		return &Error{Op: "read", Path: path, Hint: "unpack it: a workbook is compressed already", Err: errors.New("it is a compressed workbook or zip archive")}
	case strings.HasPrefix(start, "<?xml"), strings.HasPrefix(start, "<html"), strings.HasPrefix(start, "<!doctype"), strings.HasPrefix(start, "<table"):
		return &Error{Op: "read", Path: path, Place: "line 1", Hint: "open it in Excel and save it as .xlsx or as CSV", Err: errors.New("it is XML or a web page, which is no table")}
	}
	return nil
}
