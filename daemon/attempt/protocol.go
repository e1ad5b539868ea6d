// Package attempt runs one attempt at a job in a process of its own: what the daemon says to that process and hears from
// it, how it is started and ended, and what the process does.
//
// An attempt is `tuned run` with another mouth: it reads its request from standard input, goes on with the run that the
// directory holds, and says a line of JSON on standard output for each thing that the daemon should know. Its end, however
// it comes, costs the daemon nothing; the daemon's end is its own.
package attempt

import (
	"tuned/job"
)

// Argument is the first argument with which a program starts itself again for an attempt.
const Argument = "attempt"

// Request is what an attempt is asked to do: the first line on its standard input.
type Request struct {
	Job     int64  `json:"job"`   // names it in the log
	Spec    string `json:"spec"`  // the job file's text
	Data    string `json:"data"`  // the table's place
	Dir     string `json:"dir"`   // the run's directory
	Log     string `json:"log"`   // a file that the log is added to
	Rules   string `json:"rules"` // a file; empty: none
	Seed    int64  `json:"seed"`
	Predict string `json:"predict"` // instead of running: write predictions for Data to this file

	Columns []string `json:"columns,omitempty"` // of Data, to stand before predictions
}

// Message is one line of what an attempt says. One field is set.
type Message struct {
	// Seq: the journal got so far.
	Seq int64 `json:"seq,omitempty"`
	// Promise: the plan is made, and the answer Go or Hold is awaited.
	Promise *job.Promise `json:"promise,omitempty"`
	// Outcome ends the attempt.
	Outcome *Outcome `json:"outcome,omitempty"`
}

// The answers to a promise, each a line on the attempt's standard input.
const (
	Go   = "go"
	Hold = "hold"
)

// End is how an attempt ended.
type End string

// The ends of an attempt.
const (
	Finished    End = "finished"
	Held        End = "held"        // it was told to hold
	Interrupted End = "interrupted" // it was asked to stop
	Refused     End = "refused"     // the job, the data or the rules cannot be used: nothing was left
	Failed      End = "failed"      // it would fail again
	Died        End = "died"        // a process ended that should not have: it may go on from where it was
	Full        End = "full"        // there is no space left on the disk
)

// Ends lists them all.
var Ends = []End{Finished, Held, Interrupted, Refused, Failed, Died, Full}

// Outcome is how an attempt ended, and what came out.
type Outcome struct {
	End     End                `json:"end"`
	Problem string             `json:"problem,omitempty"`
	Metric  string             `json:"metric,omitempty"` // what the job is judged by
	Score   *float64           `json:"score,omitempty"`  // on the holdout
	Rows    int                `json:"rows,omitempty"`   // predicted
	Scored  int                `json:"scored,omitempty"` // of them, with a target
	Metrics map[string]float64 `json:"metrics,omitempty"`
	Inside  *float64           `json:"inside,omitempty"` // share of those scored whose true value lies between low and high
	Notes   []string           `json:"notes,omitempty"`
	Lost    []string           `json:"lost,omitempty"` // what became of columns of which next to nothing is left
}
