package nn

import (
	"fmt"
	"math"

	"tuned/trainer/model"
	"tuned/trainer/nn/kernel"
)

// Method is an update rule.
type Method string

// The update rules.
const (
	AdamW       Method = "adamw" // Step's Beta1, Beta2, Epsilon; bias-corrected
	SGDNesterov Method = "sgd"   // Step's Beta1 as momentum: m = Beta1 m + g; w -= lr (g + Beta1 m)
)

// Optimizer is what updates the weights. Weight decay is decoupled for both methods: w -= lr·decay·w.
type Optimizer struct {
	Method Method // "": AdamW
	// Averages are the decays of running averages of the weights. After t steps an average is Σ dᵗ⁻ⁱ wᵢ / Σ dᵗ⁻ⁱ over the
	// weights after steps i = 1 … t (debiased: the weights before the first step do not count); before, the initial weights.
	Averages []float64
}

func (o Optimizer) check() error {
	if o.Method != "" && o.Method != AdamW && o.Method != SGDNesterov {
		return fmt.Errorf("compile: unknown optimizer %q", o.Method)
	}
	for _, d := range o.Averages {
		if d <= 0 || d >= 1 {
			return fmt.Errorf("compile: an average's decay is %v, want between 0 and 1", d)
		}
	}
	return nil
}

// moments is how many numbers the method keeps for each weight.
func (o Optimizer) moments() int {
	if o.Method == SGDNesterov {
		return 1
	}
	return 2
}

// flops counts what one weight costs in a step: the gradient's reduction over threads, its norm, the update, the averages.
func (o Optimizer) flops(threads int) int64 {
	update := 14
	if o.Method == SGDNesterov {
		update = 7
	}
	return int64(threads - 1 + 2 + update + 3*len(o.Averages))
}

// segment is the part of one parameter that one worker updates.
type segment struct {
	p        *param
	from, to int // in the arena of weights
	averages []kernel.Average
}

// segments shares the weights out among the workers, in equal parts of whole cache lines.
func (p *Program) segments(id int) []segment {
	t, lines := len(p.workers), len(p.weights)/align
	lo, hi := lines*id/t*align, lines*(id+1)/t*align
	var segs []segment
	for _, q := range p.params {
		from, to := max(lo, q.offset), min(hi, q.offset+q.size())
		if from >= to {
			continue
		}
		s := segment{p: q, from: from, to: to}
		for _, a := range p.averages {
			s.averages = append(s.averages, kernel.Average{Values: a[from:to]})
		}
		segs = append(segs, s)
	}
	return segs
}

// reduce sums the workers' gradients over this worker's range into worker 0's, in the workers' order, and leaves the
// sum of their squares, in the units of the parameters that the optimizer moves.
func (w *worker) reduce() {
	w.squares = 0
	for i := range w.segments {
		s := &w.segments[i]
		w.squares += s.p.scale * s.p.scale * w.program.reduce(s.from, s.to)
	}
}

func (p *Program) reduce(from, to int) float64 {
	sum := p.workers[0].gradients[from:to]
	others := p.workers[1:]
	if len(others) == 0 {
		return kernel.SumSquares(sum)
	}
	last := others[len(others)-1]
	for _, o := range others[:len(others)-1] {
		kernel.Add(sum, sum, o.gradients[from:to])
	}
	return kernel.AddSquares(sum, sum, last.gradients[from:to])
}

// update moves this worker's range of the weights by one step; gradScale is what clipping asks for.
func (w *worker) update(gradScale float64) {
	for i := range w.segments {
		s := &w.segments[i]
		for k, d := range w.program.optimizer.Averages {
			s.averages[k].Decay = averageDecay(d, w.program.steps+1)
		}
		w.apply(s, float32(gradScale))
	}
}

// averageDecay makes v += (1-decay)(w-v) keep a debiased average at its t-th step.
func averageDecay(d float64, t int64) float32 {
	return float32(1 - (1-d)/(1-math.Pow(d, float64(t))))
}

func (w *worker) apply(s *segment, gradScale float32) {
	p, step := w.program, &w.program.step
	group := &p.groups[s.p.group]
	lr, decay := step.LR*group.LRFactor, step.WeightDecay*group.DecayFactor
	weights, grad, m := p.weights[s.from:s.to], p.workers[0].gradients[s.from:s.to], p.moments[0][s.from:s.to]
	if p.optimizer.Method == SGDNesterov {
		w.sgd = kernel.SGD{LR: float32(lr * s.p.scale * s.p.scale), Momentum: float32(step.Beta1), GradScale: gradScale}
		if lr*decay != 0 {
			kernel.Scale(weights, float32(1-lr*decay), weights)
		}
		w.sgd.Update(weights, grad, m, s.averages...)
		return
	}
	w.adam = adam(step, lr*s.p.scale, decay/s.p.scale, step.Epsilon/s.p.scale)
	w.adam.GradScale, w.adam.Step = gradScale, p.steps+1
	w.adam.Update(weights, grad, m, p.moments[1][s.from:s.to], s.averages...)
}

func adam(s *model.Step, lr, decay, epsilon float64) kernel.AdamW {
	return kernel.AdamW{
		LR: float32(lr), Beta1: float32(s.Beta1), Beta2: float32(s.Beta2),
		Epsilon: float32(epsilon), Decay: float32(decay),
	}
}
