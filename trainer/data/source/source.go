// Package source opens a table as a stream of chunks of rows, whatever its format (CSV, JSON, Parquet or a sheet of a workbook), its
// compression and its encoding, and says where each cell stands. What the cells of a column are together is for its callers to decide; it knows
// what one of them says.
package source

import "io"

// Limits on what a file may hold: far above any sensible table, low enough that a hostile file cannot exhaust memory.
const (
	MaxRows    = 1 << 30 // for callers to hold
	maxColumns = 100_000
	maxRecord  = 16 << 20 // bytes of one line, quoted line breaks included
	maxCell    = 1 << 20  // bytes
	sampleSize = 1 << 16  // bytes of a text by which it is recognised
)

// Table is a file as a stream of chunks of rows.
type Table interface {
	// Fields are its columns, no two of one name.
	Fields() []Field
	// Head says where the name of a column stands.
	Head(column int) string
	// Next fills the chunk with the next rows, up to its capacity; io.EOF when there are none left.
	Next(c *Chunk) error
	// Place says where a cell is; line is the chunk's for the row.
	Place(line int64, column int) string
	// Notes are what a person should know about how the file was read, once it was.
	Notes() []string
	io.Closer
}

// File says where a table is.
type File struct {
	Path  string
	Sheet string   // of a workbook; "": the first that suits
	Known []string // columns that a sheet has to have, where a model asks; it may then be another one than sheet
	Whole []string // keys of JSON whose objects are not taken apart

	western bool // a text that was found not to be UTF-8
}

// Field is a column as the file declares it.
type Field struct {
	Name string
	// Declared is what all cells are, where the file itself says so (Parquet): numbers or dates, which come as numbers. TextCell: they come as texts.
	Declared Kind
	Comma    bool // numbers may have a decimal comma: the cells are not separated by commas
	Typed    bool // each cell knows what it is
	Repeated bool // others have the name in the file: they are called otherwise
}
