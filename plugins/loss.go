package plugins

import "tuned/trainer/model"

// Loss is what an architecture makes small where it learns values.
type Loss string

const (
	Squared  Loss = "squared"  // the squared error: the mean is learned
	Absolute Loss = "absolute" // the absolute error, as model.AbsoluteLoss has it: the median is learned, or close to it
)

// LossSetting declares NAME.loss for an architecture, by which a rule chooses what it makes small.
func LossSetting(architecture string) model.Setting {
	return model.Setting{
		Name: architecture + model.LossSuffix, Type: model.Choice, Choices: []string{string(Squared), string(Absolute)}, Absent: string(Squared),
		Help: "for values, the error that is made small: squared, which the mean does, or absolute, which the median does",
	}
}

// LossOf is an architecture's NAME.loss.
func LossOf(s model.Settings, architecture string) Loss {
	return Loss(Choice(s, architecture+model.LossSuffix))
}
