package data

import (
	"io"
)

// Limits on what a file may hold: far above any sensible table, low enough that a hostile file cannot exhaust memory.
const (
	sampleSize = 1 << 16 // bytes of a text by which it is recognised
	maxColumns = 20_000
	maxRows    = 1 << 30
	maxRecord  = 16 << 20 // bytes of one line, quoted line breaks included
	maxCell    = 1 << 20  // bytes
)

// source is a file as a stream of chunks of rows.
type source interface {
	fields() []field
	// head says where the name of a column stands.
	head(column int) string
	// next fills the chunk with the next rows, up to its capacity; io.EOF when there are none left.
	next(c *chunk) error
	// place says where a cell is; line is the chunk's for the row.
	place(line int64, column int) string
	// notes are what a person should know about how the file was read, once it was.
	notes() []string
	io.Closer
}

// tableFile says where a table is.
type tableFile struct {
	path  string
	sheet string   // of a workbook; "": the first that suits
	known []string // columns that a sheet has to have, where a model asks; it may then be another one than sheet

	western bool // a text that was found not to be UTF-8
}

// field is a column as the file declares it.
type field struct {
	name string
	// declared is what all cells are, where the file itself says so (Parquet): numbers or dates, which come as numbers. inText: they come as texts.
	declared kind
	comma    bool // numbers may have a decimal comma: the cells are not separated by commas
	typed    bool // each cell knows what it is
}
