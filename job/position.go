package job

import (
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"tuned/words"
)

// place is where something stands in a file, as [words.Line] tells it.
type place struct {
	line, column int
	source       string
}

// mention is a key where a file's text writes it.
type mention struct {
	name       string // dotted, from the top: "pin.mlp.width"
	offset     int    // of its last part, in bytes
	header     bool   // it stands between brackets
	start, end int    // of its value, in bytes; both 0: a table or a list
}

// locate finds the place of a key in TOML text. A key that is not written has the place of the table that it belongs to, or none.
func locate(text string, key []string) place {
	var at place
	name, nearest := strings.Join(key, ".")+".", 0
	for _, m := range mentions(text) {
		if own := m.name + "."; len(own) > nearest && strings.HasPrefix(name, own) {
			nearest = len(own)
			at.line, at.column, at.source = words.Line(text, m.offset)
		}
	}
	return at
}

// mentions are all keys of a TOML text in its order, each part of a dotted one for itself; of a text that is no TOML, those
// before the mistake. go-toml's parser reads them, since the decoder of the values does not tell where a key stands.
func mentions(text string) []mention {
	body := strings.TrimPrefix(text, "\ufeff")
	r := reader{before: len(text) - len(body)}
	r.parser.Reset([]byte(body))
	var table []string
	for r.parser.NextExpression() {
		switch n := r.parser.Expression(); n.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = r.key(nil, n)
			r.all[len(r.all)-1].header = true
		case unstable.KeyValue:
			r.keyValue(table, n)
		}
	}
	return r.all
}

// reader collects mentions.
type reader struct {
	parser unstable.Parser
	before int // bytes before what is parsed
	all    []mention
}

// key adds the parts of a key in a table, and gives all of its parts from the top.
func (r *reader) key(table []string, n *unstable.Node) []string {
	path := slices.Clone(table)
	for it := n.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
		r.all = append(r.all, mention{name: strings.Join(path, "."), offset: r.before + int(it.Node().Raw.Offset)})
	}
	return path
}

func (r *reader) keyValue(table []string, n *unstable.Node) {
	path, value := r.key(table, n), n.Value()
	switch value.Kind {
	case unstable.Array:
	case unstable.InlineTable:
		for it := value.Children(); it.Next(); {
			r.keyValue(path, it.Node())
		}
	default:
		m := &r.all[len(r.all)-1]
		m.start = r.before + int(value.Raw.Offset)
		m.end = m.start + int(value.Raw.Length)
	}
}
