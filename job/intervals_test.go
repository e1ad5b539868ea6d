package job_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"tuned/job"
)

// valued is a job on a value that is the harder to tell the larger it is.
func valued(t *testing.T, rows int) *job.Job {
	t.Helper()
	j := given(t, "task = \"regression\"")
	text := "size,sex,y\n"
	for i := range rows {
		text += fmt.Sprintf("%d,%s,%d\n", i%29, "fm"[i%2:i%2+1], i%29+i%29*(i*i%7)/7)
	}
	if err := os.WriteFile(j.Data.Path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return j
}

// TestValuesHaveIntervals: a run leaves how far off its predictions may be, and predicting tells it of each row, and what share lies
// within. The run's own predictions do not, since they are what it was learned from.
func TestValuesHaveIntervals(t *testing.T) {
	o, j := options(t), valued(t, 150)
	result, err := job.Run(t.Context(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	v := result.Metrics.Intervals
	if !v.Known() || len(v.Groups) != 1 || v.Groups[0].Rows != 30 || v.Groups[0].Above <= 0 {
		t.Fatalf("got %+v", v)
	}
	if head, _, _ := strings.Cut(read(t, o, job.PredictionsFile), "\n"); head != "row,y,prediction" {
		t.Errorf("the run's own predictions have %s", head)
	}
	var out strings.Builder
	p, err := job.Predict(t.Context(), o.Out, j.Data.Path, &out, inProcess{})
	if err != nil {
		t.Fatal(err)
	}
	if held := within(t, j.Data.Path, out.String(), v.Groups[0].Above); p.Inside == nil || math.Abs(*p.Inside-held) > 0.01 {
		t.Errorf("%v lie within, said to be %v", held, p.Inside)
	}
}

// within is the share of a table's true values that lie between low and high, which are as far from the prediction as they should be.
func within(t *testing.T, path, predictions string, width float64) float64 {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	truth, said := numbers(t, string(file), "y"), numbers(t, predictions, "prediction")
	low, high := numbers(t, predictions, "low"), numbers(t, predictions, "high")
	held := 0
	for i := range truth {
		if math.Abs(said[i]-low[i]-width) > 1e-4 || math.Abs(high[i]-said[i]-width) > 1e-4 {
			t.Fatalf("row %d: %v to %v around %v, not %v to each side", i, low[i], high[i], said[i], width)
		}
		if low[i] <= truth[i] && truth[i] <= high[i] {
			held++
		}
	}
	return float64(held) / float64(len(truth))
}

// numbers reads a column of a table.
func numbers(t *testing.T, table, column string) []float64 {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for i, name := range rows[0] {
		for _, row := range rows[1:] {
			if v, err := strconv.ParseFloat(row[i], 64); name == column && err == nil {
				out = append(out, v)
			}
		}
	}
	if len(out) != len(rows)-1 {
		t.Fatalf("%d of %d rows have a number %s", len(out), len(rows)-1, column)
	}
	return out
}

// TestFewRowsHaveNoIntervals: of 19 rows held out nothing is said, and what was changed since is not trusted.
func TestFewRowsHaveNoIntervals(t *testing.T) {
	o, j := options(t), valued(t, 95)
	if _, err := job.Run(t.Context(), j, o); err != nil {
		t.Fatal(err)
	}
	var left map[string]any
	if err := json.Unmarshal([]byte(read(t, o, job.MetricsFile)), &left); err != nil || left["intervals"] != nil {
		t.Errorf("%v, %v", left["intervals"], err)
	}
	var out strings.Builder
	p, err := job.Predict(t.Context(), o.Out, j.Data.Path, &out, inProcess{})
	if err != nil || p.Inside != nil || !strings.HasPrefix(out.String(), "prediction\n") {
		t.Errorf("%.40q, %+v, %v", out.String(), p, err)
	}
	if err := os.WriteFile(filepath.Join(o.Out, job.MetricsFile), []byte(`{"intervals": {"groups": [{}]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := job.Predict(t.Context(), o.Out, j.Data.Path, &out, inProcess{}); !job.BadInput(err) {
		t.Errorf("scores that were changed: %v", err)
	}
}
