package trees

import (
	"math"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// leastWeight keeps second derivatives of certain predictions above zero.
const leastWeight = 1e-6

// loss is what the trees make small: half the squared error, the absolute one, or the cross-entropy of one output or of one for
// each class.
type loss struct {
	task     model.Task
	outputs  int
	absolute bool
}

func (l loss) values() bool { return l.task == model.Regression }

// setBase sets the outputs of a model without columns: the mean, the median, or the log of the odds or of the frequencies.
func (l loss) setBase(base []float32, d nn.Data, rows []int32) {
	if l.values() && l.absolute {
		base[0] = median(d.Values, rows)
		return
	}
	sums := make([]float64, max(l.outputs, 2))
	for _, r := range rows {
		if l.values() {
			sums[0] += float64(d.Values[r])
		} else {
			sums[d.Labels[r]]++
		}
	}
	n := math.Max(float64(len(rows)), 1)
	share := func(k int) float64 { return math.Max(sums[k], 0.5) / n }
	switch {
	case l.values():
		base[0] = float32(sums[0] / n)
	case l.outputs == 1:
		base[0] = float32(math.Log(share(1) / share(0)))
	default:
		for k := range base {
			base[k] = float32(math.Log(share(k)))
		}
	}
}

// median is that of the rows' values, the upper one of two; 0 without rows.
func median(values []float32, rows []int32) float32 {
	if len(rows) == 0 {
		return 0
	}
	sorted := make([]float32, len(rows))
	for i, r := range rows {
		sorted[i] = values[r]
	}
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// predict turns a row's outputs into the value, the second class's probability, or one for each class.
func (l loss) predict(z []float32) {
	switch {
	case l.values():
	case l.outputs == 1:
		z[0] = float32(1 / (1 + math.Exp(-float64(z[0]))))
	default:
		top, sum := z[0], 0.0
		for _, v := range z {
			top = max(top, v)
		}
		for k, v := range z {
			e := math.Exp(float64(v - top))
			z[k] = float32(e)
			sum += e
		}
		for k := range z {
			z[k] = float32(float64(z[k]) / sum)
		}
	}
}

// target is what output k should be for a row, with the classes smoothed.
func (l loss) target(d *nn.Data, row int32, k int, smoothing float64) float64 {
	if l.values() {
		return float64(d.Values[row])
	}
	class, hit := int(d.Labels[row]), 0.0
	if l.outputs == 1 {
		k = 1
	}
	if class == k {
		hit = 1
	}
	return (1-smoothing)*hit + smoothing/float64(max(l.outputs, 2))
}

// of is a row's loss at what predict gave.
func (l loss) of(d *nn.Data, row int32, p []float32, smoothing float64) float64 {
	if l.values() {
		return l.missed(float64(p[0]) - float64(d.Values[row]))
	}
	sum := 0.0
	for k, v := range p {
		y := l.target(d, row, k, smoothing)
		sum -= weighted(y, float64(v))
		if l.outputs == 1 {
			sum -= weighted(1-y, 1-float64(v))
		}
	}
	return sum
}

// weighted is y times the logarithm of p, which takes long: where y is 0, as of all classes but one, it is not worked out.
func weighted(y, p float64) float64 {
	if y == 0 {
		return 0
	}
	return y * math.Log(math.Max(p, math.SmallestNonzeroFloat32))
}

// missed is the loss of a value that is missed by so much.
func (l loss) missed(by float64) float64 {
	if !l.absolute {
		return by * by
	}
	loss, _ := model.AbsoluteLoss(by)
	return loss
}

// blended is a row's loss at a prediction for each class, or at the value.
func (l loss) blended(d *nn.Data, row int32, p []float32) float64 {
	if l.values() {
		return l.of(d, row, p, 0)
	}
	return -math.Log(math.Max(float64(p[d.Labels[row]]), math.SmallestNonzeroFloat32))
}

// derivatives are the first and second one by output k, at its prediction p. The absolute error's second one would be zero:
// that of the parabola is taken which touches it there and lies above, so that a leaf moves towards the median.
func (l loss) derivatives(p, target float64) (first, second float64) {
	if l.values() {
		first, second = p-target, 1
		if l.absolute {
			second = model.AbsoluteWidth / math.Max(math.Abs(first), model.AbsoluteWidth)
		}
		return first * second, second
	}
	second = p * (1 - p)
	if l.outputs > 1 {
		second *= float64(l.outputs) / float64(l.outputs-1) // the others move with it
	}
	return p - target, math.Max(second, leastWeight)
}
