package job

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/trainer/model"
	"tuned/trainer/npy"
	"tuned/words"
)

// predictBatch is how many rows are looked at together: enough to keep every core busy, few enough for little memory.
const predictBatch = 1024

// EveryColumn stands for all columns of a table, where those are named that stand before predictions.
const EveryColumn = data.EveryColumn

// Predicted is what was said about a file.
type Predicted struct {
	Rows    int
	Scored  int            // rows that had a target, too
	Metrics metric.Metrics // of those; nil when there were none
	Inside  *float64       // share of those whose true value lies between low and high; nil where there are no intervals
	Metric  string         // what the run is judged by
	Notes   []string       // what a person should know about how the file was read
	Lost    []string       // the same, of columns of which next to nothing is left
}

// Predict writes predictions for a file's rows as CSV, in their order: a column "prediction", and "p_CLASS" for each
// class, or "low" and "high" around a value, where enough rows were held out to tell how far off it may be; before them the columns of the
// file that are asked for, or "image", where each row is an image in a file of its own. It needs the directory of a finished run and its
// architecture, not the data that it was trained on.
func Predict(ctx context.Context, dir, path string, w io.Writer, architectures Architectures, columns ...string) (*Predicted, error) {
	r, m, err := finished(dir)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "tuned-predict-")
	if err != nil {
		return nil, &Error{Path: os.TempDir(), Problem: "temporary files cannot be written", Hint: "name another directory for them with the variable TMPDIR", Err: err}
	}
	defer os.RemoveAll(work)
	p := predictor{dir: dir, work: work, model: *r.Model, architectures: architectures, intervals: m.Intervals}
	rows, outputs, err := p.predict(ctx, path, columns)
	if err != nil {
		return nil, noRoom(os.TempDir(), "make room there, or name another directory for temporary files with the variable TMPDIR", err)
	}
	buffer := bufio.NewWriter(w)
	table := predictions{view: p.view, classes: r.Model.Classes, target: r.Target, beside: besides(rows), intervals: m.Intervals}
	if err := errors.Join(table.write(buffer, outputs), buffer.Flush()); err != nil {
		return nil, fmt.Errorf("write predictions: %w", err)
	}
	return p.score(rows, outputs).beside(ctx, r, m, path), nil
}

// beside compares what was said with the run: what it is judged by, and whether it learned from the very rows that were scored.
func (p *Predicted) beside(ctx context.Context, r Record, m Metrics, path string) *Predicted {
	if p.Scored == 0 {
		return p
	}
	p.Metric = m.Metric
	if hash, err := hashSource(ctx, path); err != nil || hash != r.Identity.Data {
		return p
	}
	note := "This is the file that the model learned from, so that its score flatters."
	if v, ok := m.Test[m.Metric]; ok {
		note += fmt.Sprintf(" What to expect of new rows is the %s of %s on the rows that were held out.", words.Metric(m.Metric), words.Score(m.Metric, v))
	}
	p.Notes = append(p.Notes, note)
	return p
}

// finished reads a run's record and its scores, and checks that predicting can trust them.
func finished(dir string) (Record, Metrics, error) {
	var m Metrics
	r, err := readNamed(dir)
	switch {
	case err != nil:
		return r, m, err
	case r.State != StateFinished || r.Model == nil:
		return r, m, &Error{Path: dir, Problem: "this run is not finished", Hint: "the command that began it goes on with it"}
	}
	if err := r.Check(dir, ModelFile, PreprocessFile, MetricsFile); err != nil {
		return r, m, &Error{Path: dir, Problem: "the run is damaged", Hint: "run the job again with --again", Err: err}
	}
	if err := readJSON(filepath.Join(dir, MetricsFile), &m); err != nil {
		return r, m, fmt.Errorf("predict: %s: %w", MetricsFile, err)
	}
	return r, m, nil
}

// predictor holds one prediction's parts.
type predictor struct {
	dir, work     string
	model         SavedModel
	architectures Architectures
	intervals     *metric.Intervals
	view          model.View
}

// predict gives the file's rows and what the model says of them.
func (p *predictor) predict(ctx context.Context, path string, columns []string) (*data.Rows, []float32, error) {
	rows, err := p.read(ctx, path, columns)
	if err != nil {
		return nil, nil, err
	}
	outputs, err := p.outputs(ctx, rows.Count)
	return rows, outputs, err
}

// read encodes the file as the training data was.
func (p *predictor) read(ctx context.Context, path string, columns []string) (*data.Rows, error) {
	pre, err := data.LoadPreprocess(filepath.Join(p.dir, PreprocessFile))
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	rows, view, err := pre.ReadView(ctx, path, p.work, columns...)
	if err != nil {
		return nil, asked(err)
	}
	if rows.Count == 0 {
		rows.Notes = append(rows.Notes, "There are no rows in the file: the predictions are a header alone.")
	}
	p.view, p.view.Target = view, &p.model.Target
	return rows, nil
}

// outputs gives the members' blended outputs, the temperature applied.
func (p *predictor) outputs(ctx context.Context, rows int) ([]float32, error) {
	if rows == 0 {
		return nil, nil
	}
	a, err := p.start(ctx)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	s, err := a.Open(ctx, model.OpenRequest{
		View: p.work, Settings: model.Settings(p.model.Settings), Seed: p.model.Seed, Threads: runtime.NumCPU(),
		MaxBatch: predictBatch,
	})
	if err != nil {
		return nil, fmt.Errorf("open the model: %w", err)
	}
	defer s.Close()
	weights := p.model.Weights
	weights.Path = absolute(filepath.Join(p.dir, weights.Path))
	if err := s.Load(ctx, weights); err != nil {
		return nil, fmt.Errorf("load the weights: %w", err)
	}
	return p.evaluate(ctx, s, rows)
}

func (p *predictor) evaluate(ctx context.Context, s model.Session, rows int) ([]float32, error) {
	out := filepath.Join(p.work, "outputs.npy")
	results, err := s.Submit(ctx, model.Evaluate{Weights: p.model.Members, Out: out}).Wait(ctx)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	width := metric.Width(p.view)
	outputs, err := npy.Read[float32](results[0].Path, rows*width)
	if err != nil {
		return nil, fmt.Errorf("predict: %w", err)
	}
	if p.model.Task == model.Classification {
		metric.ApplyTemperature(outputs, width, p.model.Temperature)
	}
	return outputs, nil
}

// start starts the architecture that trained the model, and refuses another program of its name.
func (p *predictor) start(ctx context.Context) (Architecture, error) {
	name := p.model.Architecture
	if !slices.Contains(p.architectures.Names(), name) {
		return nil, &Error{
			Problem: fmt.Sprintf("the model needs the architecture %q, version %s, which is not installed", name, p.model.Version),
			Hint:    "install it with: tuned plugins install PATH",
		}
	}
	a, err := p.architectures.Start(ctx, name, 0)
	if err != nil {
		return nil, cannotStart(name, err)
	}
	if programHash(a) != p.model.Program {
		return nil, errors.Join(a.Close(), &Error{
			Problem: fmt.Sprintf("the architecture %q that is installed is not the one that trained the model", name),
			Hint:    fmt.Sprintf("install version %s, whose program has the sha256 %s", p.model.Version, p.model.Program),
		})
	}
	return a, nil
}

// score compares with the target, where the file has one.
func (p *predictor) score(rows *data.Rows, outputs []float32) *Predicted {
	out := &Predicted{Rows: rows.Count, Notes: rows.Notes, Lost: rows.Lost}
	width := metric.Width(p.view)
	var known []float32
	var labels []int32
	for i, label := range rows.Labels {
		if label >= 0 {
			known, labels = append(known, outputs[i*width:(i+1)*width]...), append(labels, label)
		}
	}
	if out.Scored = len(labels); out.Scored > 0 {
		out.Metrics = metric.Classification(p.view, known, labels)
		return out
	}
	p.scoreValues(rows.Values, outputs, out)
	return out
}

func (p *predictor) scoreValues(values, outputs []float32, out *Predicted) {
	var predicted, truth []float64
	all := metric.Values(p.model.Target, outputs)
	for i, v := range values {
		if v == v { // not missing
			predicted, truth = append(predicted, all[i]), append(truth, float64(v))
		}
	}
	if out.Scored = len(truth); out.Scored > 0 {
		out.Metrics = metric.Regression(predicted, truth)
		if p.intervals.Known() {
			share := p.intervals.Inside(predicted, truth)
			out.Inside = &share
		}
	}
}

// absolute makes a path that means the same in another process.
func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return abs
}
