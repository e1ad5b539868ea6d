package source

import (
	"bufio"
	"bytes"
	"errors"
)

// objects divides a text into JSON objects: one a line or, where the text is a list of them, on whatever lines they are.
type objects struct {
	line   int64 // where the last one began
	passed int64 // line breaks before what comes next
	at     place
}

// place is what may come next.
type place uint8

const (
	atStart  place = iota
	inLines        // any line
	inList         // the first object, or the end
	behind         // a comma, or the end
	awaiting       // an object
	atEnd          // nothing
)

var (
	errNoObject  = errors.New("it is no JSON object")
	errListOpen  = errors.New("the list does not end")
	errListOther = errors.New("the list holds something else than objects with commas between them")
)

// split is a bufio.SplitFunc.
func (o *objects) split(text []byte, last bool) (advance int, object []byte, err error) {
	begin := 0
	if o.at == atStart {
		begin = len(text) - len(bytes.TrimLeft(text, blanks))
		if begin == len(text) {
			return 0, nil, nil
		}
		if o.at = inLines; text[begin] == '[' {
			begin = o.pass(text[:begin+1], inList)
		}
	}
	if o.at != inLines {
		advance, object, err = o.ofList(text[begin:], last)
		return begin + advance, object, err
	}
	if advance, object, err = bufio.ScanLines(text, last); advance > 0 {
		o.line = o.passed + 1
		o.passed++
	}
	return advance, object, err
}

const blanks = " \t\r\n"

// ofList is split within a list. A scanner gives up where it is handed nothing at the end, so that all that is between two objects is passed
// at once.
func (o *objects) ofList(text []byte, last bool) (advance int, object []byte, err error) {
	for {
		rest := bytes.TrimLeft(text[advance:], blanks)
		advance += o.pass(text[advance:len(text)-len(rest)], o.at)
		switch {
		case len(rest) == 0 && last && o.at != atEnd:
			return o.fail(errListOpen)
		case len(rest) == 0:
			return advance, nil, nil
		case rest[0] == ',' && o.at == behind:
			advance += o.pass(rest[:1], awaiting)
		case rest[0] == ']' && (o.at == behind || o.at == inList):
			advance += o.pass(rest[:1], atEnd)
		case rest[0] == '{' && (o.at == inList || o.at == awaiting):
			object = o.object(rest, last)
			return advance + len(object), object, nil
		default:
			return o.fail(errListOther)
		}
	}
}

// object is the one that a text begins with, or all that there is of it at the end; nil while it is not all here.
func (o *objects) object(text []byte, last bool) []byte {
	size := objectSize(text)
	switch {
	case size > 0:
	case last:
		size = len(text)
	default:
		return nil
	}
	o.line = o.passed + 1
	o.pass(text[:size], behind)
	return text[:size]
}

// pass leaves a text behind, and returns how many bytes it has.
func (o *objects) pass(text []byte, next place) int {
	o.passed += int64(bytes.Count(text, []byte("\n")))
	o.at = next
	return len(text)
}

func (o *objects) fail(err error) (advance int, object []byte, same error) {
	o.line = o.passed + 1
	return 0, nil, err
}

// objectSize is how many bytes the object has that a text begins with; 0 if it does not end.
func objectSize(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
