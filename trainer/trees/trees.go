// Package trees grows gradient-boosted decision trees (Friedman 2001), on histograms of binned columns and by second-order
// gain as XGBoost does (Chen and Guestrin 2016, arXiv:1603.02754).
//
// A Forest stands in for an nn.Program in a session: a step is a round, which grows one tree for each output on the rows that
// the host names. All that it learns lies in tensors of fixed sizes, so that a session keeps, saves and exports it as it does
// the weights of a network. A round depends on tensors, rows, seed and round alone: the same bits, interrupted or not.
package trees

import (
	"errors"
	"fmt"
	"math"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session"
)

var _ session.Program = (*Forest)(nil)

// Config is the shape of a forest and how it grows.
type Config struct {
	Rounds    int     // of growing; further steps change nothing
	Depth     int     // of every tree: 2^Depth leaves at most
	Bins      int     // into which a column's values fall, at most 256
	L2        float64 // penalty on the squared values of leaves
	MinWeight float64 // least second derivative in a leaf: for values, the number of its rows
	Absolute  bool    // for values: the absolute error is made small, not the squared one
	MaxBatch  int     // rows of a step
	Threads   int     // that grow trees and predict at once, 1 where it is 0; the bits do not depend on it
	Seed      int64
	// MemoryBytes is what the forest may hold; 0: no limit.
	MemoryBytes int64
}

// most are the sizes up to which a forest can be asked for.
var most = Config{Rounds: 100_000, Depth: 12, Bins: 256}

func (c Config) check() error {
	if c.Rounds < 1 || c.Rounds > most.Rounds || c.Depth < 1 || c.Depth > most.Depth || c.Bins < 2 || c.Bins > most.Bins || c.MaxBatch < 1 {
		return fmt.Errorf("a forest of %d rounds, depth %d, %d bins and %d rows a step", c.Rounds, c.Depth, c.Bins, c.MaxBatch)
	}
	if !(c.L2 >= 0) || !(c.MinWeight >= 0) {
		return fmt.Errorf("a penalty of %g and a least weight of %g", c.L2, c.MinWeight)
	}
	return nil
}

// Forest is a model of trees for one view. It is used by one goroutine at a time.
type Forest struct {
	config  Config
	columns columns
	loss    loss
	rows    int // of the view
	steps   int64
	facts   nn.Facts

	// The tensors. What is behind the grown trees is zero.
	grown     []float32 // one value: the rounds that stand
	base      []float32 // each output before the first tree
	feature   []float32 // of each inner node: its column
	threshold []float32 // of each inner node: rows above it go right
	leaf      []float32 // added to the output
	training  []float32 // 1 for the rows of initialisation, from which alone it learns

	data   nn.Data
	bins   binned
	scores scores
	grower grower

	walkers []*walker // that have predicted so far
}

// New plans a forest for a view. It allocates its tensors, and the rest when the first step needs it.
func New(v model.View, c Config) (*Forest, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	f := &Forest{config: c, rows: v.Rows}
	if err := f.columns.read(v); err != nil {
		return nil, err
	}
	f.loss = loss{task: v.Task, outputs: outputs(v), absolute: c.Absolute}
	if need := f.account(); c.MemoryBytes > 0 && need > c.MemoryBytes {
		return nil, fmt.Errorf("%w: trees on %d rows need %d bytes, and %d are allowed", model.ErrOutOfMemory, v.Rows, need, c.MemoryBytes)
	}
	trees := c.Rounds * f.loss.outputs
	f.grown, f.base = make([]float32, 1), make([]float32, f.loss.outputs)
	f.feature, f.threshold = make([]float32, trees*f.inner()), make([]float32, trees*f.inner())
	f.leaf, f.training = make([]float32, trees*f.leaves()), make([]float32, v.Rows)
	f.columns.allocate(c.Bins)
	return f, nil
}

// outputs is the number of trees a round: one for each class, of which two share one.
func outputs(v model.View) int {
	if v.Task == model.Classification && v.Classes > 2 {
		return v.Classes
	}
	return 1
}

// inner and leaves are the nodes of a tree.
func (f *Forest) inner() int  { return 1<<f.config.Depth - 1 }
func (f *Forest) leaves() int { return 1 << f.config.Depth }

// account works out what the forest costs, and returns its bytes.
func (f *Forest) account() int64 {
	c, outputs := f.config, int64(f.loss.outputs)
	trees := int64(c.Rounds) * outputs
	tensors := 1 + outputs + trees*int64(2*f.inner()+f.leaves()) + f.columns.floats(c.Bins)
	columns := int64(f.columns.count)
	f.facts = nn.Facts{
		Parameters:   tensors - f.columns.edgeFloats(c.Bins),
		FLOPsRow:     outputs * (int64(c.Depth)*(4*columns+1) + lossFLOPs),
		FLOPsRowEval: trees * int64(c.Depth+1),
		FLOPsStep:    f.stepFLOPs(f.columns.count * c.Bins),
		BytesFixed:   4*tensors + int64(f.rows)*(columns+9+4*outputs) + int64(f.walkersAtMost())*f.walkerBytes() + f.grower.bytes(f),
		BytesRow:     4 + 8*outputs,
	}
	f.facts.Groups = []nn.Group{{Name: "trees", LRFactor: 1, DecayFactor: 1, Parameters: f.facts.Parameters}}
	return f.facts.BytesFixed + int64(c.MaxBatch)*f.facts.BytesRow
}

// stepFLOPs is what a round costs at most whatever its rows: looking for all splits, with so many cells in a histogram, and
// adding the trees to every row's outputs.
func (f *Forest) stepFLOPs(cells int) int64 {
	return int64(f.loss.outputs) * (int64(f.inner()*cells*splitFLOPs) + int64(f.rows*(f.config.Depth+1)))
}

// Bind sets the arrays that rows refer to.
func (f *Forest) Bind(d nn.Data) error {
	if d.Rows != f.rows || len(d.Numeric) != d.Rows*f.columns.numeric || len(d.Codes) != d.Rows*len(f.columns.cards) {
		return errors.New("the arrays are not the view's")
	}
	f.data = d
	return nil
}

// Init forgets all trees, and sets from the rows what comes before the first: bins, the values of categories, the base.
func (f *Forest) Init(rows []int32) error {
	if !f.learns() {
		return errors.New("the view has no target")
	}
	for _, t := range f.State() {
		clear(t.Data)
	}
	for _, r := range rows {
		f.training[r] = 1
	}
	f.loss.setBase(f.base, f.data, rows)
	f.columns.fit(f.data, rows, f.loss, f.config.Bins)
	f.facts.FLOPsStep = f.stepFLOPs(f.columns.cells())
	f.facts.InitFLOPs = int64(len(rows)) * int64(f.columns.count) * int64(math.Ceil(math.Log2(float64(len(rows)+1))))
	f.SetStepCount(0)
	return nil
}

func (f *Forest) learns() bool { return f.data.Labels != nil || f.data.Values != nil }

// learners is the number of rows that may be learned.
func (f *Forest) learners() (n int) {
	for _, known := range f.training {
		n += int(known)
	}
	return n
}

// Facts are what the forest costs. Those of rows and steps are upper bounds: a step's result says what it cost.
func (f *Forest) Facts() nn.Facts { return f.facts }

// Outputs is the width of Forward's rows. Of two classes, only the second one's probability is given.
func (f *Forest) Outputs() int { return f.loss.outputs }

// Parameters are what predicting needs.
func (f *Forest) Parameters() []nn.Tensor {
	c, k := f.config, f.loss.outputs
	t := []nn.Tensor{
		{Name: "grown", Shape: []int{1}, Data: f.grown},
		{Name: "base", Shape: []int{k}, Data: f.base},
		{Name: "feature", Shape: []int{c.Rounds, k, f.inner()}, Data: f.feature},
		{Name: "threshold", Shape: []int{c.Rounds, k, f.inner()}, Data: f.threshold},
		{Name: "leaf", Shape: []int{c.Rounds, k, f.leaves()}, Data: f.leaf},
	}
	return append(t, f.columns.categories()...)
}

// State is all that growing on needs: the parameters, the columns' bins and which rows may be learned.
func (f *Forest) State() []nn.Tensor {
	training := nn.Tensor{Name: "training", Shape: []int{f.rows}, Data: f.training}
	return append(f.Parameters(), f.columns.edgeTensor(f.config.Bins), training)
}

// Statistics, Averages and Average: trees have none.
func (f *Forest) Statistics() []nn.Tensor     { return nil }
func (f *Forest) Averages() []float64         { return nil }
func (f *Forest) Average(float64) []nn.Tensor { return nil }

// Recalibrate has nothing to do.
func (f *Forest) Recalibrate([]int32) {}

// StepCount is the number of steps since Init.
func (f *Forest) StepCount() int64 { return f.steps }

// SetStepCount tells that the tensors were written: what was worked out from them is forgotten.
func (f *Forest) SetStepCount(n int64) {
	f.steps = n
	f.scores.known = false
}

// Close ends the goroutines of the threads.
func (f *Forest) Close() { f.grower.crew.dismiss() }
