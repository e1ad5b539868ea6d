package nn

import (
	"fmt"
	"math"

	"tuned/trainer/model"
	"tuned/trainer/nn/kernel"
)

// StepResult is what a step found.
type StepResult struct {
	Loss      float64   // mean objective over the rows, smoothing included
	GradNorm  float64   // global norm before clipping
	PartNorms []float64 // squared norm of each part's mean gradient; valid until the next Step
	Finite    bool      // false: loss or gradient held a NaN or an infinity, and nothing was changed
	Clipped   bool      // the norm was above ClipNorm
	FLOPs     int64
}

// Step does one update, or with NoUpdate measures one gradient, from at most MaxBatch rows. Clipping scales the whole
// gradient to ClipNorm when its norm is above. It panics when there are more rows, rows outside the data, or no targets.
func (p *Program) Step(rows []int32, s model.Step) StepResult {
	if len(rows) > p.maxBatch || !p.learns() {
		panic(fmt.Sprintf("nn: step of %d rows, compiled for %d, with targets: %t", len(rows), p.maxBatch, p.learns()))
	}
	p.step = s
	p.step.Rows = nil
	p.found = StepResult{Finite: true, FLOPs: int64(len(rows)) * p.facts.FLOPsRow}
	p.begin(rows, 0, s.LabelSmoothing)
	switch {
	case len(rows) == 0:
	case s.NoUpdate && s.Parts > 0:
		p.measureParts(rows)
	case s.NoUpdate:
		p.team.run(p.measureTask)
		p.report(p.sum(s.ClipNorm))
	default:
		p.found.FLOPs += p.facts.FLOPsStep
		p.team.run(p.stepTask)
		if p.found.Finite {
			p.adopt()
			p.steps++
		}
	}
	return p.found
}

// begin sets the rows of a task, which must lie in the data; first is their place in the batch.
func (p *Program) begin(rows []int32, first int, smoothing float64) {
	p.rows, p.first, p.total = rows, first, 0
	for _, r := range rows {
		if r < 0 || int(r) >= p.data.Rows {
			panic(fmt.Sprintf("nn: row %d of %d", r, p.data.Rows))
		}
		p.total += p.rowWeight(r)
	}
	p.loss.prepare(float32(smoothing), float32(1/p.total))
}

func (p *Program) rowWeight(r int32) float64 {
	if p.data.Labels == nil {
		return 1
	}
	return p.loss.weight(p.data.Labels[r])
}

func (p *Program) report(v verdict) {
	r := &p.found
	r.Loss, r.GradNorm, r.Finite, r.Clipped = v.loss, v.norm, v.finite, v.clipped
}

// doStep is a worker's share in an update: two barriers, one before the gradients are summed, one before they are used.
func (p *Program) doStep(w *worker) {
	p.doGradient(w)
	p.sync.wait()
	w.reduce()
	p.sync.wait()
	found := p.sum(p.step.ClipNorm)
	if w.id == 0 {
		p.report(found)
	}
	if found.finite {
		w.update(found.gradScale)
	}
}

// doGradient runs the worker's rows forward and backward.
func (p *Program) doGradient(w *worker) {
	w.begin(p.rows, true)
	w.loss, w.augment = 0, true
	w.forward(0, len(p.nodes))
	w.augment = false
	w.loss = p.loss.train(w)
	w.backward()
}

// doMeasure is doStep without the update.
func (p *Program) doMeasure(w *worker) {
	p.doGradient(w)
	p.sync.wait()
	w.reduce()
}

// verdict is what the workers' sums say about a gradient.
type verdict struct {
	loss, norm, squares, gradScale float64
	finite, clipped                bool
}

// sum adds up what the workers found, in their order; every worker comes to the same answer.
func (p *Program) sum(clip float64) verdict {
	v := verdict{gradScale: 1}
	for _, w := range p.workers {
		v.loss += w.loss
		v.squares += w.squares
	}
	v.loss /= p.total
	v.norm = math.Sqrt(v.squares)
	v.finite = finite(v.loss) && finite(v.norm)
	if v.finite && clip > 0 && v.norm > clip {
		v.clipped, v.gradScale = true, clip/v.norm
	}
	return v
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// adopt lets layers take over what they saw in a batch that counted.
func (p *Program) adopt() {
	for _, n := range p.nodes {
		if o, ok := n.op.(observer); ok {
			o.adopt()
		}
	}
}

// observer is implemented by operations that learn from batches besides their gradient.
type observer interface{ adopt() }

// measureParts measures the gradient of equal parts of the batch one after the other, and of the whole from theirs.
func (p *Program) measureParts(rows []int32) {
	var v verdict
	var total float64
	k := min(p.step.Parts, len(rows))
	clear(p.whole)
	p.parts = p.parts[:0]
	for i := range k {
		first := len(rows) * i / k
		p.begin(rows[first:len(rows)*(i+1)/k], first, p.step.LabelSmoothing)
		p.team.run(p.measureTask)
		part := p.sum(0)
		p.parts = append(p.parts, part.squares)
		kernel.Axpy(float32(p.total), p.workers[0].gradients, p.whole)
		v.loss += p.total * part.loss
		total += p.total
	}
	v.loss /= total
	v.norm = math.Sqrt(p.squares(p.whole)) / total
	v.finite = finite(v.loss) && finite(v.norm)
	v.clipped = v.finite && p.step.ClipNorm > 0 && v.norm > p.step.ClipNorm
	p.report(v)
	p.found.PartNorms = p.parts
}

// squares sums the squares of a gradient, in the units of the parameters that the optimizer moves.
func (p *Program) squares(gradient []float32) (sum float64) {
	for _, q := range p.params {
		sum += q.scale * q.scale * kernel.SumSquares(gradient[q.offset:q.offset+q.size()])
	}
	return sum
}
