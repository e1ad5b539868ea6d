package heuristics

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/pelletier/go-toml/v2/unstable"

	"tuned/words"
)

// watchProgram is a watch, compiled.
type watchProgram struct {
	*item
	catalogue *Catalogue
	set       map[string]*expression
}

// reads are the facts and settings that it cannot judge without, those of its condition first.
func (w *watchProgram) reads() []string {
	reads := slices.Clone(w.when.reads)
	for _, name := range sortedKeys(w.set) {
		reads = append(reads, w.set[name].reads...)
	}
	return reads
}

// Reads are the facts and settings that the watch reads, its sentence's included.
func (w Watch) Reads() []string { return append(w.program.reads(), w.program.why.reads...) }

// watch compiles a [[watch]].
func (l *loader) watch(it *item) {
	do, _ := lookup(it.fields, "do")
	if !l.action(it, do) || !l.common(it, l.training) {
		return
	}
	w := Watch{ID: it.id, When: field(it, "when"), Do: do.value.text, Why: field(it, "why"), Source: it.source}
	w.program = &watchProgram{item: it, catalogue: l.scope.catalogue, set: map[string]*expression{}}
	if l.limit(it, &w) && l.sets(it, &w) {
		l.book.watches = append(l.book.watches, w)
	}
}

func (l *loader) limit(it *item, w *Watch) bool {
	e, ok := lookup(it.fields, "limit")
	if !ok {
		return true
	}
	n, err := strconv.ParseInt(e.value.text, 10, 64)
	if err != nil || n < 1 {
		return !l.fail(e.value.place(0).errorf("leave limit out for no limit", "limit should be 1 or more"))
	}
	w.Limit = n
	return true
}

// sets compiles the new values of settings.
func (l *loader) sets(it *item, w *Watch) bool {
	e, ok := lookup(it.fields, "set")
	if !ok {
		return true
	}
	if w.Do == DoStop || w.Do == DoAlert {
		return !l.fail(e.at.errorf("", "a watch that does %q sets nothing", w.Do))
	}
	w.Set = map[string]string{}
	for _, change := range e.value.table {
		s, ok := l.training.catalogue.setting[change.key]
		if !ok {
			l.fail(change.at.errorf(words.DidYouMean(change.key, l.training.catalogue.settingNames()), "unknown setting %q", change.key))
			return false
		}
		if s.Derived || !slices.Contains(moving, s.Name) {
			return !l.fail(change.at.errorf("a watch can set "+oneOf(moving), "%q cannot change during training", s.Name))
		}
		formula, err := l.training.result(s, change.value)
		if err != nil {
			return l.reject(err)
		}
		w.Set[s.Name], w.program.set[s.Name] = change.value.text, formula
	}
	return true
}

// moving are the settings that can change during training: the scalars of a step.
var moving = []string{"lr", "weight_decay", "dropout", "label_smoothing", "clip_norm"}

// Judge reads the facts "train.*", any others that the run has, and the settings as they are now. It answers with the
// reaction, or nil when the watch does not fire. Facts may be infinite or NaN. It counts nothing: Limit is the caller's.
func (w Watch) Judge(facts Facts, settings map[string]any) (*Reaction, error) {
	noted := Facts{}
	read := func(name string) (any, error) { return w.read(name, facts, settings, noted) }
	held, err := w.program.holds(read)
	if err != nil || !held {
		return nil, w.wrap(err)
	}
	r := &Reaction{Watch: w.ID, Do: w.Do, Limit: w.Limit, Facts: noted, Source: w.Source}
	for _, name := range sortedKeys(w.program.set) {
		v, err := w.program.set[name].eval(read)
		if err == nil {
			v, err = w.program.catalogue.Accept(name, v)
		}
		if err != nil {
			return nil, w.wrap(err)
		}
		if r.Set == nil {
			r.Set = map[string]any{}
		}
		r.Set[name] = v
	}
	r.Why, err = w.program.why.render(read)
	return r, w.wrap(err)
}

func (w Watch) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("watch %q: %w", w.ID, err)
}

func (w Watch) read(name string, facts Facts, settings map[string]any, noted Facts) (any, error) {
	v, ok := settings[name]
	if !ok {
		v, ok = facts[name]
	}
	if !ok {
		return nil, missing{name}
	}
	v, err := convert(w.program.catalogue.typeOf(name), v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	noted[name] = plain(v)
	return v, nil
}

// Watches compiles watches that a plan stored, so that a plan is replayed with those that it was made with.
func (c *Catalogue) Watches(stored []Watch) ([]Watch, error) {
	l := &loader{book: &Book{catalogue: c}, scope: newScope(c, false), training: newScope(c, true)}
	for _, w := range stored {
		l.watch(storedItem(w))
	}
	if len(l.errors) > 0 {
		return nil, l.errors
	}
	return l.book.watches, nil
}

// storedItem is a stored watch as if it had been read from a file of its own.
func storedItem(w Watch) *item {
	text := func(s string) value {
		return value{kind: unstable.String, text: s, at: place{&file{"watch " + w.ID, s}, 0}, exact: true}
	}
	it := &item{kind: "watch", id: w.ID, source: w.Source, at: text(w.ID).at}
	it.fields = []entry{
		{"when", it.at, text(w.When)},
		{"do", it.at, text(w.Do)},
		{"why", it.at, text(w.Why)},
	}
	if w.Limit > 0 {
		it.fields = append(it.fields, entry{"limit", it.at, text(strconv.FormatInt(w.Limit, 10))})
	}
	var changes []entry
	for _, name := range sortedKeys(w.Set) {
		changes = append(changes, entry{name, it.at, text(w.Set[name])})
	}
	if len(changes) > 0 {
		it.fields = append(it.fields, entry{"set", it.at, value{kind: unstable.InlineTable, table: changes, at: it.at}})
	}
	return it
}
