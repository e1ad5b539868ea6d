package session

import (
	"math"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// fake is a program of two weights and one batch-norm mean, so small that tests know its every number: it predicts
// w0*x + w1 - mean, and a step adds lr to each weight.
type fake struct {
	weights, average, statistic []float32
	steps                       int64
	data                        nn.Data
	closed                      bool
	forwardRows                 []int // lengths of the calls
}

func newFake() *fake {
	return &fake{weights: []float32{1, 0}, average: []float32{1, 0}, statistic: []float32{0}}
}

func (f *fake) Bind(d nn.Data) error    { f.data = d; return nil }
func (f *fake) Init(rows []int32) error { f.weights[1] = float32(len(rows)); return nil }

func (f *fake) Step(rows []int32, s model.Step) nn.StepResult {
	if !s.NoUpdate {
		f.steps++
		for i := range f.weights {
			f.weights[i] += float32(s.LR)
			f.average[i] = 0.5*f.average[i] + 0.5*f.weights[i]
		}
	}
	return nn.StepResult{Loss: float64(len(rows)), Finite: true, GradNorm: 1, FLOPs: 7}
}

func (f *fake) Forward(rows []int32, out []float32) float64 {
	f.forwardRows = append(f.forwardRows, len(rows))
	loss := 0.0
	for i, r := range rows {
		y := f.weights[0]*f.data.Numeric[r] + f.weights[1] - f.statistic[0]
		if out != nil {
			out[i] = y
		}
		if f.data.Values != nil {
			loss += math.Pow(float64(y-f.data.Values[r]), 2)
		}
	}
	return loss / float64(len(rows))
}

func (f *fake) Recalibrate(rows []int32) { f.statistic[0] = f.weights[0] * float32(len(rows)) }
func (f *fake) Outputs() int             { return 1 }
func (f *fake) StepCount() int64         { return f.steps }
func (f *fake) SetStepCount(n int64)     { f.steps = n }
func (f *fake) Averages() []float64      { return []float64{0.5} }
func (f *fake) Close()                   { f.closed = true }

func (f *fake) Parameters() []nn.Tensor {
	return []nn.Tensor{{Name: "a", Shape: []int{1}, Data: f.weights[:1]}, {Name: "b", Shape: []int{1}, Data: f.weights[1:]}}
}

func (f *fake) Average(decay float64) []nn.Tensor {
	return []nn.Tensor{{Name: "average/a", Shape: []int{1}, Data: f.average[:1]}, {Name: "average/b", Shape: []int{1}, Data: f.average[1:]}}
}

func (f *fake) Statistics() []nn.Tensor {
	return []nn.Tensor{{Name: "mean", Shape: []int{1}, Data: f.statistic}}
}

func (f *fake) State() []nn.Tensor {
	return append(append(f.Parameters(), f.Average(0.5)...), f.Statistics()...)
}

func (f *fake) Facts() nn.Facts {
	return nn.Facts{Parameters: 2, FLOPsRow: 6, FLOPsRowEval: 2, FLOPsStep: 4, BytesFixed: 40, BytesRow: 8, Groups: []nn.Group{{Parameters: 2}}, Recalibrates: true}
}
