package heuristics

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"tuned/words"
)

// keys of each kind of block; the required ones first.
var keys = map[string]struct{ required, optional []string }{
	"rule":  {[]string{"id", "set", "to", "why", "source"}, []string{"when"}},
	"check": {[]string{"id", "when", "do", "why"}, []string{"source"}},
	"watch": {[]string{"id", "when", "do", "why", "source"}, []string{"set", "limit"}},
}

var actions = map[string][]string{
	"check": {DoWarn, DoStop},
	"watch": {DoRollback, DoLower, DoStop, DoAlert},
}

// loader turns layers into a book and gathers every mistake on the way.
type loader struct {
	book     *Book
	scope    scope    // of rules and checks
	training scope    // of watches
	layers   []string // their names, highest first
	files    []string // and files
	items    []*item
	needs    map[string][]string // of a probe, by its name: see probeNeeds
	errors   Errors
}

func newLoader(c *Catalogue, layers []Layer) *loader {
	l := &loader{
		book:     &Book{catalogue: c, rules: map[string][]*rule{}},
		needs:    map[string][]string{},
		scope:    newScope(c, false),
		training: newScope(c, true),
	}
	for i, layer := range layers {
		l.layers, l.files = append(l.layers, layer.Name), append(l.files, layer.File)
		l.read(i, layer)
	}
	l.replace()
	return l
}

func (l *loader) fail(err *Error) bool {
	if err == nil {
		return false
	}
	l.errors = append(l.errors, err)
	return true
}

// read parses a layer and checks the shape of its blocks.
func (l *loader) read(index int, layer Layer) {
	blocks, errs := parseBlocks(&file{layer.File, layer.Text})
	if len(errs) > 0 { // what the parser did not see would only be missed below
		l.errors = append(l.errors, errs...)
		return
	}
	ids := map[string]place{}
	for _, b := range blocks {
		it := &item{kind: b.kind, layer: index, from: layer, at: b.at, fields: b.entries}
		if !l.shape(it) {
			continue
		}
		if first, twice := ids[it.id]; twice {
			l.fail(b.at.errorf("give one of them another name", "the id %q is taken by the block at %s", it.id, first))
			continue
		}
		ids[it.id] = b.at
		l.items = append(l.items, it)
	}
}

// shape checks which keys a block has and their types.
func (l *loader) shape(it *item) bool {
	allowed, ok := keys[it.kind]
	if !ok {
		return !l.fail(it.at.errorf(words.DidYouMean(it.kind, []string{"rule", "check", "watch"}), "unknown block [[%s]]", it.kind))
	}
	before := len(l.errors)
	names := slices.Concat(allowed.required, allowed.optional)
	for _, e := range it.fields {
		if !slices.Contains(names, e.key) {
			l.fail(e.at.errorf(cmp.Or(words.DidYouMean(e.key, names), "a "+it.kind+" has "+oneOf(names)), "unknown key %q", e.key))
		}
	}
	for _, key := range allowed.required {
		l.required(it, key)
	}
	l.fieldTypes(it)
	if e, ok := lookup(it.fields, "id"); ok {
		it.id = e.value.text
	}
	if e, ok := lookup(it.fields, "source"); ok {
		it.source = e.value.text
	}
	return len(l.errors) == before
}

func (l *loader) required(it *item, key string) {
	e, ok := lookup(it.fields, key)
	if !ok {
		l.fail(it.at.errorf("add "+key+" = …", "this %s has no %s", it.kind, key))
		return
	}
	if e.value.kind == unstable.String && strings.TrimSpace(e.value.text) == "" {
		l.fail(e.at.errorf("", "%s is empty", key))
	}
}

func (l *loader) fieldTypes(it *item) {
	for _, e := range it.fields {
		numbers := []unstable.Kind{unstable.String, unstable.Integer, unstable.Float, unstable.Bool}
		wanted, name := []unstable.Kind{unstable.String}, "a text in quotes"
		switch {
		case e.key == "to":
			wanted, name = numbers, "a number, or an expression in quotes"
		case e.key == "limit":
			wanted, name = []unstable.Kind{unstable.Integer}, "a whole number"
		case e.key == "set" && it.kind == "watch":
			wanted, name = []unstable.Kind{unstable.InlineTable}, "a table: { lr = \"lr / 2\" }"
		case e.key == "when":
			wanted = append(wanted, unstable.Bool)
		}
		if !slices.Contains(wanted, e.value.kind) {
			l.fail(e.at.errorf("", "%s should be %s", e.key, name))
		}
	}
}

// replace removes items whose id a higher layer has taken, and orders the rest as they are asked.
func (l *loader) replace() {
	taken := map[string]*item{}
	var kept []*item
	for _, it := range l.items {
		above, ok := taken[it.id]
		switch {
		case !ok:
			taken[it.id] = it
			kept = append(kept, it)
		case above.kind != it.kind || field(above, "set") != field(it, "set") && it.kind == "rule":
			l.fail(above.at.errorf("give it another id, or the same kind and setting",
				"the id %q replaces a %s for %q at %s", it.id, it.kind, field(it, "set"), it.at))
		}
	}
	slices.SortStableFunc(kept, byLayer)
	l.items = kept
}

func field(it *item, key string) string {
	e, _ := lookup(it.fields, key)
	return e.value.text
}

// compile compiles every item that is left.
func (l *loader) compile() {
	for _, it := range l.items {
		switch it.kind {
		case "rule":
			l.rule(it)
		case "check":
			l.check(it)
		case "watch":
			l.watch(it)
		}
	}
}

// common compiles what every kind has. It reports whether the item can be used: one that reads another architecture's
// settings is left out without being a mistake.
func (l *loader) common(it *item, s scope) bool {
	if e, ok := lookup(it.fields, "when"); ok {
		when, err := s.compile(e.value)
		if err != nil {
			return l.reject(err)
		}
		if when.result != Bool {
			return !l.fail(e.value.place(0).errorf("compare it with something: >, ==, …", "when should be true or false, and is %s", typeNames[when.result]))
		}
		it.when = when
	}
	e, _ := lookup(it.fields, "why")
	why, err := s.template(e.value)
	if err != nil {
		return l.reject(err)
	}
	it.why = why
	return true
}

func (l *loader) reject(err *Error) bool {
	if !err.foreign {
		l.fail(err)
	}
	return false
}

func (l *loader) rule(it *item) {
	e, _ := lookup(it.fields, "set")
	s, ok := l.scope.catalogue.setting[e.value.text]
	if !ok {
		if !l.scope.catalogue.isForeign(e.value.text) {
			l.fail(e.value.place(0).errorf(words.DidYouMean(e.value.text, l.scope.catalogue.settingNames()), "unknown setting %q", e.value.text))
		}
		return
	}
	if !l.common(it, l.scope) {
		return
	}
	to, _ := lookup(it.fields, "to")
	formula, err := l.scope.result(s, to.value)
	if err != nil {
		l.reject(err)
		return
	}
	l.book.rules[s.Name] = append(l.book.rules[s.Name], &rule{item: it, set: s.Name, to: formula})
}

func (l *loader) check(it *item) {
	e, _ := lookup(it.fields, "do")
	if !l.action(it, e) || !l.common(it, l.scope) {
		return
	}
	l.book.checks = append(l.book.checks, &check{item: it, do: e.value.text})
}

func (l *loader) action(it *item, do entry) bool {
	if slices.Contains(actions[it.kind], do.value.text) {
		return true
	}
	return !l.fail(do.value.place(0).errorf("a "+it.kind+" can "+oneOf(actions[it.kind]), "unknown action %q", do.value.text))
}

// result compiles the expression for a setting's value: its type, and as far as it is constant its range, must fit. The
// choices of a setting may be written as they are.
func (s scope) result(t Setting, v value) (*expression, *Error) {
	if v.kind == unstable.String && t.Type == Choice && slices.Contains(t.Choices, v.text) {
		v = value{kind: v.kind, text: strconv.Quote(v.text), at: v.at}
	}
	e, err := s.compile(v)
	if err != nil {
		return nil, err
	}
	if !fits(e.result, t.Type) {
		hint := ""
		if t.Type == Int && e.result == Float {
			hint = "round(…), floor(…) or ceil(…) make a whole number"
		}
		return nil, v.place(0).errorf(hint, "%s is %s, and this is %s", t.Name, typeNames[t.Type], typeNames[e.result])
	}
	return e, constantFits(s.catalogue, t, e)
}

func fits(result, setting Type) bool {
	return result == setting || result == Int && setting == Float || result == Text && setting == Choice
}

func constantFits(c *Catalogue, t Setting, e *expression) *Error {
	for _, l := range e.texts {
		if err := t.inRange(l.text); err != nil {
			return l.at.errorf(words.DidYouMean(l.text, t.Choices), "%s", err)
		}
	}
	if !e.constant() {
		return nil
	}
	v, err := e.eval(nil)
	if err == nil {
		_, err = c.Accept(t.Name, v)
	}
	if err != nil {
		return e.value.place(0).errorf("", "%s", err)
	}
	return nil
}

// isForeign tells whether a name belongs to an architecture that is not the catalogue's.
func (c *Catalogue) isForeign(name string) bool {
	group, _, dotted := strings.Cut(name, ".")
	return dotted && slices.Contains(c.others, group)
}
