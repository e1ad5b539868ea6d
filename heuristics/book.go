package heuristics

import (
	"cmp"
	"slices"
)

// Book is a checked set of rules, checks and watches. It is immutable and safe for use from several goroutines.
type Book struct {
	catalogue *Catalogue
	rules     map[string][]*rule // by setting, in the order in which they are asked
	checks    []*check
	watches   []Watch
	order     []string            // settings, each after all that its rules depend on
	readers   map[string][]string // by setting, those whose rules depend on it; "" for a check or a watch
	items     []*item
}

// item is what rules, checks and watches have in common.
type item struct {
	kind   string // "rule", "check" or "watch"
	id     string
	layer  int
	from   Layer
	at     place
	fields []entry

	when   *expression // nil: always
	why    *template
	source string
}

type rule struct {
	*item
	set string
	to  *expression
}

type check struct {
	*item
	do string
}

// always tells whether the rule holds whatever the facts.
func (r *rule) always() bool {
	if r.when == nil {
		return true
	}
	if !r.when.constant() {
		return false
	}
	held, err := r.when.eval(nil)
	return err == nil && held == true
}

// formulas are what decides: when, if the rule has one, and to.
func (r *rule) formulas() []*expression {
	if r.when == nil {
		return []*expression{r.to}
	}
	return []*expression{r.when, r.to}
}

// Load reads layers of rules, highest first, and checks all of them against the catalogue. The error is an Errors with
// every mistake and its place.
func Load(c *Catalogue, layers ...Layer) (*Book, error) {
	l := newLoader(c, layers)
	l.compile()
	l.complete()
	return l.finish()
}

// Catalogue is what the book was checked against.
func (b *Book) Catalogue() *Catalogue { return b.catalogue }

// Watches are the rules over what happens during training, in the order in which they judge.
func (b *Book) Watches() []Watch { return slices.Clone(b.watches) }

// byLayer orders items as they are asked: layers from the highest, and in a layer by place.
func byLayer(a, b *item) int {
	return cmp.Or(cmp.Compare(a.layer, b.layer), cmp.Compare(a.at.offset, b.at.offset))
}
