package data

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tuned/trainer/data/number"
	"tuned/trainer/data/source"
)

// storage is how a builder keeps cells while reading.
type storage uint8

const (
	undecided storage = iota // nothing but missing cells so far
	asNumber
	asText
	asDate
)

// gap is the spooled form of a missing cell, whatever the storage.
const gap uint64 = 0x7ff8_0000_0000_0001

// builder turns one column's cells into eight bytes each: a float64, seconds, or a code into its dictionary of levels.
//
// What a column stores is decided by its first cells and never changes while reading. Where a later cell does not
// fit it, the cell counts as odd; whether odd cells are then missing ones, or the file is read again with the column as text or in another
// notation, is decided at the end (see settle).
type builder struct {
	index   int
	field   source.Field
	store   storage
	fixed   bool // decided from outside: nothing is inferred
	closed  bool // only the levels already known; others are missing
	skipped bool // nobody needs the column
	layout  string
	twin    string   // of dates: the layout that reads them with day and month exchanged, as long as no cell speaks against it
	dated   string   // the first date
	loose   bool     // where the layout, or the notation, of the training reads too few cells, another one may
	relaid  string   // a note that it does
	given   Type     // the type from outside; "": inferred
	sure    bool     // somebody says that these are numbers
	wanted  Type     // Date: a layout is to be found, or the column refused
	center  *float64 // what numbers are centred on, if that is given

	notation *number.Notation // how numbers are written; nil: plainly
	told     bool             // the notation is known from outside, and not looked for
	spelling spelling

	phrases []string // cells that say that there is no value
	said    int      // of them

	dict      map[string]uint32
	levels    []string
	levelSize int
	full      bool // the dictionary reached its limit

	cells    []uint64 // of the current chunk, to be spooled
	listed   bool     // the cells are lists
	wordy    bool     // the words of the cells are spooled as well
	texts    [][]byte // of the current chunk: the words of each cell
	present  int      // cells that are not missing, odd ones included
	sum      float64
	low      float64
	high     float64
	fraction bool   // some number is not an integer
	padded   bool   // some cell is a padded code
	fresh    int    // texts that were new when they came
	spaces   int    // in them
	few      fewSet // different numbers, up to a limit

	stored  int  // numbers that the file holds as such
	shares  int  // of them, shown as percentages
	point   bool // some number that was written plainly is not an integer
	asShare bool // "12.5 %" is 0.125, as the training's file stored it

	odd      int // cells that do not fit the storage
	oddCell  string
	odds     []string // the first of them
	oddLine  int64
	infinite int64 // line of the first infinite number; 0: none
	unseen   int   // closed: cells with an unknown level
	fault    *cellFault
}

// cellFault is a cell that nothing can be done about.
type cellFault struct {
	line   int64
	column int
	hint   string
	err    error
}

// fewSet counts different numbers up to a limit.
type fewSet struct {
	seen []float64
}

const fewLimit = number.Few

func (f *fewSet) add(v float64) {
	if len(f.seen) > fewLimit {
		return
	}
	if !slices.Contains(f.seen, v) {
		f.seen = append(f.seen, v)
	}
}

func newBuilder(index int, f source.Field) *builder {
	return &builder{index: index, field: f, low: math.Inf(1), high: math.Inf(-1)}
}

// force fixes what the column stores; levels, if any, are the only ones known.
func (b *builder) force(t Type, layout string, levels []string) {
	b.fixed, b.given, b.layout = true, t, layout
	switch t {
	case Numeric:
		b.store = asNumber
	case Date:
		b.store = asDate
	default:
		b.store, b.wordy = asText, t == Text
	}
	if levels != nil {
		b.closed, b.levels = true, levels
		b.dict = dictionary(levels)
	}
}

// encode appends the chunk's cells of this column, as eight bytes each, to b.cells.
func (b *builder) encode(c *source.Chunk) {
	b.cells = b.cells[:0]
	switch {
	case b.skipped:
		for range c.Rows {
			b.cells = append(b.cells, gap)
		}
	case b.field.Declared != source.TextCell:
		b.encodeDeclared(c)
	case b.field.Typed:
		b.encodeTyped(c)
	default:
		b.encodeText(c.Text[b.index], c.Lines)
		if b.wordy {
			b.read(c.Text[b.index])
		}
	}
}

func (b *builder) encodeText(cells []string, lines []int64) {
	switch {
	case b.store == asNumber && b.present == 0 && !b.told:
		b.findNotation(presentOf(cells))
	case b.present == 0 && b.loose && b.store == asDate:
		b.otherLayout(cells)
	case b.present == 0 && b.loose:
		b.otherNotation(presentOf(cells))
	case b.store != undecided:
	case b.wanted == Date:
		b.decideDate(cells, lines)
	default:
		b.decide(cells)
	}
	for i, cell := range cells {
		if cell = source.Trim(cell); source.Missing(cell) && (cell != "-" || b.store != asText) || b.isPhrase(cell, lines[i]) {
			b.cells = append(b.cells, gap)
			continue
		}
		b.present++
		b.cells = append(b.cells, b.cell(cell, lines[i]))
	}
}

func (b *builder) cell(cell string, line int64) uint64 {
	switch b.store {
	case asNumber:
		return b.number(cell, line)
	case asDate:
		return b.date(cell, line)
	default:
		return b.code(cell, line)
	}
}

// presentOf are the cells that are not missing.
func presentOf(cells []string) []string {
	present := make([]string, 0, len(cells))
	for _, cell := range cells {
		if cell = source.Trim(cell); !source.Missing(cell) {
			present = append(present, cell)
		}
	}
	return present
}

// decide looks at a chunk: numbers if nine cells in ten are, or if most are in some notation, a date if one layout reads nearly
// all, otherwise text.
func (b *builder) decide(cells []string) {
	present := presentOf(cells)
	others, phrases := withoutPhrases(present)
	numbers, codes := b.findNotation(others), 0
	for _, cell := range others {
		if source.Padded(cell) {
			codes++
		}
	}
	switch {
	case len(present) == 0:
	case b.notation != nil:
		b.store = asNumber
	case codes > 0 && codes == numbers || numbers*10 < len(others)*9:
		b.store = asText
		if b.findLayout(others); b.layout == "" && number.ManyDifferent(others) {
			b.layout = layoutOf(others, periodLayouts...)
		}
		if b.layout != "" {
			b.store = asDate
		}
		b.listed = b.store == asText && lists(present)
		b.wordy = b.store == asText && (b.listed || wordy(present) || sharing(present))
	default:
		b.store = asNumber
	}
	if b.store != asText {
		b.phrases = phrases
	}
}

// decideDate finds the layout of a column that the job calls a date; digits alone, weeks and quarters may be some.
func (b *builder) decideDate(cells []string, lines []int64) {
	for i, cell := range cells {
		if source.Missing(source.Trim(cell)) {
			continue
		}
		if b.findLayout(cells); b.layout == "" {
			b.layout = layoutOf(cells, wantedLayouts...)
		}
		if b.layout == "" && b.fault == nil {
			b.fault = &cellFault{
				lines[i], b.index, "write 2006-01-31 or 2006-01-31 15:04:05, a week as 2006-W05, a quarter as 2006-Q1",
				fmt.Errorf("no known way of writing dates reads %q and the cells below it", cell[:min(len(cell), 40)]),
			}
		}
		b.store, b.fixed, b.given = asDate, true, Date
		return
	}
}

// findNotation looks for a notation where some cells are no plain numbers, and returns how many are. Of a column that somebody calls
// numeric, it need not read nearly all.
func (b *builder) findNotation(cells []string) (plain int) {
	for _, cell := range cells {
		if _, _, ok := b.parse(cell); ok {
			plain++
		}
	}
	least := plain + 1
	if b.given != Numeric {
		least = max(least, number.NearlyAll(len(cells)))
	}
	switch {
	case plain < len(cells):
		b.notation = number.Sniff(cells, least, b.field.Comma, b.sure)
	case b.field.Comma && b.notation == nil && number.Dotted(cells):
		b.notation = &number.Notation{Decimal: ","}
	}
	return plain
}

func (b *builder) parse(cell string) (v float64, infinite, ok bool) {
	if b.notation != nil {
		return b.notation.Number(cell)
	}
	v, infinite, ok = source.Number(cell)
	if !ok && b.field.Comma {
		v, infinite, ok = source.Number(source.CommaNumber(cell))
	}
	return v, infinite, ok
}

func (b *builder) number(cell string, line int64) uint64 {
	v, infinite, ok := b.parse(cell)
	switch {
	case !ok:
		return b.strange(cell, line)
	case infinite:
		if b.infinite == 0 {
			b.infinite = line
		}
		return gap
	}
	v = b.unshared(cell, v)
	if b.notation != nil {
		b.spelling.add(cell, v)
	}
	b.padded = b.padded || source.Padded(cell)
	b.point = b.point || v != math.Trunc(v)
	b.measure(v)
	return math.Float64bits(v)
}

func (b *builder) measure(v float64) {
	b.sum += v
	b.low, b.high = min(b.low, v), max(b.high, v)
	b.fraction = b.fraction || v != math.Trunc(v)
	b.few.add(v)
}

func (b *builder) date(cell string, line int64) uint64 {
	s, ok := seconds(cell, b.layout)
	if !ok {
		return b.strange(cell, line)
	}
	b.remember(cell, s)
	b.measure(float64(s))
	return uint64(s)
}

// strange notes a cell that does not fit, and reads it as missing.
func (b *builder) strange(cell string, line int64) uint64 {
	b.check(cell, line)
	if b.odd == 0 {
		b.oddCell, b.oddLine = strings.Clone(cell[:min(len(cell), 40)]), line
	}
	if b.store != asText && len(b.odds) < oddSample {
		b.odds = append(b.odds, strings.Clone(cell[:min(len(cell), 64)]))
	}
	b.odd++
	return gap
}

// oddSample is how many odd cells are looked at for a notation that the first cells did not show, as in a file sorted by size.
const oddSample = 100

func (b *builder) check(cell string, line int64) bool {
	err := source.Unreadable(cell)
	if err != nil && b.fault == nil {
		b.fault = &cellFault{line, b.index, source.EncodingHint, err}
	}
	return err == nil
}
