package trees

import (
	"math"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// scores are each row's outputs after the trees that stand, and what they predict in the step that is in work.
type scores struct {
	known  bool // z is up to date
	z      []float32
	p      []float32 // of the step's rows: what their outputs predict
	chosen []bool    // by row
	rows   []int32   // of the step, in ascending order

	measured bool   // somebody reads the step's loss and norm
	blocks   []sums // of the step's rows, by block
}

// sums are what is found out about a block of rows.
type sums struct {
	loss, squares float64 // of the first derivatives; where they are measured
	odd           bool    // a prediction is not finite
}

// allocate makes room, once.
func (s *scores) allocate(rows, batch, outputs int) {
	if s.z == nil {
		s.z, s.p = make([]float32, rows*outputs), make([]float32, batch*outputs)
		s.chosen, s.rows = make([]bool, rows), make([]int32, 0, batch)
		s.blocks = make([]sums, blocks(batch))
	}
}

// blocks is how many blocks rows fall into.
func blocks(rows int) int { return (rows + shareRows - 1) / shareRows }

// Step is a round: a tree for each output, each leaf times the rate. Dropout is the share of columns that the round does without;
// the scalars of other optimizers mean nothing here. The gradient's norm is the root of the mean square of the first derivatives:
// trees follow the gradient by each row's output. A row that is named twice counts once.
func (f *Forest) Step(rows []int32, s model.Step) nn.StepResult {
	r := nn.StepResult{FLOPs: f.begin(rows, s, true)}
	f.sum(&r)
	if r.Finite && !s.NoUpdate {
		r.FLOPs += f.extend()
	}
	return r
}

// Grow is Step for whoever reads neither loss nor norm: they take two logarithms a row. It returns the FLOPs that Step counts.
// Where a prediction is not finite, nothing grows.
func (f *Forest) Grow(rows []int32, s model.Step) (flops int64) {
	flops = f.begin(rows, s, false)
	for _, b := range f.scores.blocks[:blocks(len(f.scores.rows))] {
		if b.odd {
			return flops
		}
	}
	return flops + f.extend()
}

// begin predicts a step's rows, and measures them if that is read.
func (f *Forest) begin(rows []int32, s model.Step, measured bool) (flops int64) {
	f.ready()
	f.choose(rows)
	f.grower.crew.step, f.scores.measured = s, measured
	f.inBlocks(looking, len(f.scores.rows))
	return int64(len(f.scores.rows) * f.loss.outputs * lossFLOPs)
}

// extend grows the next round, unless the forest is complete.
func (f *Forest) extend() (flops int64) {
	f.steps++
	if round := f.standing(); round < f.config.Rounds {
		return f.round(round)
	}
	return 0
}

// ready works out what a step reads besides the tensors.
func (f *Forest) ready() {
	k := f.loss.outputs
	f.scores.allocate(f.rows, f.config.MaxBatch, k)
	f.grower.allocate(f)
	if f.scores.known {
		return
	}
	f.bin()
	for r := range f.rows {
		copy(f.scores.z[r*k:], f.base)
	}
	for tree := range f.standing() * k {
		f.add(f.grower.crew.hands[0], tree/k, tree%k, 0, f.rows)
	}
	f.scores.known = true
}

// choose puts the step's rows in ascending order, so that memory is walked in one direction.
func (f *Forest) choose(rows []int32) {
	s := &f.scores
	low, high := int32(f.rows), int32(-1)
	for _, r := range rows {
		s.chosen[r] = true
		low, high = min(low, r), max(high, r)
	}
	s.rows = s.rows[:0]
	for r := low; r <= high; r++ {
		if s.chosen[r] {
			s.rows = append(s.rows, r)
			s.chosen[r] = false
		}
	}
}

// look predicts a block of the step's rows, and derives where the round has one tree: of several, each hand derives its own.
func (f *Forest) look(from, to int) {
	k, s, block := f.loss.outputs, &f.scores, sums{}
	for i := from; i < to; i++ {
		p := s.p[i*k : (i+1)*k]
		copy(p, s.z[int(s.rows[i])*k:])
		f.loss.predict(p)
		for _, v := range p {
			block.odd = block.odd || v-v != 0
		}
		if s.measured {
			f.measure(&block, s.rows[i], p)
		}
	}
	if k == 1 {
		f.derive(f.grower.crew.hands[0], 0, from, to)
	}
	s.blocks[from/shareRows] = block
}

// measure adds a row's loss and gradient to its block's.
func (f *Forest) measure(b *sums, row int32, p []float32) {
	n, smoothing := float64(len(f.scores.rows)), f.grower.crew.step.LabelSmoothing
	b.loss += f.loss.of(&f.data, row, p, smoothing) / n
	for o, v := range p {
		first, _ := f.loss.derivatives(float64(v), f.loss.target(&f.data, row, o, smoothing))
		b.squares += first * first / n
	}
}

// sum adds up what was measured, block by block, so that the bits do not depend on the number of hands.
func (f *Forest) sum(r *nn.StepResult) {
	squares := 0.0
	for _, b := range f.scores.blocks[:blocks(len(f.scores.rows))] {
		r.Loss += b.loss
		squares += b.squares
	}
	r.GradNorm = math.Sqrt(squares)
	for range f.grower.crew.step.Parts {
		r.PartNorms = append(r.PartNorms, squares)
	}
	r.Finite = !math.IsNaN(r.Loss) && !math.IsInf(r.Loss, 0)
}

// round grows a tree for each output, from the predictions before the first of them, and adds them to all rows' outputs.
func (f *Forest) round(round int) int64 {
	f.grower.sample(f.columns.count, f.grower.crew.step.Dropout, f.config.Seed, int64(round))
	f.grower.lay(f.bins.counts)
	flops := f.growAll(round)
	f.grown[0] = float32(round + 1)
	return flops + int64(f.loss.outputs*f.rows*(f.config.Depth+1))
}

// add adds a tree of a round to some rows' outputs. Their bins tell the way: that of their values, but for the categories of
// training rows.
func (f *Forest) add(h *hand, round, output, from, to int) {
	k, count := f.loss.outputs, f.columns.count
	tree := round*k + output
	decode(h.tree, f.feature[tree*f.inner():], f.grower.splits[tree*f.inner():], count)
	leaves := f.leaf[tree*f.leaves() : (tree+1)*f.leaves()]
	add(h.tree, leaves, f.bins.of[from*count:to*count], count, f.scores.z[from*k+output:to*k], k)
}

// Forward predicts rows, row × Outputs, and returns their mean loss, 0 without a target.
func (f *Forest) Forward(rows []int32, out []float32) (loss float64) {
	f.Predict(rows, out)
	if !f.learns() {
		return 0
	}
	k := f.loss.outputs
	for i, r := range rows {
		loss += f.loss.of(&f.data, r, out[i*k:(i+1)*k], 0) / float64(len(rows))
	}
	return loss
}

// standing is the number of rounds that have grown; none where the tensor, which may come from any file, says nonsense.
func (f *Forest) standing() int { return within(f.grown[0], f.config.Rounds+1) }

// within is the index among n that a tensor holds, 0 where there is none.
func within(v float32, n int) int {
	if i := int(v); uint(i) < uint(n) {
		return i
	}
	return 0
}

// Predicted is what a row of Forward's out says of one of so many classes, or of the value: of two classes it holds the second
// one's probability alone.
func (f *Forest) Predicted(out []float32, row, class, classes int) float32 {
	if f.loss.outputs == classes {
		return out[row*classes+class]
	}
	if class == 0 {
		return 1 - out[row]
	}
	return out[row]
}
