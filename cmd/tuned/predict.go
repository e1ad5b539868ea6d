package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tuned/job"
	"tuned/trainer/metric"
	"tuned/words"
)

const predictHelp = `Writes a prediction for each row of DATA, in its order, as CSV: a column "prediction", and for classes also "p_CLASS"
with the probability of each. For numbers there are "low" and "high": nine of ten true values should lie between them, if the
rows are like those that the run held out. A run that held out fewer than 20 rows, or is older than this, does not tell them.

DATA is an Excel workbook (.xlsx), CSV, TSV or JSON (plain, .gz, .zst), or a Parquet file, whichever the run was trained
on, with the same columns in any order; further columns are ignored, categories that were never seen and missing values are
fine. Of a workbook, the sheet with these columns is read. For a run on images, DATA is a directory of
PNG and JPEG files, one such file, or images in IDX form as well; a column "image" says which file a row is about. "-" reads
the table from the standard input.

--with has columns of DATA stand before the predictions, so that it is plain which row is whose.

Where the target is there, too, the predictions are scored against it, and the share of true values between low and high is
said. If DATA is the file that the run learned from, that is said: such a score flatters.

It needs nothing but the run's directory.`

func newPredict(s streams) *cobra.Command {
	var out string
	var with []string
	c := &cobra.Command{
		Use: "predict RUN DATA", Short: "Predict the rows of a file with a run's model", Long: predictHelp,
		Example: "  tuned predict runs/digits-1a2b3c4d new.csv > predictions.csv\n  tuned predict runs/digits-1a2b3c4d new.csv.gz --out predictions.csv\n  tuned predict runs/visits-4c5d6e7f new.xlsx --with patient --with day --out predictions.csv\n  query | tuned predict runs/digits-1a2b3c4d - > predictions.csv",
		Args:    args(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, given []string) error {
			path, remove, err := onDisk(c.Context(), given[1], s.in)
			if err != nil {
				return err
			}
			defer remove()
			return piped(given[1], predict(c.Context(), s, given[0], path, out, with))
		},
	}
	c.Flags().StringVar(&out, "out", "", "write to a `FILE` instead of the standard output")
	c.Flags().StringArrayVar(&with, "with", nil, "a `COLUMN` of DATA that stands before the predictions, such as an ID, or '*' for all; may be repeated")
	return c
}

// onDisk gives the table a file of its own where it comes by the standard input; formats are told by reading twice.
// Whoever types it may interrupt.
func onDisk(ctx context.Context, path string, in io.Reader) (name string, remove func(), err error) {
	if path != "-" {
		return path, func() {}, nil
	}
	f, err := os.CreateTemp("", stdinFile+"*")
	if err != nil {
		return "", nil, fmt.Errorf("keep the standard input: %w", err)
	}
	remove = func() { os.Remove(f.Name()) }
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(f, in)
		copied <- err
	}()
	select {
	case err = <-copied:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		remove()
		return "", nil, fmt.Errorf("keep the standard input: %w", err)
	}
	return f.Name(), remove, nil
}

// piped names the standard input in an error about the file that it was kept in.
func piped(path string, err error) error {
	var e *job.Error
	if path == "-" && errors.As(err, &e) && strings.Contains(e.Path, stdinFile) {
		e.Path = "the standard input"
	}
	return err
}

// stdinFile is how the name of the file begins that keeps the standard input.
const stdinFile = "tuned-stdin-"

func predict(ctx context.Context, s streams, dir, path, out string, with []string) error {
	if err := spared(out, dir, path); err != nil {
		return err
	}
	var p *job.Predicted
	err := output{out, "the predictions", s.out}.write(func(w io.Writer) (err error) {
		p, err = predictions(ctx, dir, path, w, with)
		return err
	})
	if err != nil {
		return err
	}
	for _, note := range p.Notes {
		fmt.Fprintln(s.err, "note: "+note)
	}
	for _, lost := range p.Lost {
		fmt.Fprintln(s.err, "WARNING: "+lost)
	}
	if p.Scored > 0 {
		fmt.Fprintf(s.err, "%s rows, %s of them with a target: %s\n", count(p.Rows), count(p.Scored), scores(p.Metrics, p.Metric))
	}
	if p.Inside != nil {
		fmt.Fprintf(s.err, "%s of the true values lie between low and high, %s should\n", words.Format(*p.Inside, "share"), words.Format(metric.Coverage, "share"))
	}
	return nil
}

// spared refuses to write predictions over something else: the table itself, the run's own files, whatever holds no predictions.
func spared(out, dir, path string) error {
	there, err := os.Stat(out)
	if out == "" || err != nil {
		return nil // writing tells
	}
	refused := func(problem, hint string) error { return &job.Error{Path: out, Problem: problem, Hint: hint} }
	table, _ := os.Stat(path)
	run, _ := os.Stat(dir)
	within, _ := os.Stat(filepath.Dir(out))
	switch {
	case there.IsDir():
		return refused("this is a directory", "name a file in it: --out "+words.Argument(filepath.Join(out, "predictions.csv")))
	case table != nil && os.SameFile(there, table):
		return refused("this is the table that is to be predicted, and would be lost", "write to another file; --with '*' has the table's columns beside the predictions")
	case run != nil && within != nil && os.SameFile(run, within):
		return refused("this file belongs to the run", "write to a file that does not")
	case there.Mode().IsRegular() && there.Size() > 0 && !holdsPredictions(out):
		return refused("this file holds something else than predictions, and would be lost", "choose another place with --out, or delete it")
	}
	return nil
}

// holdsPredictions tells whether a file begins as one of predictions does.
func holdsPredictions(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return true // writing tells
	}
	defer f.Close()
	header, _ := csv.NewReader(io.LimitReader(f, 1<<20)).Read()
	return slices.Contains(header, "prediction")
}

// predictions come from a run's directory, or from a job of the daemon's.
func predictions(ctx context.Context, from, path string, to io.Writer, with []string) (*job.Predicted, error) {
	if !isJob(from) {
		known, err := architectures()
		if err != nil {
			return nil, err
		}
		return job.Predict(ctx, from, path, to, known, with...)
	}
	d, err := dial()
	if err != nil {
		return nil, err
	}
	defer d.Close()
	said, err := d.Predict(ctx, from, path, to, with...)
	if err != nil {
		return nil, absent(err)
	}
	return &job.Predicted{Rows: said.Rows, Scored: said.Scored, Metrics: said.Metrics, Inside: said.Inside, Metric: said.Metric, Notes: said.Notes, Lost: said.Lost}, nil
}
