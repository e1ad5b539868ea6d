package kernel

import "math"

// Average is a running average of the parameters, v += (1-Decay) (w - v), kept by the optimizers in the same pass.
type Average struct {
	Decay  float32
	Values []float32
}

// AdamW is one step of Adam with decoupled weight decay (Loshchilov and Hutter 2019):
//
//	g = GradScale * grad;  m += (1-Beta1)(g - m);  v += (1-Beta2)(g² - v)
//	w -= LR * (m̂ / (√v̂ + Epsilon) + Decay * w),  m̂ = m/(1-Beta1^Step), v̂ = v/(1-Beta2^Step)
//
// Factors of a parameter group are multiplied into LR and Decay by the caller, a call for each group.
type AdamW struct {
	LR, Beta1, Beta2, Epsilon, Decay float32
	GradScale                        float32 // 1, or what clipping asks for
	Step                             int64   // from 1
}

// adamFactors are AdamW's numbers as the loop needs them.
type adamFactors struct {
	gradScale, keep1, keep2 float32 // keepN = 1 - BetaN
	rate, root, epsilon     float32 // LR / correction1, 1 / √correction2, Epsilon
	shrink                  float32 // 1 - LR * Decay
}

func (o *AdamW) factors() adamFactors {
	correction1 := 1 - math.Pow(float64(o.Beta1), float64(o.Step))
	correction2 := 1 - math.Pow(float64(o.Beta2), float64(o.Step))
	return adamFactors{
		gradScale: o.GradScale, keep1: 1 - o.Beta1, keep2: 1 - o.Beta2,
		rate: float32(float64(o.LR) / correction1), root: float32(1 / math.Sqrt(correction2)), epsilon: o.Epsilon,
		shrink: float32(1 - float64(o.LR)*float64(o.Decay)),
	}
}

// Update moves w by one step. m and v are the moments, as long as w.
func (o *AdamW) Update(w, grad, m, v []float32, averages ...Average) {
	f := o.factors()
	for at := 0; at < len(w); at += updateBlock {
		end := min(at+updateBlock, len(w))
		adam(w[at:end], grad[at:end], m[at:end], v[at:end], &f)
		track(averages, w, at, end)
	}
}

// updateBlock is how many parameters are updated before their averages follow: few enough to stay in the first cache level.
const updateBlock = 1024

func adam(w, grad, m, v []float32, f *adamFactors) {
	if vector() {
		adamVector(w, grad, m, v, f)
		return
	}
	adamTwin(w, grad, m, v, f)
}

func adamTwin(w, grad, m, v []float32, f *adamFactors) {
	for i := range w {
		g := f.gradScale * grad[i]
		m[i] += f.keep1 * (g - m[i])
		v[i] += f.keep2 * (g*g - v[i])
		root := float32(math.Sqrt(float64(v[i])))
		w[i] = f.shrink*w[i] - f.rate*m[i]/(root*f.root+f.epsilon)
	}
}

// SGD is one step of Nesterov's momentum: g = GradScale grad + Decay w; m = Momentum m + g; w -= LR (g + Momentum m).
type SGD struct {
	LR, Momentum, Decay, GradScale float32 // the kernel reads them in this order
}

// Update moves w by one step; m is as long as w.
func (o *SGD) Update(w, grad, m []float32, averages ...Average) {
	for at := 0; at < len(w); at += updateBlock {
		end := min(at+updateBlock, len(w))
		sgd(w[at:end], grad[at:end], m[at:end], o)
		track(averages, w, at, end)
	}
}

func sgd(w, grad, m []float32, o *SGD) {
	if vector() {
		sgdVector(w, grad, m, o)
		return
	}
	sgdTwin(w, grad, m, o)
}

func sgdTwin(w, grad, m []float32, o *SGD) {
	for i := range w {
		g := o.GradScale*grad[i] + o.Decay*w[i]
		m[i] = o.Momentum*m[i] + g
		w[i] -= o.LR * (g + o.Momentum*m[i])
	}
}

// track moves the averages of a block towards w.
func track(averages []Average, w []float32, from, to int) {
	for _, a := range averages {
		if vector() {
			trackVector(a.Values[from:to], w[from:to], 1-a.Decay)
		} else {
			trackTwin(a.Values[from:to], w[from:to], 1-a.Decay)
		}
	}
}

func trackTwin(average, w []float32, keep float32) {
	for i, v := range w {
		average[i] += keep * (v - average[i])
	}
}
