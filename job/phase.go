package job

import (
	"cmp"
	"strings"
)

// The parts of a run that the ledger lists, besides those that probes measure in.
const (
	PhaseRead     = "read"
	PhaseTrain    = "train"
	PhaseEvaluate = "evaluate"
	PhaseWeigh    = "weigh"
	PhaseEffects  = "effects"
	PhaseWords    = "words"
)

// probePrefix stands before a probe's name in that of its phase.
const probePrefix = "probe."

func phaseOf(probe string) string { return probePrefix + probe }

// ProbeOf is the probe that a phase ran, "" for other phases.
func ProbeOf(phase string) string {
	probe, ok := strings.CutPrefix(phase, probePrefix)
	if !ok {
		return ""
	}
	return probe
}

// phaseNames are what people call them.
var phaseNames = map[string]string{
	PhaseRead: "Reading and examining the data", PhaseTrain: "Training", PhaseEvaluate: "Scoring the held-out rows",
	PhaseWeigh: "Weighing the columns", PhaseEffects: "Trying values of the strongest columns", PhaseWords: "Listening to the words of texts",
}

// measured are what probes measure, in the words of people.
var measured = map[string]string{
	"model": "the model's size", "memory": "memory by batch size", "speed": "the time of an update",
	"sanity": "is it wired correctly?", "lr_find": "learning rates", "noise": "noise of the gradients",
	"ridge": "a linear model", "kernel": "a smooth surface", "shape": "trees against a smooth surface",
	"components": "what the numbers have in common",
}

// PhaseName is what people call a part of a run.
func PhaseName(phase string) string {
	if probe := ProbeOf(phase); probe != "" {
		return "Measuring: " + cmp.Or(measured[probe], probe)
	}
	return cmp.Or(phaseNames[phase], phase)
}
