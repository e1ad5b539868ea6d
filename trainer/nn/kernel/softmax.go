package kernel

// CrossEntropy is the softmax cross-entropy of rows of logits.
//
// With q the smoothed target, q_j = (1-Smoothing)[j == label] + Smoothing/classes, a row's loss is
// -w_label Σ_j q_j log softmax_j. Rows whose label is negative count nothing.
type CrossEntropy struct {
	Smoothing float32   // 0 … 1
	Weights   []float32 // one a class; nil for all 1
	Scale     float32   // of the gradient, usually 1/batch
}

// Loss returns the sum of the rows' losses and, unless grad is nil, stores Scale times its gradient with respect to the
// logits. logits and grad are len(labels) × classes; grad may be logits.
func (c *CrossEntropy) Loss(grad, logits []float32, labels []int32, classes int) (loss float64) {
	for i, label := range labels {
		z := logits[i*classes : (i+1)*classes]
		var g []float32
		if grad != nil {
			g = grad[i*classes : (i+1)*classes]
		}
		loss += float64(c.row(g, z, label))
	}
	return loss
}

// row is one row's loss and gradient.
func (c *CrossEntropy) row(g, z []float32, label int32) float32 {
	if label < 0 {
		clear(g)
		return 0
	}
	weight := float32(1)
	if c.Weights != nil {
		weight = c.Weights[label]
	}
	uniform := c.Smoothing / float32(len(z))
	top, total, mean := logSum(z)
	loss := weight * (total - (1-c.Smoothing)*(z[label]-top) - c.Smoothing*mean)
	if g == nil {
		return loss
	}
	softmaxRow(g, z, top, total)
	scale := weight * c.Scale
	for j := range g {
		g[j] = scale * (g[j] - uniform)
	}
	g[label] -= scale * (1 - c.Smoothing)
	return loss
}

// logSum gives a row's maximum, the logarithm of Σ exp(z - max), and the mean of z - max.
func logSum(z []float32) (top, total, mean float32) {
	top = z[0]
	for _, v := range z {
		top = max(top, v)
	}
	for _, v := range z {
		total += exp(v - top)
		mean += v - top
	}
	return top, log(total), mean / float32(len(z))
}

// softmaxRow stores exp(z - top - total).
func softmaxRow(dst, z []float32, top, total float32) {
	for j, v := range z {
		dst[j] = exp(v - top - total)
	}
}

// Softmax stores the probabilities of every row of classes logits. dst may be logits.
func Softmax(dst, logits []float32, classes int) {
	for at := 0; at+classes <= len(logits); at += classes {
		z := logits[at : at+classes]
		top, total, _ := logSum(z)
		softmaxRow(dst[at:at+classes], z, top, total)
	}
}

// SigmoidCrossEntropy returns Σ log(1+e^z) - y z and, unless grad is nil, stores scale (σ(z) - y). grad may be logits.
func SigmoidCrossEntropy(grad, logits, targets []float32, scale float32) (loss float64) {
	for i, z := range logits {
		y := targets[i]
		loss += float64(max(z, 0) - y*z + log(1+exp(-max(z, -z))))
		if grad != nil {
			grad[i] = scale * (sigmoid(z) - y)
		}
	}
	return loss
}
