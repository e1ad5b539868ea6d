package main

import (
	"context"
	"io"

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
	return output{out, "the report", s.out}.write(func(w io.Writer) error { return renderReport(ctx, w, from) })
}

func renderReport(ctx context.Context, w io.Writer, from string) error {
	if isJob(from) {
		d, err := dial()
		if err != nil {
			return err
		}
		defer d.Close()
		return absent(d.Copy(ctx, client.JobPath(from, "report"), w))
	}
	if _, err := job.ReadStory(from); err != nil {
		return err
	}
	r, err := report.Read(from)
	if err != nil {
		return err
	}
	return report.Render(w, r)
}
