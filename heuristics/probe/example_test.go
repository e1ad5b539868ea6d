package probe_test

import (
	"context"
	"fmt"
	"os"

	"tuned/heuristics/probe"
	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
)

func ExampleRun() {
	dir, err := os.MkdirTemp("", "view")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	rows := modeltest.Blobs(400)
	view, err := rows.WriteView(dir)
	if err != nil {
		panic(err)
	}
	env := probe.Env{View: view, ViewDir: dir, Seed: 1, Open: func(_ context.Context, r probe.Request) (model.Session, error) {
		return modeltest.New(rows, modeltest.Options{Seed: r.Seed, MaxBatch: r.MaxBatch}), nil
	}}
	for i := range int32(400) {
		env.Train = append(env.Train, i)
	}
	report, err := probe.Run(context.Background(), "memory", env, map[string]any{"lr": 0.01, "batch_cap": int64(64)})
	if err != nil {
		panic(err)
	}
	fmt.Println(report.Facts["memory.max_batch"], report.Facts["memory.enforcement"])
	// Output: 64 none
}
