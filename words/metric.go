package words

import (
	"math"
	"strings"
)

// metrics are a job's metrics as people call them.
var metrics = map[string]string{"auc": "AUC", "f1": "F1", "rmse": "RMSE", "mae": "MAE", "r2": "R²"}

// Metric is what people call a metric, by its name in a job: "log loss" for log_loss.
func Metric(name string) string {
	if known, ok := metrics[name]; ok {
		return known
	}
	return strings.ReplaceAll(name, "_", " ")
}

// inUnits are the metrics that are in the target's unit: what is little for them, nobody knows.
var inUnits = map[string]bool{"rmse": true, "mae": true}

// leastShown is what a score of other metrics, or a difference between two, is told from 0 from.
const leastShown = 1e-4

// Score writes a score, by its metric, with the four figures in which good models differ: 0.9731, 12,346. R² of a model that explains
// nothing is "about 0".
func Score(name string, x float64) string { return orAboutZero(name, x, Value(x)) }

// Difference writes by how much scores differ, or lie above what says nothing, with the three figures of [Format].
func Difference(name string, x float64) string { return orAboutZero(name, x, Format(x, "")) }

func orAboutZero(name string, x float64, text string) string {
	if x != 0 && !inUnits[name] && math.Abs(x) < leastShown {
		return "about 0"
	}
	return text
}

// meanings are what the figures of a metric say.
var meanings = map[string]string{
	"accuracy": "share of rows that are right",
	"auc":      "how well the classes are told apart; 0.5 is chance, 1 is perfect",
	"f1":       "balance between missing cases and false alarms",
	"log_loss": "how good the probabilities are; 0 is perfect",
	"rmse":     "typical error, large ones count more",
	"mae":      "average error",
	"r2":       "share of the differences that is explained; below 0, the held-out rows' own average would be nearer",
}

// Meaning says what the figures of a metric mean.
func Meaning(name string) string { return meanings[name] }
