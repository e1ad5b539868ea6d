package trainer_test

import (
	"context"
	"fmt"
	"os"

	"tuned/trainer"
	"tuned/trainer/data"
	"tuned/trainer/model/modeltest"
)

// A plan comes from decided settings; a session from an architecture, here a linear model in memory.
func ExampleRun_Train() {
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
	plan, err := trainer.ParsePlan(map[string]any{
		"epochs": int64(40), "lr": 0.02, "schedule": "linear", "warmup_steps": int64(0),
		"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "clip_norm": 0.0,
		"weight_decay": 0.0, "weight_decay_schedule": "constant", "dropout": 0.0, "dropout_schedule": "constant",
		"label_smoothing": 0.0, "label_smoothing_schedule": "constant", "averages": "0.99",
		"selection": "last", "evaluate_every": int64(1), "final": "raw+average:0.99", "temperature": "none", "temperature_prior": 1.0,
		"checkpoint_every": int64(100),
	}, "accuracy")
	if err != nil {
		panic(err)
	}
	fit, validation := make([]int32, 0, 300), make([]int32, 0, 100)
	for i := range int32(400) {
		if i < 300 {
			fit = append(fit, i)
		} else {
			validation = append(validation, i)
		}
	}
	run := trainer.Run{
		Session: modeltest.New(rows, modeltest.Options{Averages: plan.Averages}), Plan: plan,
		Order: data.NewOrder(fit, 32, 1), Validation: validation, View: view, ViewDir: dir,
	}
	outcome, err := run.Train(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println(outcome.Members, outcome.Step, outcome.Validation.Get("accuracy") > 0.8)
	// Output: [raw average:0.99] 360 true
}
