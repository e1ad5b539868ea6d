package modeltest

import (
	"fmt"
	"math"
	"strconv"

	"tuned/trainer/model"
)

// step computes the gradient over the rows and moves the weights by AdamW. Dropout is applied to the inputs.
func (s *Session) step(op model.Step) (model.Result, error) {
	if s.options.MaxBatch > 0 && len(op.Rows) > s.options.MaxBatch {
		return model.Result{}, fmt.Errorf("%w: %d rows in a batch of at most %d", model.ErrInvalid, len(op.Rows), s.options.MaxBatch)
	}
	grad, loss := s.gradient(op, op.Rows)
	r := model.Result{Loss: loss, GradNorm: norm(grad), Finite: true, FLOPs: s.flops(op)}
	for part := range op.Parts {
		size := len(op.Rows) / op.Parts
		g, _ := s.gradient(op, op.Rows[part*size:(part+1)*size])
		r.PartNorms = append(r.PartNorms, norm(g)*norm(g))
	}
	if s.options.Poison != nil && s.options.Poison(op, s.now.Step) {
		r.Loss = math.NaN()
	}
	r.Finite = !math.IsNaN(r.Loss+r.GradNorm) && !math.IsInf(r.Loss+r.GradNorm, 0)
	if op.ClipNorm > 0 && r.GradNorm > op.ClipNorm {
		r.Clipped = true
		for i := range grad {
			grad[i] *= op.ClipNorm / r.GradNorm
		}
	}
	if r.Finite && !op.NoUpdate {
		s.update(op, grad)
	}
	return r, nil
}

func (s *Session) flops(op model.Step) int64 {
	info := s.Info()
	f := info.FLOPsRow * int64(len(op.Rows))
	if !op.NoUpdate {
		f += info.FLOPsStep
	}
	return f
}

// gradient is that of the mean loss over rows, smoothing included.
func (s *Session) gradient(op model.Step, rows []int32) (grad []float64, loss float64) {
	grad = make([]float64, len(s.now.W))
	outputs, columns := s.data.outputs(), s.data.Columns
	x, out := make([]float64, columns), make([]float64, outputs)
	for _, row := range rows {
		for c := range x {
			x[c] = float64(s.data.X[int(row)*columns+c])
			if op.Dropout > 0 && math.Abs(noise(s.options.Seed^s.now.Step<<20, int64(row)<<10+int64(c))) < op.Dropout {
				x[c] = 0
			}
		}
		s.forward(s.now.W, x, out)
		loss += s.data.loss(int(row), out, op.LabelSmoothing)
		for o, d := range s.data.delta(int(row), out, op.LabelSmoothing) {
			base := o * (columns + 1)
			for c, v := range x {
				grad[base+c] += d * v / float64(len(rows))
			}
			grad[base+columns] += d / float64(len(rows))
		}
	}
	return grad, loss / float64(len(rows))
}

// forward writes the outputs of one row: probabilities or the value.
func (s *Session) forward(w, x, out []float64) {
	for o := range out {
		base := o * (len(x) + 1)
		out[o] = w[base+len(x)]
		for c, v := range x {
			out[o] += w[base+c] * v
		}
	}
	if s.data.Labels != nil {
		softmax(out)
	}
}

func softmax(z []float64) {
	top, sum := z[0], 0.0
	for _, v := range z {
		top = max(top, v)
	}
	for i, v := range z {
		z[i] = math.Exp(v - top)
		sum += z[i]
	}
	for i := range z {
		z[i] /= sum
	}
}

func (s *Session) update(op model.Step, grad []float64) {
	n := &s.now
	n.Step++
	c1, c2 := 1-math.Pow(op.Beta1, float64(n.Step)), 1-math.Pow(op.Beta2, float64(n.Step))
	for i, g := range grad {
		n.First[i] = op.Beta1*n.First[i] + (1-op.Beta1)*g
		n.Second[i] = op.Beta2*n.Second[i] + (1-op.Beta2)*g*g
		n.W[i] -= op.LR * (n.First[i]/c1/(math.Sqrt(n.Second[i]/c2)+op.Epsilon) + op.WeightDecay*n.W[i])
	}
	for name, average := range n.Averages {
		d, _ := strconv.ParseFloat(name, 64)
		for i, w := range n.W {
			average[i] = d*average[i] + (1-d)*w
		}
	}
}

func norm(g []float64) float64 {
	sum := 0.0
	for _, v := range g {
		sum += v * v
	}
	return math.Sqrt(sum)
}

// noise is a number in (-1, 1), a function of its arguments (SplitMix64's finaliser).
func noise(seed, i int64) float64 {
	z := uint64(seed)*0x9e3779b97f4a7c15 + uint64(i)*0xbf58476d1ce4e5b9 + 0x94d049bb133111eb
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return 2*float64((z^z>>31)>>11)/(1<<53) - 1
}
