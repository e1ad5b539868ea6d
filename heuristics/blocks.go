package heuristics

import (
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// block is one [[rule]], [[check]], [[watch]] or [[case]] with the place of each key and value. go-toml's parser is used instead of
// its decoder because it alone tells where a value stands.
type block struct {
	kind    string
	at      place
	entries []entry
}

// entry is one key of a block.
type entry struct {
	key   string
	at    place
	value value
}

// value is a TOML value: a text, a number or boolean as written, or a table.
type value struct {
	kind  unstable.Kind
	text  string  // a String's content; for others as written
	at    place   // where text starts
	exact bool    // each character of text stands in the file as it is: places inside it are true
	table []entry // InlineTable; of an Array, its elements, without keys
}

// place of a character of the text; of its start, when escapes make it unknown.
func (v value) place(offset int) place {
	if !v.exact || offset > len(v.text) {
		return v.at
	}
	return place{v.at.file, v.at.offset + offset}
}

// lookup finds a key.
func lookup(entries []entry, key string) (entry, bool) {
	for _, e := range entries {
		if e.key == key {
			return e, true
		}
	}
	return entry{}, false
}

// parseBlocks reads a file into blocks. It stops at the first mistake of TOML's grammar.
func parseBlocks(f *file) ([]*block, Errors) {
	r := &reader{file: f}
	r.parser.Reset([]byte(f.text))
	for r.parser.NextExpression() {
		r.expression(r.parser.Expression())
	}
	if err := r.parser.Error(); err != nil {
		r.errors = append(r.errors, r.grammar(err))
	}
	return r.blocks, r.errors
}

type reader struct {
	file   *file
	parser unstable.Parser
	blocks []*block
	into   *[]entry // where keys go; nil before the first block
	errors Errors
}

func (r *reader) fail(err *Error) { r.errors = append(r.errors, err) }

func (r *reader) grammar(err error) *Error {
	at := place{r.file, len(r.file.text)}
	if mistake := (*unstable.ParserError)(nil); errors.As(err, &mistake) {
		if len(mistake.Highlight) > 0 {
			at.offset = int(r.parser.Range(mistake.Highlight).Offset)
		}
		return at.errorf("this is not TOML", "%s", mistake.Message)
	}
	return at.errorf("this is not TOML", "%s", err)
}

func (r *reader) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.ArrayTable:
		r.begin(n)
	case unstable.Table:
		r.beginTable(n)
	case unstable.KeyValue:
		r.keyValue(n)
	}
}

func (r *reader) key(n *unstable.Node) (string, place) {
	var parts []string
	at := place{r.file, -1}
	for it := n.Key(); it.Next(); {
		if at.offset < 0 {
			at.offset = int(it.Node().Raw.Offset)
		}
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, "."), at
}

func (r *reader) begin(n *unstable.Node) {
	kind, at := r.key(n)
	b := &block{kind: kind, at: at}
	r.blocks = append(r.blocks, b)
	r.into = &b.entries
}

// beginTable accepts [watch.set], the long form of set = { … }.
func (r *reader) beginTable(n *unstable.Node) {
	name, at := r.key(n)
	kind, rest, _ := strings.Cut(name, ".")
	if len(r.blocks) == 0 || r.blocks[len(r.blocks)-1].kind != kind || rest == "" {
		r.fail(at.errorf("a block starts with two brackets: [["+kind+"]]", "unexpected table [%s]", name))
		r.into = new([]entry)
		return
	}
	b := r.blocks[len(r.blocks)-1]
	b.entries = append(b.entries, entry{key: rest, at: at, value: value{kind: unstable.InlineTable, at: at}})
	r.into = &b.entries[len(b.entries)-1].value.table
}

func (r *reader) keyValue(n *unstable.Node) {
	key, at := r.key(n)
	if r.into == nil {
		r.fail(at.errorf("keys belong to a block, which starts with two brackets: [[rule]]", "key %q outside of a block", key))
		return
	}
	if _, twice := lookup(*r.into, key); twice {
		r.fail(at.errorf("remove one of them", "key %q is given twice", key))
		return
	}
	*r.into = append(*r.into, entry{key, at, r.value(n.Value(), at)})
}

func (r *reader) value(n *unstable.Node, key place) value {
	at := place{r.file, int(n.Raw.Offset)}
	v := value{kind: n.Kind, text: string(n.Data), at: at, exact: true}
	switch n.Kind {
	case unstable.String:
		raw := string(r.parser.Raw(n.Raw))
		inside := strings.Index(raw, v.text)
		if v.exact = inside >= 0; v.exact {
			v.at.offset += max(inside, min(1, len(raw)))
		}
	case unstable.InlineTable:
		for it := n.Children(); it.Next(); {
			name, at := r.key(it.Node())
			v.table = append(v.table, entry{name, at, r.value(it.Node().Value(), at)})
		}
	case unstable.Array:
		v.at = key
		for it := n.Children(); it.Next(); {
			v.table = append(v.table, entry{at: key, value: r.value(it.Node(), key)})
		}
	}
	return v
}
