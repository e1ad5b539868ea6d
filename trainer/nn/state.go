package nn

import (
	"fmt"
	"slices"
)

// Tensor is a view of live memory: writing to Data changes the program.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
	Group string
}

// tensors are views of an arena that is laid out like the weights.
func (p *Program) tensors(prefix string, arena []float32) []Tensor {
	all := make([]Tensor, len(p.params))
	for i, q := range p.params {
		all[i] = Tensor{
			Name: prefix + q.layer + "." + q.name, Shape: slices.Clone(q.shape),
			Data: arena[q.offset : q.offset+q.size() : q.offset+q.size()], Group: p.groups[q.group].Name,
		}
	}
	return all
}

// Parameters returns views of the weights, in the order in which the graph made them.
func (p *Program) Parameters() []Tensor { return p.tensors("", p.weights) }

// Average returns views of a running average, in Parameters' order and under their names; nil for a decay that is not tracked.
func (p *Program) Average(decay float64) []Tensor {
	i := slices.Index(p.optimizer.Averages, decay)
	if i < 0 {
		return nil
	}
	return p.tensors("", p.averages[i])
}

// Averages returns the decays that are tracked.
func (p *Program) Averages() []float64 { return slices.Clone(p.optimizer.Averages) }

// Statistics returns views of what predicting needs besides the parameters: batch norm's means and variances, components.
func (p *Program) Statistics() []Tensor {
	var all []Tensor
	for _, n := range p.nodes {
		if o, ok := n.op.(statistician); ok {
			all = append(all, o.statistics()...)
		}
	}
	return all
}

// statistician is implemented by operations that keep statistics.
type statistician interface{ statistics() []Tensor }

// State returns views of everything that a snapshot needs, apart from StepCount: weights, moments ("moment1:…"), averages
// ("average:0.99:…"), statistics. Names are unique.
func (p *Program) State() []Tensor {
	all := p.Parameters()
	for i, m := range p.moments {
		all = append(all, p.tensors(fmt.Sprintf("moment%d:", i+1), m)...)
	}
	for i, a := range p.averages {
		all = append(all, p.tensors(fmt.Sprintf("average:%v:", p.optimizer.Averages[i]), a)...)
	}
	return append(all, p.Statistics()...)
}

// StepCount is the number of updates so far: dropout and bias correction depend on it.
func (p *Program) StepCount() int64 { return p.steps }

// SetStepCount restores what StepCount returned.
func (p *Program) SetStepCount(n int64) { p.steps = n }

// Close ends the program's goroutines and waits for them. Calling it again does nothing.
func (p *Program) Close() { p.team.close() }
