package heuristics

import "slices"

// group declares the facts that one probe yields.
func group(probe string, facts ...Fact) []Fact {
	for i := range facts {
		facts[i].Probe = probe
	}
	return facts
}

// allFacts is the one list of facts: producers and rules agree on their names through it.
func allFacts() []Fact {
	return slices.Concat(jobFacts(), dataFacts(), columnFacts(), measuredFacts(), trainingFacts())
}

func jobFacts() []Fact {
	return []Fact{
		{Name: "job.metric", Type: Text, Help: "what the job is judged by: accuracy, log_loss, auc, f1, rmse, mae or r2"},
		{Name: "job.architecture", Type: Text, Help: "the architecture that the job names; empty when it names none"},
		{Name: "limits.memory_bytes", Type: Int, Unit: "bytes", Help: "memory that everything the job runs may use; 0 when the job sets no limit"},
		{Name: "limits.time_seconds", Type: Float, Unit: "seconds", Help: "time that the run may take; 0 when the job sets no limit"},
		{Name: "limits.threads", Type: Int, Unit: "threads", Help: "processor threads that the run may use"},
		{Name: "machine.bf16", Type: Bool, Help: "whether the processor multiplies numbers of two to three digits (bfloat16) at twice the speed"},
	}
}

// dataFacts describe the data set as a whole.
func dataFacts() []Fact {
	return []Fact{
		{Name: "data.task", Type: Text, Help: "what is learned: classification or regression"},
		{Name: "data.kind", Type: Text, Help: "table or image"},
		{Name: "data.rows", Type: Int, Unit: "rows", Help: "rows with a target"},
		{Name: "data.train_rows", Type: Int, Unit: "rows", Help: "rows without the holdout, before any validation rows are taken"},
		{Name: "data.holdout_rows", Type: Int, Unit: "rows", Help: "rows kept aside for the final score"},
		{Name: "data.dropped_rows", Type: Int, Unit: "rows", Help: "rows left out because they have no target"},
		{Name: "data.features", Type: Int, Unit: "columns", Help: "columns that are used"},
		{Name: "data.classes", Type: Int, Unit: "classes", Help: "classes of the target; 0 for regression"},
		{Name: "data.imbalance", Type: Float, Help: "rows of the largest class for each row of the smallest; 0 for regression"},
		{Name: "data.majority", Type: Float, Unit: "share", Help: "share of the largest class; 0 for regression"},
		{Name: "data.smallest_class_rows", Type: Int, Unit: "rows", Help: "rows of the smallest class; 0 for regression"},
		{Name: "data.lone_classes", Type: Text, Help: "names of the classes with a single row, which cannot be held out"},
		{Name: "data.alike_classes", Type: Text, Help: "classes that differ in letter case or spaces only"},
		{Name: "data.target_numbers_rows", Type: Bool, Help: "whether a numeric target seems only to number the rows: whole numbers that rise evenly with them, or of which hardly any comes twice, lying close together or in a column named like an ID"},
		{Name: "data.target_skew", Type: Float, Help: "how lopsided a numeric target is: 0 is symmetric"},
		{Name: "data.target_kurtosis", Type: Float, Help: "how heavy a numeric target's tails are: 0 is a bell curve, more is heavier (excess kurtosis)"},
		{Name: "data.duplicates", Type: Float, Unit: "share", Help: "share of rows that repeat an earlier one, target included"},
		{Name: "data.conflicts", Type: Float, Unit: "share", Help: "share of rows that equal another row but for the target"},
		{Name: "data.unavoidable", Type: Float, Unit: "share", Help: "share of rows whose class is not the commonest of rows that equal them in all else: the least error of any model; of numbers, the share of the variance among such rows"},
		{Name: "data.split_duplicates", Type: Int, Unit: "rows", Help: "rows moved so that equal rows are on one side of the split"},
		{Name: "data.split_by_time", Type: Bool, Help: "whether the holdout are the latest rows by a column that the job names"},
		{Name: "data.time_ordered", Type: Float, Help: "how much a training row's target tells about the next one's, as in a record over time: 0 nothing, 1 all"},
		{Name: "data.drift", Type: Float, Help: "how well training and holdout rows can be told apart by a column, other than the time that divides them: 0.5 not at all, 1 perfectly (AUC)"},
		{Name: "image.height", Type: Int, Unit: "pixels", Help: "height of the images"},
		{Name: "image.width", Type: Int, Unit: "pixels", Help: "width of the images"},
		{Name: "image.channels", Type: Int, Unit: "channels", Help: "1 for grey images, 3 for colour"},
		{Name: "image.mirror_kept", Type: Float, Unit: "share", Help: "of the images that look most like the mean of their own class, the share that still do when mirrored: near 1 for photographs, low for digits"},
	}
}

// columnFacts describe the columns.
func columnFacts() []Fact {
	return []Fact{
		{Name: "data.numeric", Type: Int, Unit: "columns", Help: "columns of numbers"},
		{Name: "data.categorical", Type: Int, Unit: "columns", Help: "columns of categories"},
		{Name: "data.levels", Type: Int, Unit: "values", Help: "different values that a column of numbers takes: the middle one of the columns' counts"},
		{Name: "data.factorial", Type: Float, Unit: "share", Help: "of all combinations of the columns' values, those that the rows are, each once, as in a designed experiment; 0 where rows repeat others or are less than a hundredth of all"},
		{Name: "data.max_cardinality", Type: Int, Unit: "categories", Help: "most categories in a column"},
		{Name: "data.total_onehot", Type: Int, Unit: "columns", Help: "columns that all categories would take, one for each"},
		{Name: "data.missing_fraction", Type: Float, Unit: "share", Help: "share of values that are missing"},
		{Name: "data.columns_missing", Type: Int, Unit: "columns", Help: "columns with missing values"},
		{Name: "data.constants", Type: Int, Unit: "columns", Help: "columns with one value only, left out"},
		{Name: "data.constant_names", Type: Text, Help: "names of the columns with one value only"},
		{Name: "data.id_like", Type: Int, Unit: "columns", Help: "columns that number or name the rows, left out"},
		{Name: "data.id_names", Type: Text, Help: "names of the columns that number or name the rows"},
		{Name: "data.filled_names", Type: Text, Help: "names of the columns of which only whether they are filled in is learned from"},
		{Name: "data.silent_names", Type: Text, Help: "names of the columns whose words say nothing about the target"},
		{Name: "data.texts", Type: Int, Unit: "columns", Help: "columns of free text that are used"},
		{Name: "data.misfits", Type: Text, Help: "names of the columns of which more than one cell in twenty does not fit the type that the job gives"},
		{Name: "data.alike_levels", Type: Text, Help: "columns of few categories, some of which differ in letter case or spaces only"},
		{Name: "data.leak_score", Type: Float, Help: "how well the best single column predicts the target: 1 is perfect (AUC or R²)"},
		{Name: "data.leak_column", Type: Text, Help: "the column that predicts the target best"},
		{Name: "data.drift_column", Type: Text, Help: "the column by which training and holdout rows can be told apart best"},
		{Name: "data.group_like", Type: Text, Help: "a column that seems to number people or things, each with several rows of like targets, which the split does not keep together"},
	}
}

// measuredFacts are what probes find out.
func measuredFacts() []Fact {
	return slices.Concat(
		group("ridge",
			Fact{Name: "ridge.score", Type: Float, Help: "accuracy or R² of a linear model on rows that it did not see"},
			Fact{Name: "ridge.l2", Type: Float, Help: "the regularisation with which that linear model was best"}),
		group("kernel",
			Fact{Name: "kernel.score", Type: Float, Help: "accuracy or R² of a smooth surface through 256 rows (the mean over four such samples), on rows that it did not see"},
			Fact{Name: "kernel.freedom", Type: Float, Unit: "share", Help: "effective parameters of that surface for each row: near 0 where the target is flat or noisy, near 1 where every row says something of its own"}),
		group("shape",
			Fact{Name: "shape.trees", Type: Float, Unit: "share", Help: "how much of the target boosted trees explain, on rows that they did not see: of the squares about its mean, or of the classes' probabilities"},
			Fact{Name: "shape.smooth", Type: Float, Unit: "share", Help: "how much of it a smooth surface through the same rows explains"},
			Fact{Name: "shape.rounds", Type: Int, Unit: "rounds", Help: "after how many rounds, of a tenth each, trees on an eighth of the rows (three quarters of few) explained most: further ones learned noise"},
			Fact{Name: "shape.f1", Type: Float, Help: "the best F1 of those trees after so many rounds, from whatever probability on they answer with the rarer of two classes; 0 for others"}),
		group("components",
			Fact{Name: "components.first", Type: Float, Unit: "share", Help: "share of what the columns of numbers vary by that a single sum of them holds, their first principal component: near 1 where all say nearly the same"}),
		group("model",
			Fact{Name: "model.parameters", Type: Int, Unit: "parameters", Help: "numbers that training adjusts"},
			Fact{Name: "model.flops_row", Type: Int, Unit: "flops", Help: "work for one row, forward and backward"},
			Fact{Name: "model.flops_step", Type: Int, Unit: "flops", Help: "work of an update, whatever its rows"},
			Fact{Name: "model.bytes_fixed", Type: Int, Unit: "bytes", Help: "memory of weights, gradients, optimizer and averages"},
			Fact{Name: "model.bytes_row", Type: Int, Unit: "bytes", Help: "memory for each row of a batch"}),
		group("memory",
			Fact{Name: "memory.max_batch", Type: Int, Unit: "rows", Help: "the largest batch size that ran"},
			Fact{Name: "memory.bytes_at_max", Type: Int, Unit: "bytes", Help: "memory that it took"},
			Fact{Name: "memory.enforcement", Type: Text, Help: "how the memory limit was held while measuring"}),
		group("speed",
			Fact{Name: "speed.step_seconds", Type: Float, Unit: "seconds", Help: "time of one update at the batch size, on this machine"}),
		group("lr_find",
			Fact{Name: "lr_find.suggestion", Type: Float, Help: "the learning rate that the range test suggests, well below where training comes apart: the middle one of its repetitions"},
			Fact{Name: "lr_find.spread", Type: Float, Unit: "decades", Help: "how far the repetitions differ, in powers of ten"}),
		group("noise",
			Fact{Name: "noise.scale", Type: Float, Unit: "samples", Help: "batch size at which gradients are half signal, half noise"},
			Fact{Name: "noise.grad_norm_p50", Type: Float, Help: "median size of the gradient"},
			Fact{Name: "noise.grad_norm_p90", Type: Float, Help: "size of the gradient that nine in ten stay below"}),
		group("sanity",
			Fact{Name: "sanity.loss_init", Type: Float, Help: "loss before training"},
			Fact{Name: "sanity.loss_expected", Type: Float, Help: "what that loss should be"},
			Fact{Name: "sanity.overfit_loss", Type: Float, Help: "loss on 32 rows after learning them by heart"},
			Fact{Name: "sanity.overfit_steps", Type: Int, Unit: "steps", Help: "updates that this took"}),
	)
}

// trainingFacts exist while the model trains; watches read them.
func trainingFacts() []Fact {
	return group(DuringTraining,
		Fact{Name: "train.step", Type: Int, Unit: "steps", Help: "updates so far"},
		Fact{Name: "train.progress", Type: Float, Unit: "share", Help: "share of the run that is done"},
		Fact{Name: "train.loss", Type: Float, Help: "training loss, smoothed over the last steps"},
		Fact{Name: "train.loss_init", Type: Float, Help: "training loss of the first steps"},
		Fact{Name: "train.loss_z", Type: Float, Help: "how far the loss is above its recent mean, in standard deviations"},
		Fact{Name: "train.loss_finite", Type: Bool, Help: "whether loss and gradient are still numbers"},
		Fact{Name: "train.grad_norm", Type: Float, Help: "size of the gradient"},
		Fact{Name: "train.grad_norm_ratio", Type: Float, Help: "size of the gradient against the size that nine in ten stayed below"},
		Fact{Name: "train.clipped_fraction", Type: Float, Unit: "share", Help: "share of recent updates whose gradient was cut to clip_norm"},
	)
}
