package data

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"tuned/trainer/data/random"
)

// scanRows is how many rows a scan looks at where it need not see all: above it, a random sample.
const scanRows = 50_000

// Scan holds what was measured on a data set.
type Scan struct {
	Facts   map[string]any // by the names of docs/architecture.md: int64, float64 or string
	Columns []Summary      // one for each column, in the file's order
	Classes []int          // classification: training rows of each class
}

// Summary is a column for the report.
type Summary struct {
	Name     string   `json:"name"`
	Type     Type     `json:"type"`
	Used     bool     `json:"used"`
	Filled   bool     `json:"filled,omitempty"` // not used, but whether it is filled in is
	Note     string   `json:"note,omitempty"`
	Missing  float64  `json:"missing"`  // share of the training rows
	Distinct int      `json:"distinct"` // different values among the training rows looked at
	Leak     float64  `json:"leak"`     // what this column alone says about the target: AUC, or R²
	Drift    float64  `json:"drift"`    // how well this column alone tells train and holdout apart: AUC; 0 of the split's time
	Min      float64  `json:"min,omitempty"`
	Low      float64  `json:"low,omitempty"` // a tenth of the rows are below
	Median   float64  `json:"median,omitempty"`
	Mean     float64  `json:"mean,omitempty"`
	High     float64  `json:"high,omitempty"` // a tenth of the rows are above
	Max      float64  `json:"max,omitempty"`
	Std      float64  `json:"std,omitempty"`
	Top      []string `json:"top,omitempty"`      // the most frequent levels
	TopRows  []int    `json:"top_rows,omitempty"` // training rows of each
}

// Scan measures the data set: facts for rules and checks, summaries for the report. The holdout is looked at for what is about both
// sides, and for checks alone: whether its inputs drift, and which rows, targets included, are duplicates, in conflict, or alone in
// their class. Time is linear in the rows; what costs more looks at a sample of 50,000.
func (d *Dataset) Scan(ctx context.Context) (Scan, error) {
	s := scanner{data: d, train: random.Sample(d.Train, scanRows, d.Spec.SplitSeed), summaries: make([]Summary, len(d.Columns))}
	s.prepare()
	if err := s.columns(ctx); err != nil {
		return Scan{}, fmt.Errorf("scan: %w", err)
	}
	combinations := s.combinations() // rows are compared in texts that say nothing, too
	s.hush()
	facts := map[string]any{}
	s.size(facts)
	s.shape(facts)
	facts["data.misfits"], facts["data.alike_levels"] = d.misfits(), d.alikeColumns()
	s.target(facts)
	s.worst(facts)
	d.countDuplicates(facts, combinations)
	facts["data.time_ordered"], facts["data.group_like"] = d.timeOrdered(), s.groupLike()
	s.leaveOut()
	return Scan{Facts: facts, Columns: s.summaries, Classes: s.counts}, nil
}

// scanner is one Scan on its way.
type scanner struct {
	data      *Dataset
	train     []int32 // the training rows looked at
	drift     *judge
	leak      *judge
	summaries []Summary
	counts    []int
}

// prepare makes the judges that score single columns.
func (s *scanner) prepare() {
	d := s.data
	s.leak = targetJudge(d, s.train)
	if len(d.Holdout) == 0 {
		return
	}
	rows := random.Sample(d.all(), scanRows, d.Spec.SplitSeed)
	held := make([]int32, d.Rows)
	for _, row := range d.Holdout {
		held[row] = 1
	}
	s.drift = classJudge(rows, held, 2)
}

// columns scans every column, several side by side.
func (s *scanner) columns(ctx context.Context) error {
	var next atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(s.summaries) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				s.summaries[i] = s.column(i)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}

func (s *scanner) column(i int) Summary {
	d, c := s.data, s.data.Columns[i]
	out := Summary{Name: c.Name, Type: c.Type, Used: c.Used, Note: c.Note, Missing: d.missingShare(i)}
	out.Filled = c.Filled && out.Missing > 0 && out.Missing < 1
	var b binning
	switch {
	case c.Type == Text && c.Used:
		b = s.sayings(i, &out)
	case d.raw.codes(i) == nil:
		b = s.quantities(i, &out)
	default:
		b = s.levels(i, &out)
	}
	if c.Used && out.Distinct > 1 {
		out.Leak = s.leak.score(b)
		if s.drift != nil && c.Type != Text && c.Name != d.Spec.Time { // whose side a time is on says nothing of how rows differ
			out.Drift = s.drift.score(b.coarser(len(s.drift.rows), driftRows))
		}
	}
	return out
}

func (d *Dataset) missingShare(i int) float64 {
	n, absent := 0, d.raw.absent(i)
	for _, row := range d.Train {
		if absent(int(row)) {
			n++
		}
	}
	return float64(n) / float64(len(d.Train))
}

// quantities summarises a numeric or a date column, and bins it by its quantiles.
func (s *scanner) quantities(i int, out *Summary) binning {
	present := s.data.ascending(i, s.train)
	if len(present) == 0 {
		return binning{}
	}
	out.Mean, out.Std = Moments(present)
	out.Min, out.Median, out.Max = present[0], quantile(present, 0.5), present[len(present)-1]
	out.Low, out.High = quantile(present, 0.1), quantile(present, 0.9)
	b := quantileBins(present, s.data.values(i))
	out.Distinct = len(slices.Compact(present))
	return b
}

// sayings bins a column of texts by what they say: by their score, or of several classes by the one of the highest.
func (s *scanner) sayings(i int, out *Summary) binning {
	d := s.data
	out.Distinct = distinct(d.raw.codes(i), s.train)
	m := d.textModel(i, d.Train, UsualTexts.texts())
	k, scores := m.Outputs(), m.Scores(&d.raw.texts[i].Column)
	if k == 1 {
		values := make([]float64, d.Rows)
		for row := range values {
			values[row] = float64(scores[row])
		}
		present := make([]float64, len(s.train))
		for j, row := range s.train {
			present[j] = values[row]
		}
		slices.Sort(present)
		return quantileBins(present, values)
	}
	of := make([]int32, d.Rows)
	for row := range of {
		at := scores[row*k : (row+1)*k]
		of[row] = int32(slices.Index(at, slices.Max(at))) + 1
	}
	return binning{of: of, bins: k + 1}
}

// hush takes texts that say nothing for the names of rows, as Fit does, unless there is nothing else.
func (s *scanner) hush() {
	var silent []int
	used := 0
	for i, c := range s.summaries {
		if c.Used && (c.Type == Text || !c.alike()) {
			used++
		}
		if c.Used && c.Type == Text && !s.data.textModel(i, s.data.Train, UsualTexts.texts()).Says() {
			silent = append(silent, i)
		}
	}
	if len(silent) == used {
		return
	}
	for _, i := range silent {
		c := &s.summaries[i]
		c.Used, c.Note, c.Filled, c.Leak = false, silence, c.Missing > 0, 0
	}
}

const topLevels = 10

// levels summarises a column of codes, whose bins are its levels.
func (s *scanner) levels(i int, out *Summary) binning {
	d, codes := s.data, s.data.raw.codes(i)
	if d.Columns[i].Levels == nil {
		out.Distinct = distinct(codes, s.train)
		return binning{}
	}
	levels := d.Columns[i].Levels
	counts := make([]int, len(levels)+1)
	for _, row := range d.Train {
		counts[codes[row]]++
	}
	order := make([]int, 0, len(levels))
	for code := 1; code < len(counts); code++ {
		if counts[code] > 0 {
			order = append(order, code)
		}
	}
	out.Distinct = len(order)
	slices.SortStableFunc(order, func(a, b int) int { return counts[b] - counts[a] })
	for _, code := range order[:min(topLevels, len(order))] {
		out.Top, out.TopRows = append(out.Top, levels[code-1]), append(out.TopRows, counts[code])
	}
	return binning{of: codes, bins: len(levels) + 1}
}

func distinct(codes, rows []int32) int {
	seen := make(map[int32]bool, len(rows))
	for _, row := range rows {
		if codes[row] != 0 {
			seen[codes[row]] = true
		}
	}
	return len(seen)
}

// size states how much there is.
func (s *scanner) size(facts map[string]any) {
	d := s.data
	facts["data.task"] = string(d.Task)
	facts["data.kind"] = "table"
	facts["data.rows"] = int64(d.Rows)
	facts["data.train_rows"] = int64(len(d.Train))
	facts["data.holdout_rows"] = int64(len(d.Holdout))
	facts["data.dropped_rows"] = int64(d.Dropped)
	facts["data.split_duplicates"] = int64(d.Moved)
	facts["data.split_by_time"] = d.Spec.Time != "" && d.Spec.SplitColumn == ""
	p := d.Picture
	if p == nil {
		p = &Picture{}
	} else {
		facts["data.kind"] = "image"
	}
	facts["image.height"], facts["image.width"], facts["image.channels"] = int64(p.Height), int64(p.Width), int64(p.Channels)
	facts["image.mirror_kept"] = d.mirrorKept()
}

// shape states what the columns are.
func (s *scanner) shape(facts map[string]any) {
	var c census
	for _, column := range s.summaries {
		c.count(column)
	}
	if p := s.data.Picture; p != nil {
		c.features = int64(p.Bytes())
	}
	c.state(facts)
}

// leaveOut marks what the transforms leave out of the columns that were read to be used: the facts count those.
func (s *scanner) leaveOut() {
	for i := range s.summaries {
		if c := &s.summaries[i]; c.Used && c.alike() {
			c.Used, c.Note = false, c.saysNothing()
		}
	}
}

// misfitShare is the share of a column's cells that do not fit its type from which on a person should know.
const misfitShare = 0.05

// misfits names the columns of which many cells do not fit the type that the job gives.
func (d *Dataset) misfits() string {
	var names []string
	for _, c := range d.Columns {
		if c.Used && c.Misfit > misfitShare {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, ", ")
}

// worst states the columns that say most about the target, and about the side of the split.
func (s *scanner) worst(facts map[string]any) {
	leak, drift := Summary{}, Summary{Drift: 0.5}
	for _, c := range s.summaries {
		if c.Leak > leak.Leak {
			leak = c
		}
		if c.Drift > drift.Drift {
			drift = c
		}
	}
	facts["data.leak_score"], facts["data.leak_column"] = leak.Leak, leak.Name
	facts["data.drift"], facts["data.drift_column"] = drift.Drift, drift.Name
}
