package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonSource reads objects of JSON, one a line (JSON Lines) or in a list, whose keys are columns. Of an object within one, each key is a
// column too, with the outer key before it: "address.town". A key may come up in any of them, so that all are looked through once before
// the rows are read; columns stand in the order in which their keys first come up. A row without a key has a missing value.
type jsonSource struct {
	path    string
	in      *Input
	objects *objectReader
	columns []Field
	at      map[string]int // of a key: its column
}

// namedJSON reports a name that says that a file holds JSON.
func namedJSON(path string) bool {
	return slices.Contains([]string{".json", ".jsonl", ".ndjson"}, strings.ToLower(filepath.Ext(bareName(path))))
}

// isJSON reports a text that begins as JSON, or lines of it, do: no table whose first line names columns has a bare quote or bracket
// after the first one.
func isJSON(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 {
		return false
	}
	inner := bytes.TrimLeft(text[1:], " \t\r\n")
	follows := map[byte]string{'{': `"}`, '[': `{["`}[text[0]]
	return len(inner) > 0 && strings.IndexByte(follows, inner[0]) >= 0
}

// openJSON looks for the keys in the file, and will read its rows from r, which reads in, which the source closes.
func openJSON(ctx context.Context, f File, in *Input, r io.Reader) (*jsonSource, error) {
	s := &jsonSource{path: f.Path, in: in, objects: newObjectReader(f, r), at: map[string]int{}}
	again, err := OpenInput(ctx, f.Path, nil, nil)
	if err != nil {
		return nil, err
	}
	found := jsonKeys{valued: map[string]bool{}}
	err = errors.Join(found.read(newObjectReader(f, f.decoded(again))), again.Close())
	whole := found.mixed()
	s.objects.whole = slices.Concat(f.Whole, whole)
	s.name(found.columns(whole))
	switch {
	case len(s.columns) == 0 && err == nil:
		err = &Error{Op: "read", Path: f.Path, Hint: objectHint, Err: errors.New("it holds no object with keys")}
	case found.objects == 1 && err == nil && f.Known == nil:
		err = &Error{Op: "read", Path: f.Path, Hint: found.alone(), Err: errors.New("it holds a single object, which is one row")}
	case len(s.columns) > 0 && ctx.Err() == nil:
		err = nil // what is wrong further down is met again where it is
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

const objectHint = `a row is one object, such as {"age": 31, "town": "Bern"}: each on a line of its own, or all in one list, [{...}, {...}]`

// name makes a column of each key.
func (s *jsonSource) name(keys []string) {
	for i, key := range keys {
		s.at[key] = i
		name := Trim(dotted(key))
		if name == "" {
			name = Unnamed(i)
		}
		s.columns = append(s.columns, Field{Name: name, Typed: true})
	}
}

func (s *jsonSource) Fields() []Field { return s.columns }

func (s *jsonSource) Notes() []string { return nil }

func (s *jsonSource) Next(c *Chunk) error {
	limit := chunkRows(len(s.columns))
	c.reset(len(s.columns))
	for c.Rows < limit {
		err := s.objects.next(func(key []byte, v jsontext.Value) {
			if j, ok := s.at[string(key)]; ok {
				putJSON(c, j, v)
			}
		})
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		c.endRow(s.objects.line)
	}
	if c.Rows == 0 {
		return io.EOF
	}
	return nil
}

// putJSON adds a value to a chunk. A number keeps its digits.
func putJSON(c *Chunk, column int, v jsontext.Value) {
	switch v.Kind() {
	case '"':
		text, _ := jsontext.AppendUnquote(nil, v) // it was read as a string
		c.put(column, TextCell, string(text), 0)
	case '0':
		text := string(v)
		n, _, _ := Number(text)
		c.put(column, NumberCell, text, n)
	case 'n':
		c.put(column, TextCell, "", 0)
	case '{', '[':
		c.put(column, PiecesCell, "", 0)
	default:
		c.put(column, TextCell, string(v), 0)
	}
}

func (s *jsonSource) Place(line int64, column int) string {
	return fmt.Sprintf("line %d, key %q", line, s.columns[column].Name)
}

func (s *jsonSource) Head(column int) string { return fmt.Sprintf("key %q", s.columns[column].Name) }

// Close closes the file.
func (s *jsonSource) Close() error { return s.in.Close() }

// objectReader reads one object after another.
type objectReader struct {
	path string
	text *bufio.Scanner
	objects
	one  bytes.Buffer
	json *jsontext.Decoder
	key  []byte // those of the objects around it before it, with within between them
	// whole are keys, dotted, whose objects are values.
	whole []string
}

func newObjectReader(f File, r io.Reader) *objectReader {
	l := &objectReader{path: f.Path, text: bufio.NewScanner(r), whole: f.Whole}
	l.text.Buffer(make([]byte, 1<<16), maxRecord)
	l.text.Split(l.split)
	l.json = jsontext.NewDecoder(&l.one)
	return l
}

// next reads the next object, and hands each of its keys and values to visit; io.EOF at the end. What it hands over is
// valid until visit returns.
func (l *objectReader) next(visit func(key []byte, v jsontext.Value)) error {
	for l.text.Scan() {
		if one := bytes.TrimSpace(l.text.Bytes()); len(one) > 0 {
			l.one.Reset()
			l.one.Write(one)
			l.json.Reset(&l.one)
			if err := l.take(visit); err != nil {
				return l.fault(err)
			}
			return nil
		}
	}
	switch err := l.text.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		l.line = l.passed + 1
		return l.fault(errors.New("the object is longer than 16 MiB"))
	case errors.Is(err, errListOpen), errors.Is(err, errListOther):
		return l.fault(err)
	case err != nil:
		return damaged(l.path, err)
	}
	return io.EOF
}

func (l *objectReader) take(visit func(key []byte, v jsontext.Value)) error {
	if l.json.PeekKind() != '{' {
		return errNoObject
	}
	l.key = l.key[:0]
	if err := l.members(visit); err != nil {
		return err
	}
	if _, err := l.json.ReadToken(); err != io.EOF {
		return errors.New("more follows the object")
	}
	return nil
}

// members hands over what the object holds that begins here. What is in the key stands before its keys.
func (l *objectReader) members(visit func(key []byte, v jsontext.Value)) error {
	if _, err := l.json.ReadToken(); err != nil {
		return err
	}
	outer := len(l.key)
	for l.json.PeekKind() != '}' {
		name, err := l.json.ReadValue()
		if err != nil {
			return err
		}
		if l.key, err = jsontext.AppendUnquote(l.key[:outer], name); err != nil {
			return err
		}
		if err := l.value(visit); err != nil {
			return err
		}
	}
	_, err := l.json.ReadToken()
	return err
}

// value hands over the value that begins here, or takes it apart.
func (l *objectReader) value(visit func(key []byte, v jsontext.Value)) error {
	if l.json.PeekKind() == '{' && l.isTakenApart() {
		l.key = append(l.key, within...)
		return l.members(visit)
	}
	value, err := l.json.ReadValue()
	if err == nil {
		visit(l.key, value)
	}
	return err
}

// isTakenApart tells whether the object of the key that was read is one of columns.
func (l *objectReader) isTakenApart() bool {
	if len(l.whole) > 0 && slices.Contains(l.whole, dotted(string(l.key))) {
		return false
	}
	return bytes.Count(l.key, []byte(within)) < mostNested
}

// fault says what is wrong with an object.
func (l *objectReader) fault(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		err = fmt.Errorf("the key %q stands there twice", keyAt(syntax))
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		err = errors.New("the object does not end")
	case errors.As(err, &syntax):
		err = errors.New("the JSON is wrong: " + strings.TrimPrefix(syntax.Err.Error(), "jsontext: "))
	}
	return &Error{Op: "read", Path: l.path, Place: fmt.Sprintf("line %d", l.line), Hint: objectHint, Err: err}
}

// keyAt is the key, dotted, that an error is about.
func keyAt(e *jsontext.SyntacticError) string {
	return strings.Join(slices.Collect(e.JSONPointer.Tokens()), ".")
}
