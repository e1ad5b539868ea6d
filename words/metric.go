package words

import "strings"

// metrics are a job's metrics as people call them.
var metrics = map[string]string{"auc": "AUC", "f1": "F1", "rmse": "RMSE", "mae": "MAE", "r2": "R²"}

// Metric is what people call a metric, by its name in a job: "log loss" for log_loss.
func Metric(name string) string {
	if known, ok := metrics[name]; ok {
		return known
	}
	return strings.ReplaceAll(name, "_", " ")
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
