package heuristics

// trainerSettings is the one list of the trainer's settings, in the order in which a plan shows them where nothing else
// decides.
func trainerSettings() []Setting {
	var all []Setting
	for _, part := range [][]Setting{dataSettings(), batchSettings(), optimizerSettings(), scheduleSettings(), regularisers(), endSettings()} {
		all = append(all, part...)
	}
	return all
}

func dataSettings() []Setting {
	return []Setting{
		{Name: "architecture", Type: Text, Help: "the kind of model"},
		{Name: "numeric_transform", Type: Choice, Choices: []string{"robust-smooth-clip", "robust-log-tails", "standard", "quantile"}, Help: "how numbers are brought to one scale"},
		{Name: "onehot_max", Type: Int, Unit: "categories", Min: 0, Max: 1_000_000, Help: "a column with at most so many categories, the missing one counted, becomes a column of zeros and ones for each; one with more is embedded"},
		{Name: "text_terms", Type: Int, Unit: "terms", Min: 0, Max: 1_000_000, Help: "words and pairs of neighbouring words that are read of each column of free text, at most; 0: texts are not read"},
		{Name: "text_pieces", Type: Int, Unit: "pieces", Min: 0, Max: 1_000_000, Help: "pieces of words, of two to five letters, that are read of each column of free text beside its words, at most"},
		{Name: "text_l2", Type: Float, Min: 1e-6, Max: 1e6, Help: "penalty of the regression by which the words of a text become scores"},
		{Name: "validation_fraction", Type: Float, Unit: "share", Min: 0, Max: 0.5, Help: "share of the training rows on which the best moment of the training is chosen; 0 when nothing is chosen"},
		{Name: "fit_rows", Type: Int, Unit: "rows", Min: 1, Max: 1e12, Derived: true, Help: "rows that the weights are trained on"},
	}
}

func batchSettings() []Setting {
	return []Setting{
		{Name: "batch_cap", Type: Int, Unit: "rows", Min: 1, Max: 1 << 20, Derived: true, Help: "batch size that the number of rows asks for, before memory has its say"},
		{Name: "batch_size", Type: Int, Unit: "rows", Min: 1, Max: 1 << 20, Help: "rows that are looked at for one update of the weights"},
		{Name: "steps_floor", Type: Int, Unit: "steps", Min: 0, Max: 1_000_000, Derived: true, Help: "updates with fewer of which a model of this kind learns too little, however few the rows; 0: its passes are enough"},
		{Name: "epochs_cap", Type: Int, Unit: "epochs", Min: 1, Max: 1_000_000, Derived: true, Help: "passes over the data that suit them, before a time limit has its say"},
		{Name: "epochs", Type: Int, Unit: "epochs", Min: 1, Max: 1_000_000, Help: "times that every training row is looked at"},
		{Name: "total_steps", Type: Int, Unit: "steps", Min: 1, Max: 1e12, Derived: true, Help: "updates of the weights in the whole run"},
	}
}

func optimizerSettings() []Setting {
	return []Setting{
		{Name: "optimizer", Type: Choice, Choices: []string{"adamw", "sgd"}, Help: "how a gradient becomes an update"},
		{Name: "beta1", Type: Float, Min: 0, Max: 0.9999, Help: "how much of the last update's direction is kept (SGD: its momentum)"},
		{Name: "beta2", Type: Float, Min: 0, Max: 0.99999, Help: "how slowly AdamW's estimate of each gradient's size changes"},
		{Name: "epsilon", Type: Float, Min: 0, Max: 1, Help: "what keeps AdamW from dividing by zero"},
		{Name: "lr_prior", Type: Float, Min: 1e-9, Max: 1e3, Derived: true, Help: "learning rate that is right on the whole, before measuring"},
		{Name: "lr", Type: Float, Min: 0, Max: 1e3, Help: "learning rate: how far an update goes, at the schedule's peak"},
	}
}

// schedules are the shapes in which a setting can change during the run.
var schedules = []string{"constant", "linear", "flat-cos", "coslog4", "one-cycle"}

func scheduleSettings() []Setting {
	return []Setting{
		{Name: "schedule", Type: Choice, Choices: schedules, Help: "how the learning rate changes during the run"},
		{Name: "warmup_steps", Type: Int, Unit: "steps", Min: 0, Max: 1e9, Help: "updates at the start during which the learning rate grows from zero"},
	}
}

func regularisers() []Setting {
	return []Setting{
		{Name: "weight_decay", Type: Float, Min: 0, Max: 100, Help: "how strongly weights are pulled towards zero (each update: learning rate times this)"},
		{Name: "weight_decay_schedule", Type: Choice, Choices: schedules, Help: "how weight_decay changes during the run"},
		{Name: "dropout", Type: Float, Unit: "share", Min: 0, Max: 0.9, Help: "share of a layer's outputs that is switched off, at random, in each update"},
		{Name: "dropout_schedule", Type: Choice, Choices: schedules, Help: "how dropout changes during the run"},
		{Name: "label_smoothing", Type: Float, Unit: "share", Min: 0, Max: 0.5, Help: "share of certainty that is taken from the right class and spread over all"},
		{Name: "label_smoothing_schedule", Type: Choice, Choices: schedules, Help: "how label_smoothing changes during the run"},
		{Name: "clip_norm", Type: Float, Min: 0, Max: 1e9, Help: "size to which a larger gradient is cut; 0: never"},
	}
}

func endSettings() []Setting {
	return []Setting{
		{Name: "averages", Type: Text, Help: "running averages of the weights that are kept, by their decays, separated by commas"},
		{Name: "selection", Type: Choice, Choices: []string{"last", "best"}, Help: "whether the weights at the end are used, or those that were best on the validation rows"},
		{Name: "evaluate_every", Type: Int, Unit: "epochs", Min: 1, Max: 1_000_000, Help: "epochs from one look at the validation rows to the next"},
		{Name: "final", Type: Text, Help: "which weights predict, joined by +: raw, average:DECAY, average:best, best, or cycles (those at the ends of the schedule's rounds)"},
		{Name: "temperature", Type: Choice, Choices: []string{"none", "fit"}, Help: "whether probabilities are corrected at the end, on the validation rows, so that 80 % means 80 %"},
		{Name: "temperature_prior", Type: Float, Min: 0.05, Max: 20, Help: "by what the logarithms of all probabilities are divided where nothing is corrected, and around what the correction is looked for: below 1 makes the model surer, above 1 less sure"},
		{Name: "threshold", Type: Float, Unit: "share", Min: 0, Max: 1, Help: "from which probability on the rarer of two classes is the answer; 0: where it is the more probable one"},
		{Name: "lean", Type: Float, Min: 0, Max: 1, Help: "how far the answer leans to rarer classes: from 0, the most probable one, to 1, the one that is furthest above its share of the rows"},
		{Name: "target_range", Type: Choice, Choices: []string{"kept", "open"}, Help: "whether predicted values stay between the least and the largest of the training rows, or may lie beyond (open)"},
		{Name: "checkpoint_every", Type: Int, Unit: "steps", Min: 1, Max: 1e12, Help: "updates from one saved state to the next; a stopped run goes on from the last one"},
	}
}
