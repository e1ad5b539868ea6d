package scores

import (
	"gonum.org/v1/gonum/stat"

	"tuned/bench/lines"
	"tuned/bench/study"
	"tuned/bench/trial"
)

// The peers' scores come from splits of their own, which differ from ours by more than a standard error on small sets. Where
// scikit-learn's MLP also ran on our splits (bench search --arm sklearn-defaults), the pairs decide.

// onOurSplits reads scikit-learn's errors on our splits by Line.Key; a file that is not there holds none.
func onOurSplits(path string) (map[string]float64, error) {
	all, err := lines.Read[study.Line](path)
	if err != nil {
		return nil, err
	}
	errors := map[string]float64{}
	for _, l := range all {
		if l.Test != nil {
			errors[Line{Set: l.Set, Rows: l.Rows, Split: l.Split}.Key()] = *l.Test
		}
	}
	return errors, nil
}

// pair notes by how much our error is larger than scikit-learn's on the same split.
func (r *row) pair(l Line, theirs map[string]float64) {
	if e, ok := theirs[l.Key()]; ok {
		r.paired = append(r.paired, trial.Error(l.Result.Test, l.Result.Metric)-e)
	}
}

// belowScikit tells whether scikit-learn's MLP is ahead by more than one standard error.
func (r row) belowScikit() bool {
	if len(r.paired) < 2 {
		return !r.reaches("mlp_default")
	}
	return stat.Mean(r.paired, nil) > stat.StdErr(stat.StdDev(r.paired, nil), float64(len(r.paired)))
}
