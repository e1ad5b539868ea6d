package report

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"

	"tuned/trainer/metric"
)

// Predictions are the holdout's rows with what the model said about them.
type Predictions struct {
	Rows    []int // in the table
	Classes []string

	// Classification: indices of classes, and the probabilities of all of them.
	Truth, Predicted []int32
	Probabilities    [][]float64

	// Regression, in the target's unit.
	Actual, Value []float64
}

// Len is the number of rows.
func (p *Predictions) Len() int { return len(p.Rows) }

// readPredictions reads predictions.csv: row, target, prediction, and p_CLASS for each class; nil where there is none.
func readPredictions(path string, classes []string) (*Predictions, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.ReuseRecord = true
	if _, err := in.Read(); err != nil {
		return nil, fmt.Errorf("predictions.csv: %w", err)
	}
	p := &Predictions{Classes: classes}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err == nil {
			err = p.add(record)
		}
		if err != nil {
			return nil, fmt.Errorf("predictions.csv: %w", err)
		}
	}
}

func (p *Predictions) add(record []string) error {
	if len(record) != 3+len(p.Classes) {
		return fmt.Errorf("%d columns where %d are expected", len(record), 3+len(p.Classes))
	}
	row, err := strconv.Atoi(record[0])
	if err != nil {
		return err
	}
	p.Rows = append(p.Rows, row)
	if len(p.Classes) == 0 {
		actual, err := strconv.ParseFloat(record[1], 64)
		value, err2 := strconv.ParseFloat(record[2], 64)
		p.Actual, p.Value = append(p.Actual, actual), append(p.Value, value)
		return errors.Join(err, err2)
	}
	return p.addClass(record)
}

func (p *Predictions) addClass(record []string) error {
	truth, predicted := slices.Index(p.Classes, record[1]), slices.Index(p.Classes, record[2])
	if truth < 0 || predicted < 0 {
		return fmt.Errorf("unknown class in %q, %q", record[1], record[2])
	}
	probabilities := make([]float64, len(p.Classes))
	for i := range probabilities {
		v, err := strconv.ParseFloat(record[3+i], 64)
		if err != nil {
			return err
		}
		probabilities[i] = v
	}
	p.Truth, p.Predicted = append(p.Truth, int32(truth)), append(p.Predicted, int32(predicted))
	p.Probabilities = append(p.Probabilities, probabilities)
	return nil
}

func (p *Predictions) right() int {
	n := 0
	for i, t := range p.Truth {
		if p.Predicted[i] == t {
			n++
		}
	}
	return n
}

// bin is the rows whose predicted class had about the same probability.
type bin struct {
	said, was float64 // mean probability, share that was right
	n         int
}

// chance is by how much the two differ on average if the model is honest: the mean deviation of a normal distribution as wide.
func (b bin) chance() float64 {
	return math.Sqrt(2 / math.Pi * b.said * (1 - b.said) / float64(b.n))
}

// judged is a row: how sure the model was of its class, and whether it was right.
type judged struct {
	sure  float64
	right bool
}

// calibration sorts rows by how sure the model was into at most ten bins of equally many, none smaller than 20 rows.
func (p *Predictions) calibration() []bin {
	rows := make([]judged, len(p.Truth))
	for i, t := range p.Truth {
		rows[i] = judged{p.Probabilities[i][p.Predicted[i]], p.Predicted[i] == t}
	}
	slices.SortStableFunc(rows, func(a, b judged) int { return cmp.Compare(a.sure, b.sure) })
	bins := make([]bin, min(10, len(rows)/20))
	for k := range bins {
		bins[k] = binOf(rows[k*len(rows)/len(bins) : (k+1)*len(rows)/len(bins)])
	}
	return bins
}

func binOf(rows []judged) bin {
	b := bin{n: len(rows)}
	for _, r := range rows {
		b.said += r.sure / float64(len(rows))
		if r.right {
			b.was += 1 / float64(len(rows))
		}
	}
	return b
}

// worst are the rows where the model was most wrong: surest of a wrong class, or furthest off.
func (p *Predictions) worst(n int) []int {
	badness := make([]float64, p.Len())
	for i := range badness {
		badness[i] = p.badness(i)
	}
	return metric.Baddest(badness, n)
}

// badness is how wrong a prediction is, as [metric.Baddest] takes it.
func (p *Predictions) badness(i int) float64 {
	switch {
	case p.Actual != nil:
		return math.Abs(p.Actual[i] - p.Value[i])
	case p.Predicted[i] != p.Truth[i]:
		return p.Probabilities[i][p.Predicted[i]]
	}
	return -1
}

// errorQuantile is the absolute error that a share of the rows stays below.
func (p *Predictions) errorQuantile(share float64) float64 {
	errs := make([]float64, p.Len())
	for i := range errs {
		errs[i] = math.Abs(p.Actual[i] - p.Value[i])
	}
	slices.Sort(errs)
	return errs[min(int(share*float64(len(errs))), len(errs)-1)]
}
