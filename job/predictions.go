package job

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/google/renameio/v2"

	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// predictions turn a session's outputs into a table for people.
type predictions struct {
	view    model.View
	classes []string
	target  string
	beside  []data.Copied // stand before what is said
	// intervals are around values. They are not told of the rows that they were learned from, of which they hold what they should.
	intervals *metric.Intervals
}

// columns are "prediction", and "p_CLASS" for each class, or "low" and "high".
func (p predictions) columns() []string {
	names := []string{"prediction"}
	for _, c := range p.classes {
		names = append(names, "p_"+c)
	}
	if p.intervals.Known() {
		names = append(names, "low", "high")
	}
	return names
}

// rows calls write with each row's columns, in order.
func (p predictions) rows(outputs []float32, write func(i int, cells []string) error) error {
	if p.view.Task == model.Classification {
		return p.classRows(outputs, write)
	}
	for i, v := range metric.Values(*p.view.Target, outputs) {
		cells := []string{shortest(v)}
		if p.intervals.Known() {
			low, high := p.intervals.Around(v)
			cells = append(cells, shortest(low), shortest(high))
		}
		if err := write(i, cells); err != nil {
			return err
		}
	}
	return nil
}

func (p predictions) classRows(outputs []float32, write func(int, []string) error) error {
	width := len(p.classes)
	cells := make([]string, 1+width)
	for i, class := range metric.Predicted(p.view, outputs) {
		for c, probability := range outputs[i*width : (i+1)*width] {
			cells[1+c] = strconv.FormatFloat(float64(probability), 'f', 6, 32)
		}
		cells[0] = p.classes[class]
		if err := write(i, cells); err != nil {
			return err
		}
	}
	return nil
}

// shortest has as many digits as a float32 holds.
func shortest(v float64) string { return strconv.FormatFloat(v, 'g', 7, 64) }

// besides are the columns that stand before predictions: those that were asked for, or the files that rows are of.
func besides(rows *data.Rows) []data.Copied {
	if rows.Names != nil {
		return append(rows.Copied, data.CopiedOf("image", rows.Names))
	}
	return rows.Copied
}

// write writes a header and the predictions as CSV.
func (p predictions) write(w io.Writer, outputs []float32) error {
	out := csv.NewWriter(w)
	var line []string
	for _, b := range p.beside {
		line = append(line, b.Name)
	}
	if err := out.Write(append(line, p.columns()...)); err != nil {
		return err
	}
	err := p.rows(outputs, func(i int, cells []string) error {
		line = line[:0]
		for k := range p.beside {
			line = append(line, p.beside[k].Cell(i))
		}
		return out.Write(append(line, cells...))
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// saveHoldout writes the holdout's predictions beside the truth, durably. rows are their numbers in the file.
func (p predictions) saveHoldout(path string, rows []int32, truth metric.Truth, outputs []float32) error {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("write predictions: %w", err)
	}
	defer f.Cleanup()
	buffer := bufio.NewWriter(f)
	if err := p.writeHoldout(buffer, rows, p.truths(truth), outputs); err != nil {
		return fmt.Errorf("write predictions: %w", err)
	}
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("write predictions: %w", err)
	}
	return f.CloseAtomicallyReplace()
}

func (p predictions) writeHoldout(w io.Writer, rows []int32, truths []string, outputs []float32) error {
	out := csv.NewWriter(w)
	if err := out.Write(append([]string{"row", p.target}, p.columns()...)); err != nil {
		return err
	}
	err := p.rows(outputs, func(i int, cells []string) error {
		return out.Write(append([]string{strconv.Itoa(int(rows[i])), truths[i]}, cells...))
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// truths are the targets as the table's author would write them.
func (p predictions) truths(t metric.Truth) []string {
	out := make([]string, 0, t.Len())
	for _, label := range t.Labels {
		out = append(out, p.classes[label])
	}
	if t.Values == nil {
		return out
	}
	for _, v := range metric.Originals(*p.view.Target, t.Values) {
		out = append(out, shortest(original(*p.view.Target, v)))
	}
	return out
}

// original is the shortest decimal number that a true value may have been before it was standardised to a float32, which leaves of 0
// some 2e-07.
func original(t model.Target, v float64) float64 {
	doubt := 0x1p-23 * (math.Abs(t.Mean) + math.Abs(v-t.Mean))
	for scale := 1.0; scale < 1e9; scale *= 10 {
		if short := math.Round(v*scale) / scale; math.Abs(short-v) <= doubt {
			return short
		}
	}
	return v
}
