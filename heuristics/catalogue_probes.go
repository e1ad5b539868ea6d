package heuristics

// opening are the settings that a session is opened with: they shape the view, the network and its memory.
var opening = []string{
	"architecture", "numeric_transform", "onehot_max", "text_terms", "text_pieces", "text_l2", "validation_fraction", "optimizer", "averages", "architecture.*",
}

func allProbes() []Probe {
	under := func(more ...string) []string { return append(append([]string(nil), opening...), more...) }
	stepping := []string{"beta1", "beta2", "epsilon"}
	return []Probe{
		{
			Name: "ridge", Help: "fits a linear model in closed form and scores it on rows that it did not see",
			Cost:        "about one pass over the data, for each column",
			Provisional: map[string]string{"numeric_transform": "'standard'", "onehot_max": "0", "text_terms": "20000", "text_pieces": "20000", "text_l2": "1.0", "validation_fraction": "0.0"},
		},
		{
			Name: "kernel", Help: "lays a smooth surface through each of four samples of 256 rows and measures how much of them it has to follow in detail",
			Cost:        "a fraction of a second; no training",
			Provisional: map[string]string{"numeric_transform": "'robust-smooth-clip'", "onehot_max": "32", "text_terms": "20000", "text_pieces": "20000", "text_l2": "1.0", "validation_fraction": "0.0"},
		},
		{
			Name: "shape", Help: "lets boosted trees and a smooth surface learn from an eighth of the rows, at least 512, or three quarters of fewer than 500, and compares what they tell of others",
			Cost:        "a fraction of a second; with many rows, a second or two, and some more with several classes",
			Provisional: map[string]string{"numeric_transform": "'robust-smooth-clip'", "onehot_max": "32", "text_terms": "20000", "text_pieces": "20000", "text_l2": "1.0", "validation_fraction": "0.0"},
		},
		{
			Name: "components", Help: "looks at 512 rows for the one sum of the columns of numbers that tells most about all of them",
			Cost:        "a few hundredths of a second; no training",
			Provisional: map[string]string{"numeric_transform": "'robust-smooth-clip'", "onehot_max": "32", "text_terms": "20000", "text_pieces": "20000", "text_l2": "1.0", "validation_fraction": "0.0"},
		},
		{
			Name: "model", Help: "opens the model once, to count its parameters and its memory",
			Cost:  "no training at all",
			Under: under(),
		},
		{
			Name: "memory", Help: "trains a step at growing batch sizes, in a process that may run out of memory, up to batch_cap",
			Cost:  "a few steps",
			Under: under("batch_cap"),
		},
		{
			Name: "speed", Help: "times a few steps at the batch size; only a job with a time limit may need it, since a clock differs from run to run",
			Cost:        "a dozen steps",
			Under:       under("batch_size"),
			Provisional: map[string]string{"lr": "0.0"},
		},
		{
			Name: "lr_find", Help: "trains with a learning rate that grows from a thousandth of lr_prior until the loss diverges, three times over",
			Cost:        "60 to 300 steps and as many looks at 512 rows, at most about 6 % of the run; all of it is undone afterwards",
			Under:       under(append(stepping, "batch_size", "total_steps", "lr_prior", "dropout", "label_smoothing")...),
			Provisional: map[string]string{"lr": "lr_prior", "weight_decay": "0.0", "clip_norm": "0.0"},
		},
		{
			Name: "noise", Help: "compares the gradients of small and large batches, a few steps in, at the learning rate that is right without measuring",
			Cost:        "about 100 steps; all of it is undone afterwards",
			Under:       under(append(stepping, "batch_size", "total_steps", "lr_prior", "dropout", "label_smoothing")...),
			Provisional: map[string]string{"lr": "lr_prior", "weight_decay": "0.0", "clip_norm": "0.0"},
		},
		{
			Name: "sanity", Help: "looks at the loss before training, and whether 32 rows can be learned by heart",
			Cost:        "40 to 200 steps of 32 rows, about 2 % of the run; all of it is undone afterwards",
			Under:       under(append(stepping, "batch_size", "total_steps", "lr")...),
			Provisional: map[string]string{"weight_decay": "0.0", "dropout": "0.0", "label_smoothing": "0.0", "clip_norm": "0.0"},
		},
	}
}
