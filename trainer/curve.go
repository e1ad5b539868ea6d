package trainer

// curvePoints is how many points a curve has, at most.
const curvePoints = 512

// CurvePoint is the mean over some steps of the training.
type CurvePoint struct {
	Step     int64   `json:"step"` // the last of them
	Loss     float64 `json:"loss"`
	LR       float64 `json:"lr"`
	GradNorm float64 `json:"grad_norm"`
}

// Curve is a training's course in at most 512 points: when it is full, neighbours are merged and each point stands for
// twice as many steps from there on.
type Curve struct {
	Points []CurvePoint `json:"points"`
	Stride int64        `json:"stride"` // steps of a point
	Open   CurvePoint   `json:"open"`   // sums over the steps of the point that is being filled
	Count  int64        `json:"count"`
}

// add takes in a step whose loss and gradient norm are finite.
func (c *Curve) add(step int64, loss, lr, norm float64) {
	c.Stride = max(c.Stride, 1)
	c.Open = CurvePoint{step, c.Open.Loss + loss, c.Open.LR + lr, c.Open.GradNorm + norm}
	if c.Count++; c.Count < c.Stride {
		return
	}
	n := float64(c.Count)
	c.Points = append(c.Points, CurvePoint{step, c.Open.Loss / n, c.Open.LR / n, c.Open.GradNorm / n})
	c.Open, c.Count = CurvePoint{}, 0
	if len(c.Points) == curvePoints {
		c.halve()
	}
}

func (c *Curve) halve() {
	for i := range len(c.Points) / 2 {
		a, b := c.Points[2*i], c.Points[2*i+1]
		c.Points[i] = CurvePoint{b.Step, (a.Loss + b.Loss) / 2, (a.LR + b.LR) / 2, (a.GradNorm + b.GradNorm) / 2}
	}
	c.Points = c.Points[:len(c.Points)/2]
	c.Stride *= 2
}
