package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tuned/bench/images"
	"tuned/bench/lines"
	"tuned/bench/pool"
	"tuned/bench/scores"
	"tuned/bench/sets"
	"tuned/bench/trial"
)

// imagesCommand measures one run of tuned, no pins, on sets of images.
func imagesCommand() *cobra.Command {
	o := over{}
	var peer, table string
	c := &cobra.Command{
		Use:   "images",
		Short: "One run of tuned on each set of images, beside a tuned ResNet-9 in PyTorch",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := measureImages(c, o); err != nil {
				return err
			}
			return images.Write(table, o.out, peer)
		},
	}
	o.flags(c, "bench/results/images.jsonl")
	c.Flags().Lookup("sets").Usage = "data sets, separated by commas; NAME:HEIGHTxWIDTH reads a table's numbers as pixels"
	c.Flags().Lookup("workers").DefValue = "1"
	o.names, o.workers = "fashion_mnist,cifar10_subset,digits:8x8", 1
	c.Flags().StringVar(&peer, "peer", "bench/results/resnet9.jsonl", "what peers/resnet9.py printed")
	c.Flags().StringVar(&table, "table", "bench/IMAGES.md", "table to write")
	return c
}

func measureImages(c *cobra.Command, o over) error {
	wanted, err := imageRequests(o)
	if err != nil {
		return err
	}
	file, err := lines.Open[scores.Line](o.out)
	if err != nil {
		return err
	}
	defer file.Close()
	on, at := machine(), commit()
	return pool.Each(c.Context(), o.workers, missing(file.Past, wanted), func(_ context.Context, w *pool.Worker, r trial.Request) error {
		result, err := w.Run(r, nil)
		if err != nil {
			return fmt.Errorf("%s, split %d: %w", r.Set, r.Split, err)
		}
		fmt.Fprintf(c.OutOrStdout(), "%s split %d: %s %.4f, %.0f s CPU %s\n", r.Set, r.Split, result.Metric, result.Test.Get(result.Metric), result.CPUSeconds, result.Problem)
		return file.Append(scores.Line{Set: r.Set, Rows: r.Rows, Split: r.Split, Result: result, Machine: on, Commit: at})
	})
}

// imageRequests are one run of each set that comes with a division of its own, and one on each of five splits of a table.
func imageRequests(o over) ([]trial.Request, error) {
	var due []trial.Request
	for _, name := range strings.Split(o.names, ",") {
		name, size, asPixels := strings.Cut(strings.TrimSpace(name), ":")
		set, err := sets.Load(o.data, name)
		if err != nil {
			return nil, err
		}
		r := trial.Request{Data: o.data, Set: set.Name, Rows: o.rows}
		if !asPixels {
			due = append(due, r)
			continue
		}
		r.ImageSize = make([]int, 2)
		if _, err := fmt.Sscanf(size, "%dx%d", &r.ImageSize[0], &r.ImageSize[1]); err != nil {
			return nil, fmt.Errorf("images of %s: %q is not HEIGHTxWIDTH", name, size)
		}
		for split := range 5 {
			r.Split, r.Seed = split, int64(split)
			due = append(due, r)
		}
	}
	return due, nil
}
