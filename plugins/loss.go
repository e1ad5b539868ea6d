package plugins

import "tuned/trainer/model"

// LossSetting declares NAME.loss for an architecture, by which a rule chooses what it makes small.
func LossSetting(architecture string) model.Setting {
	return model.Setting{
		Name: architecture + model.LossSuffix, Type: model.Choice,
		Choices: []string{string(model.Squared), string(model.Absolute)}, Absent: string(model.Squared),
		Help: "for values, the error that is made small: squared, which the mean does, or absolute, which the median does",
	}
}

// LossOf is an architecture's NAME.loss.
func LossOf(s model.Settings, architecture string) model.Loss {
	return model.Loss(Choice(s, architecture+model.LossSuffix))
}
