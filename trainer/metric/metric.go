// Package metric scores a model's outputs: accuracy, log loss, AUC and F1 for classes; RMSE, MAE and R² for values.
//
// Outputs are what a session's Evaluate writes: float32, row by row; probabilities for classes, the standardised target
// for regression. Scores are computed in float64 and depend on nothing but their arguments.
package metric

import (
	"errors"
	"fmt"
	"math"

	"tuned/trainer/model"
)

// Names of the metrics.
const (
	Accuracy = "accuracy" // share of rows whose most probable class is right
	LogLoss  = "log_loss" // mean negative log probability of the right class, in nats
	AUC      = "auc"      // area under the ROC curve; more than two classes: mean of one against the rest
	F1       = "f1"       // two classes: of the rarer one; more: unweighted mean
	RMSE     = "rmse"     // in the target's unit
	MAE      = "mae"      // in the target's unit
	R2       = "r2"       // share of the variance that is explained
)

// errUndefined: there is nothing to score.
var errUndefined = errors.New("no rows to score")

// Metrics are scores by name. A score that the rows do not define (the AUC of one class) is absent.
type Metrics map[string]float64

// Get returns a score, not-a-number when it is absent.
func (m Metrics) Get(name string) float64 {
	if v, ok := m[name]; ok {
		return v
	}
	return math.NaN()
}

// put adds a score unless it is undefined.
func (m Metrics) put(name string, v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		m[name] = v
	}
}

// For lists the metrics of a task, its default first.
func For(task model.Task) []string {
	if task == model.Classification {
		return []string{Accuracy, LogLoss, AUC, F1}
	}
	return []string{RMSE, MAE, R2}
}

// HigherIsBetter tells the direction of a metric.
func HigherIsBetter(name string) bool {
	switch name {
	case LogLoss, RMSE, MAE:
		return false
	}
	return true
}

// Better tells whether score a is at least as good as b: a tie is won by a, which lets the later of two win, and an
// undefined b loses against anything defined.
func Better(name string, a, b float64) bool {
	switch {
	case math.IsNaN(a):
		return false
	case math.IsNaN(b):
		return true
	case HigherIsBetter(name):
		return a >= b
	}
	return a <= b
}

// Evaluate scores outputs (len(truth) × classes, or × 1) against the truth. Where metrics are named, others may be left out.
func Evaluate(view model.View, outputs []float32, truth Truth, names ...string) (Metrics, error) {
	width := Width(view)
	if truth.Len() == 0 {
		return nil, errUndefined
	}
	if len(outputs) != truth.Len()*width {
		return nil, fmt.Errorf("score: %d outputs for %d rows of %d", len(outputs), truth.Len(), width)
	}
	if view.Task == model.Classification {
		return Classification(view, outputs, truth.Labels, names...), nil
	}
	return Regression(Values(*view.Target, outputs), Originals(*view.Target, truth.Values)), nil
}

// Width is the number of outputs of a row.
func Width(view model.View) int {
	if view.Task == model.Classification {
		return view.Classes
	}
	return 1
}
