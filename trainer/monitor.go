package trainer

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"tuned/heuristics"
	"tuned/trainer/data"
	"tuned/trainer/model"
)

// The monitor's constants, in steps.
const (
	window      = 200  // of losses and gradient norms that a step is compared with
	settled     = 50   // steps that the window needs before anything counts as unusual
	initial     = 5    // steps whose mean loss is the loss at initialisation
	recent      = 5    // steps of which three must be unusual
	smoothing   = 0.98 // of the training loss, as fastai has it
	leastSpread = 0.1  // smallest SD that a loss is measured in, as a share of the loss at initialisation
	refresh     = 16   // steps between two looks at the window's percentile
)

// monitor follows the losses and gradient norms of a training. It is a pure function of the results that it observed, in
// order, and survives the way through JSON unchanged.
type monitor struct {
	Observed int64     `json:"observed"`
	Losses   []float64 `json:"losses"` // the last finite ones, oldest first
	Norms    []float64 `json:"norms"`
	Clips    []bool    `json:"clips"`
	Scores   []Number  `json:"scores"` // the last steps' distance from the window's mean, in SDs
	Smoothed float64   `json:"smoothed"`
	Weight   float64   `json:"weight"` // of what Smoothed has seen
	First    float64   `json:"first"`  // sum of the first losses
	Firsts   int64     `json:"firsts"`
	P90      float64   `json:"p90"`       // of Norms, refreshed every few steps
	FirstP90 float64   `json:"first_p90"` // of the first 100 norms
	Broken   int64     `json:"broken"`    // non-finite steps in a row
	Last     Number    `json:"last"`      // the last step's loss
	LastNorm Number    `json:"last_norm"`

	sorted []float64 // memory
}

// observe takes in a step's result.
func (m *monitor) observe(r model.Result) {
	m.Observed++
	m.Last, m.LastNorm = Number(r.Loss), Number(r.GradNorm)
	m.Scores = push(m.Scores, recent, Number(m.score(r)))
	m.Clips = push(m.Clips, window, r.Clipped)
	if !finite(r) {
		m.Broken++
		return
	}
	m.Broken = 0
	if m.Firsts < initial {
		m.First, m.Firsts = m.First+r.Loss, m.Firsts+1
	}
	m.Smoothed = smoothing*m.Smoothed + (1-smoothing)*r.Loss
	m.Weight = smoothing*m.Weight + (1 - smoothing)
	m.Losses = push(m.Losses, window, r.Loss)
	m.observeNorm(r.GradNorm)
}

func (m *monitor) observeNorm(norm float64) {
	m.Norms = push(m.Norms, window, norm)
	if m.Observed%refresh == 0 {
		m.sorted = append(m.sorted[:0], m.Norms...)
		slices.Sort(m.sorted)
		m.P90 = stat.Quantile(0.9, stat.Empirical, m.sorted, nil)
		if m.Observed <= 100 {
			m.FirstP90 = m.P90
		}
	}
}

// score is how many SDs a loss lies above the mean of the window before it; infinite when it is no number.
func (m *monitor) score(r model.Result) float64 {
	if !finite(r) {
		return math.Inf(1)
	}
	if len(m.Losses) < settled {
		return 0
	}
	mean, sd := data.Moments(m.Losses)
	return (r.Loss - mean) / max(sd, leastSpread*m.lossInit(), math.SmallestNonzeroFloat64)
}

// forget drops what the window holds, so that what a rollback threw away is not compared with.
func (m *monitor) forget() {
	m.Losses, m.Norms, m.Clips, m.Scores, m.Broken = nil, nil, nil, nil, 0
	m.Smoothed, m.Weight = 0, 0
}

// fill sets what watches read about the step that was observed last, the step'th of steps, in the place of what they read before:
//
//	train.step, train.progress  steps done, and their share
//	train.loss                  smoothed: an average whose weights fall by 0.98 a step
//	train.loss_z                the third-highest, of the last five steps, distance of the loss above the mean of the 200
//	                            before it, in SDs of these (at least a tenth of loss_init); it is high when three of
//	                            five steps are. 0 in the first 50 steps
//	train.loss_finite           whether this step's loss and gradient are numbers
//	train.loss_init             mean loss of the first five steps
//	train.grad_norm             this step's, before clipping
//	train.grad_norm_ratio       to the 90th percentile of the last 200 steps, or of the first 100 if that is higher
//	train.clipped_fraction      of the last 200 steps; 0 in the first 50
func (m *monitor) fill(f heuristics.Facts, step, steps int64) {
	f["train.step"], f["train.progress"] = step, float64(step)/float64(steps)
	f["train.loss"], f["train.loss_init"] = m.loss(), m.lossInit()
	f["train.loss_z"], f["train.loss_finite"] = m.unusual(), m.Broken == 0
	f["train.grad_norm"], f["train.grad_norm_ratio"] = float64(m.LastNorm), m.normRatio()
	f["train.clipped_fraction"] = m.clipped()
}

// loss is the smoothed training loss; 0 before the first step.
func (m *monitor) loss() float64 {
	if m.Weight == 0 {
		return 0
	}
	return m.Smoothed / m.Weight
}

func (m *monitor) lossInit() float64 {
	if m.Firsts == 0 {
		return 0
	}
	return m.First / float64(m.Firsts)
}

func (m *monitor) unusual() float64 {
	if len(m.Scores) < 3 {
		return 0
	}
	var last [recent]Number
	sorted := last[:copy(last[:], m.Scores)]
	slices.Sort(sorted)
	return float64(sorted[len(sorted)-3])
}

func (m *monitor) normRatio() float64 {
	usual := max(m.P90, m.FirstP90)
	if len(m.Norms) < settled || usual == 0 {
		return 0
	}
	return float64(m.LastNorm) / usual
}

func (m *monitor) clipped() float64 {
	if len(m.Clips) < settled {
		return 0
	}
	n := 0
	for _, c := range m.Clips {
		if c {
			n++
		}
	}
	return float64(n) / float64(len(m.Clips))
}

func finite(r model.Result) bool {
	return r.Finite && !math.IsNaN(r.Loss) && !math.IsInf(r.Loss, 0) && !math.IsNaN(r.GradNorm) && !math.IsInf(r.GradNorm, 0)
}

// push appends to a slice that holds at most limit values, and drops its oldest.
func push[T any](values []T, limit int, v T) []T {
	if len(values) == limit {
		copy(values, values[1:])
		values = values[:limit-1]
	}
	return append(values, v)
}
