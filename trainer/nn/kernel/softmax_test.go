package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// crossEntropy is one row's loss in float64.
func crossEntropy(c *CrossEntropy, z []float32, label int) float64 {
	top, total := math.Inf(-1), 0.0
	for _, v := range z {
		top = max(top, float64(v))
	}
	for _, v := range z {
		total += math.Exp(float64(v) - top)
	}
	loss := 0.0
	for j, v := range z {
		q := float64(c.Smoothing) / float64(len(z))
		if j == label {
			q += 1 - float64(c.Smoothing)
		}
		loss -= q * (float64(v) - top - math.Log(total))
	}
	if c.Weights != nil {
		loss *= float64(c.Weights[label])
	}
	return loss
}

func TestCrossEntropy(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, classes := range []int{1, 2, 7, 8, 10, 33} {
			weights := make([]float32, classes)
			for i := range weights {
				weights[i] = r.Float32() + 0.5
			}
			for _, c := range []CrossEntropy{{Scale: 1}, {Scale: 0.5, Smoothing: 0.1}, {Scale: 1, Smoothing: 0.2, Weights: weights}} {
				testCrossEntropy(t, &c, classes, r)
			}
		}
	})
}

func testCrossEntropy(t *testing.T, c *CrossEntropy, classes int, r *rand.Rand) {
	t.Helper()
	const rows = 9
	labels, want := make([]int32, rows), 0.0
	z, g := guarded(t, rows*classes, true), guarded(t, rows*classes, true)
	for i := range labels {
		labels[i] = int32(r.IntN(classes))
		for j := range classes {
			z[i*classes+j] = 5 * float32(r.NormFloat64())
		}
		want += crossEntropy(c, z[i*classes:(i+1)*classes], int(labels[i]))
	}
	for _, grad := range [][]float32{g, nil} {
		if got := c.Loss(grad, z, labels, classes); math.Abs(got-want) > 1e-5*(1+want) {
			t.Errorf("%d classes: loss %g, want %g", classes, got, want)
		}
	}
	for k := range g {
		row, label := z[k/classes*classes:(k/classes+1)*classes], int(labels[k/classes])
		if got, want := float64(g[k]), float64(c.Scale)*slope(c, row, k%classes, label); math.Abs(got-want) > 1e-3 {
			t.Fatalf("%d classes, %+v: gradient %d is %g, want %g", classes, *c, k, got, want)
		}
	}
}

// slope is the loss's derivative with respect to one logit, by central differences.
func slope(c *CrossEntropy, row []float32, j, label int) float64 {
	up, down := append([]float32(nil), row...), append([]float32(nil), row...)
	up[j] += 1e-2
	down[j] -= 1e-2
	return (crossEntropy(c, up, label) - crossEntropy(c, down, label)) / (float64(up[j]) - float64(down[j]))
}

func TestCrossEntropySkipsRowsWithoutLabel(t *testing.T) {
	c := CrossEntropy{Scale: 1}
	g := []float32{9, 9, 9, 9}
	with := c.Loss(g, []float32{1, 2, 3, 4}, []int32{-1, 0}, 2)
	if want := c.Loss(nil, []float32{3, 4}, []int32{0}, 2); with != want || g[0] != 0 || g[1] != 0 {
		t.Errorf("loss %g, want %g; gradient %v", with, want, g)
	}
}

func TestCrossEntropyKeepsNaN(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		for _, classes := range []int{2, 8, 11} {
			for at := range classes {
				z := make([]float32, classes)
				z[at] = nan
				c := CrossEntropy{Scale: 1}
				if loss := c.Loss(make([]float32, classes), z, []int32{0}, classes); loss == loss {
					t.Errorf("%d classes, NaN at %d: loss %g", classes, at, loss)
				}
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	everywhere(t, func(t *testing.T) {
		p := []float32{1000, 1000, -1000, 0, 0, 0, -1000, -1000, -1000}
		Softmax(p, p, 3)
		for i, want := range []float32{0.5, 0.5, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1 / 3.0} {
			if !(math.Abs(float64(p[i]-want)) <= 1e-6) {
				t.Errorf("probability %d is %g, want %g", i, p[i], want)
			}
		}
	})
}

func TestSigmoidCrossEntropy(t *testing.T) {
	z, y, g := []float32{-90, -3, 0, 2, 90}, []float32{0, 1, 0.5, 0, 1}, make([]float32, 5)
	want := 0.0
	for i, v := range z {
		want += math.Log1p(math.Exp(float64(v))) - float64(y[i])*float64(v)
	}
	if got := SigmoidCrossEntropy(g, z, y, 2); math.Abs(got-want) > 1e-5 {
		t.Errorf("loss %g, want %g", got, want)
	}
	for i, v := range z {
		if want := 2 * (1/(1+math.Exp(-float64(v))) - float64(y[i])); math.Abs(float64(g[i])-want) > 1e-6 {
			t.Errorf("gradient %d is %g, want %g", i, g[i], want)
		}
	}
}
