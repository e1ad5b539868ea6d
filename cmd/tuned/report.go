package main

import (
	"bytes"
	"context"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"tuned/daemon/client"
	"tuned/job"
	"tuned/report"
)

func newReport(s streams) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "report RUN", Short: "Write a run's report, one HTML page, also while it goes on",
		Long:    "Writes the report of a run's directory, or of a job of the daemon: what was learned, how good it is, what could go wrong,\nwhy every setting has its value, and what it cost.",
		Example: "  tuned report runs/digits-1a2b3c4d > report.html\n  tuned report 3 --out report.html",
		Args:    args(cobra.ExactArgs(1)),
		RunE:    func(c *cobra.Command, given []string) error { return writeReport(c.Context(), s, given[0], out) },
	}
	c.Flags().StringVar(&out, "out", "", "write to a `FILE` instead of the standard output")
	return c
}

func writeReport(ctx context.Context, s streams, from, out string) error {
	var b bytes.Buffer
	if err := renderReport(ctx, &b, from); err != nil {
		return err
	}
	if out == "" {
		_, err := s.out.Write(b.Bytes())
		return err
	}
	if err := renameio.WriteFile(out, b.Bytes(), 0o644); err != nil {
		return &job.Error{Path: out, Problem: "the report cannot be written", Hint: "choose another place with --out", Err: err}
	}
	return nil
}

func renderReport(ctx context.Context, b *bytes.Buffer, from string) error {
	if isJob(from) {
		d, err := dial()
		if err != nil {
			return err
		}
		defer d.Close()
		return absent(d.Copy(ctx, client.JobPath(from, "report"), b))
	}
	if _, err := job.ReadStory(from); err != nil {
		return err
	}
	r, err := report.Read(from)
	if err != nil {
		return err
	}
	return report.Render(b, r)
}
