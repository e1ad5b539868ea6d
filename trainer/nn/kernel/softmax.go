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
		if grad == nil {
			loss += float64(c.value(z, label))
			continue
		}
		loss += float64(c.row(grad[i*classes:(i+1)*classes], z, label))
	}
	return loss
}

// row is one row's loss; g receives its gradient.
func (c *CrossEntropy) row(g, z []float32, label int32) float32 {
	if label < 0 {
		clear(g)
		return 0
	}
	weight, uniform := c.weight(label), c.Smoothing/float32(len(z))
	mean, own := c.mean(z), z[label]
	top, total := rowExp(g, z)
	scale := weight * c.Scale
	affine(g, g, scale/total, -scale*uniform)
	g[label] -= scale * (1 - c.Smoothing)
	return weight * (log(total) + top - (1-c.Smoothing)*own - c.Smoothing*mean)
}

// value is one row's loss alone.
func (c *CrossEntropy) value(z []float32, label int32) float32 {
	if label < 0 {
		return 0
	}
	top, total := z[0], float32(0)
	for _, v := range z {
		top = max(top, v)
	}
	for _, v := range z {
		total += exp(v - top)
	}
	return c.weight(label) * (log(total) + top - (1-c.Smoothing)*z[label] - c.Smoothing*c.mean(z))
}

// weight is a class's weight.
func (c *CrossEntropy) weight(label int32) float32 {
	if c.Weights == nil {
		return 1
	}
	return c.Weights[label]
}

// mean is the mean logit, where smoothing asks for it.
func (c *CrossEntropy) mean(z []float32) (mean float32) {
	if c.Smoothing == 0 {
		return 0
	}
	for _, v := range z {
		mean += v
	}
	return mean / float32(len(z))
}

// rowExp stores exp(z - top), with top the greatest logit, and returns top and the sum.
func rowExp(dst, z []float32) (top, total float32) {
	if vector() {
		return rowExpVector(dst, z)
	}
	return rowExpTwin(dst, z)
}

// rowExpTwin is rowExp in plain Go.
func rowExpTwin(dst, z []float32) (top, total float32) {
	top = z[0]
	for _, v := range z {
		top = max(top, v)
	}
	for j, v := range z {
		dst[j] = exp(v - top)
		total += dst[j]
	}
	return top, total
}

// Softmax stores the probabilities of every row of classes logits. dst may be logits.
func Softmax(dst, logits []float32, classes int) {
	for at := 0; at+classes <= len(logits); at += classes {
		p := dst[at : at+classes]
		_, total := rowExp(p, logits[at:at+classes])
		affine(p, p, 1/total, 0)
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
