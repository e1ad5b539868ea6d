package probe

import (
	"context"
	"fmt"
	"math"
	"slices"

	"tuned/heuristics"
	"tuned/trainer/model"
)

// The range test's shape.
const (
	sweepSeeds   = 3
	sweepRows    = 512  // that the loss is read on
	sweepSteps   = 100  // of a sweep, at most
	sweepLeast   = 20   // at least
	sweepShare   = 0.06 // of the planned run's FLOPs, reading included, as far as sweepLeast allows
	sweepBelow   = 1e-3 // the first rate, as a multiple of the prior
	sweepAbove   = 1e2  // the last
	sweepDiverge = 4    // a sweep ends where the loss is above so many times its best, and above the first
	unknown      = 10.0 // decades: the spread that is told when a single seed or none has an answer
)

// lrFind raises the learning rate geometrically from a thousandth of the prior until the loss explodes, from three
// initialisations with three orders of the rows, with the planned batch size, betas and regularisation. The loss is read
// on the same rows throughout, so that it moves for no other reason than the weights.
func lrFind(ctx context.Context, e Env, s settings) (Report, error) {
	prior, err := s.rate()
	if err != nil {
		return Report{}, err
	}
	report := Report{}
	var sweeps []Sweep
	for i := range int64(sweepSeeds) {
		var swept Sweep
		spent, err := e.borrow(ctx, s, s.batch(e), e.Seed+i, func(b *bench) (err error) {
			swept, err = sweep(b, e, s, prior, e.Seed+i)
			return err
		})
		report.spend(spent)
		if err != nil {
			return report, err
		}
		sweeps = append(sweeps, swept)
	}
	report.Facts, report.Plots = summarise(sweeps, prior, margin(e.View.Task)), []Plot{plot(sweeps)}
	return report, nil
}

// sweep is one range test.
func sweep(b *bench, e Env, s settings, prior float64, seed int64) (Sweep, error) {
	rows := sample(e.Train, sweepRows, e.Seed, streamRows)
	steps := sweepLength(b.session.Info(), s.steps(e), s.batch(e), len(rows))
	every := 1 + steps/60 // steps between two readings
	factor := math.Pow(sweepAbove/sweepBelow, 1/float64(steps-1))
	var seen Sweep
	r, err := b.one(model.Evaluate{Rows: rows})
	if err != nil {
		return seen, err
	}
	start, best := r.Loss, r.Loss
	for k := 0; k < steps; k += every {
		var ops []model.Op
		rate := 0.0
		for i := k; i < min(k+every, steps); i++ {
			rate = prior * sweepBelow * math.Pow(factor, float64(i))
			ops = append(ops, s.step(e.nextBatch(s.batch(e), seed, i), rate))
		}
		results, err := b.do(append(ops, model.Evaluate{Rows: rows})...)
		if err != nil {
			return seen, err
		}
		loss := lastFinite(results)
		seen.Rates, seen.Losses = append(seen.Rates, rate), append(seen.Losses, loss)
		if math.IsNaN(loss) || loss > sweepDiverge*best && loss > start {
			return seen, nil
		}
		best = min(best, loss)
	}
	return seen, nil
}

// lastFinite is the loss that was read last, or not-a-number when a step before it was not finite.
func lastFinite(results []model.Result) float64 {
	for _, r := range results {
		if !r.Finite || math.IsInf(r.Loss, 0) {
			return math.NaN()
		}
	}
	return results[len(results)-1].Loss
}

// sweepLength is the number of steps of one sweep, so that all of them stay within their share of the run.
func sweepLength(info model.Info, run float64, batch, rows int) int {
	if run == 0 {
		return sweepSteps
	}
	step := float64(info.FLOPsRow)*float64(batch) + float64(info.FLOPsStep)
	reading := float64(info.FLOPsRowEval) * float64(rows)
	return int(clamp(sweepShare*run*step/(sweepSeeds*(step+reading)), sweepLeast, sweepSteps))
}

// margin is how far below its unstable rate a model is to be trained. A run whose rate falls to zero does well close below
// where it would come apart, so that the suggestion goes by that rate alone. The margin is the median over development sets
// of 1,700 to 54,000 rows of the unstable rate beside RealMLP's, which is right on the whole: 5 in nine classifications (1.2
// to 21), 1.7 in six regressions (0.95 to 2.4). The lower of valley and a quarter of diverged, the usual choice, lay at a
// twentieth of RealMLP's rate everywhere: on rows that are fixed the loss falls from the first rate on, and halfway along
// that fall says where the sweep began.
func margin(task model.Task) float64 {
	if task == model.Regression {
		return 1.7
	}
	return 5
}

// summarise takes medians over the seeds. Without any suggestion it is the prior's, with a spread that says so.
func summarise(sweeps []Sweep, prior, margin float64) heuristics.Facts {
	suggestion, spread := middle(sweeps, func(s Sweep) float64 { return unstable(s) / margin })
	if suggestion == 0 {
		suggestion = prior
	}
	return heuristics.Facts{"lr_find.suggestion": suggestion, "lr_find.spread": spread}
}

// middle is the median over the sweeps that have an answer, 0 when none has, and their standard deviation in decades.
func middle(sweeps []Sweep, of func(Sweep) float64) (rate, spread float64) {
	var logs []float64
	for _, s := range sweeps {
		if r := of(s); r > 0 {
			logs = append(logs, math.Log10(r))
		}
	}
	if len(logs) == 0 {
		return 0, unknown
	}
	slices.Sort(logs)
	n := len(logs)
	rate = math.Pow(10, (logs[(n-1)/2]+logs[n/2])/2)
	if n == 1 {
		return rate, unknown
	}
	return rate, deviation(logs)
}

// deviation is the sample standard deviation.
func deviation(values []float64) float64 {
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(len(values)-1))
}

func plot(sweeps []Sweep) Plot {
	p := Plot{Title: "Learning-rate range test", XLabel: "learning rate", YLabel: "loss", LogX: true}
	for i, s := range sweeps {
		p.Curves = append(p.Curves, Curve{fmt.Sprintf("seed %d", i+1), s.Rates, s.Losses}.finite())
	}
	return p
}
