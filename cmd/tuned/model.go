package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tuned/daemon/client"
	"tuned/job"
	"tuned/words"
)

func newModel(s streams) *cobra.Command {
	var out string
	c := remote("model [JOB]", "List the models that the daemon's jobs left, or fetch one",
		"Lists the models of finished jobs. With a JOB and --out it fetches that model's weights, checked against their sha256.",
		"  tuned model\n  tuned model 3 --out model.safetensors", cobra.MaximumNArgs(1),
		func(ctx context.Context, d *client.Client, given []string) error {
			if len(given) == 0 {
				return listModels(ctx, s, d)
			}
			return fetchModel(ctx, d, given[0], out)
		})
	c.Flags().StringVar(&out, "out", job.ModelFile, "the `FILE` to write the weights to")
	return c
}

func listModels(ctx context.Context, s streams, d *client.Client) error {
	models, err := d.Models(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "JOB\tNAME\tARCHITECTURE\tPREDICTS\tRESULT\tSIZE")
	for _, m := range models {
		result := "not measured"
		if m.Score != nil {
			result = score(m.Score.Metric, m.Score.Value)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", m.Job, m.Name, m.Architecture, m.Target, result, words.Format(m.Bytes, "bytes"))
	}
	return w.Flush()
}

// fetchModel writes a job's weights to a file.
func fetchModel(ctx context.Context, d *client.Client, id, path string) error {
	return output{path: path, what: "the model"}.write(func(w io.Writer) error {
		return d.Copy(ctx, client.JobPath(id, "files/"+job.ModelFile), w)
	})
}
