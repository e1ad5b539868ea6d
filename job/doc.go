// Package job carries one run from a job file to a trained, explained model.
//
// A job names data, a target and limits; it has no hyperparameters. [Run] reads the data, measures facts, asks the rules
// for a plan, trains once, scores the holdout, and leaves a run directory that holds everything the run decided, did and
// made. All that happens goes to an append-only journal; what a terminal, a report or a page shows is a function of it.
package job
