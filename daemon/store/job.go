package store

import (
	"time"

	"tuned/job"
)

// State is how far a job is.
type State string

// The states of a job. Queued and Running are the daemon's to change; in the others a person, or nobody, acts next.
const (
	Queued    State = "queued"    // it runs, or goes on, when there is room
	Running   State = "running"   // an attempt at it is in progress
	Waiting   State = "waiting"   // its plan waits for a person's approval
	Paused    State = "paused"    // it goes on when a person says so
	Finished  State = "finished"  // its run is complete
	Failed    State = "failed"    // it ended by itself; a retry goes on from what is there
	Cancelled State = "cancelled" // a person ended it; a retry goes on from what is there
)

// States lists them all, in the order in which a job meets them.
var States = []State{Queued, Running, Waiting, Paused, Finished, Failed, Cancelled}

// Settled tells whether nothing more happens unless a person asks for it.
func (s State) Settled() bool { return s == Finished || s == Failed || s == Cancelled }

// Job is one job in the queue.
type Job struct {
	ID        int64     `json:"id"`
	Key       string    `json:"key"` // the submitter's; a second submission with it is the same job
	Name      string    `json:"name"`
	State     State     `json:"state"`
	Reason    string    `json:"reason,omitempty"` // why it is in this state, for people
	Priority  int       `json:"priority"`         // the higher, the sooner
	Submitted time.Time `json:"submitted"`
	Started   time.Time `json:"started,omitzero"` // of the first attempt
	Ended     time.Time `json:"ended,omitzero"`

	Spec     string `json:"spec"` // the job file's text, with the pins that a person amended
	Rules    string `json:"rules,omitempty"`
	Data     Data   `json:"data"`
	Seed     int64  `json:"seed"`
	Revision int    `json:"revision"` // counts what a person changed; each has a run directory of its own
	Needs    Needs  `json:"needs"`

	Gate     string       `json:"gate,omitempty"`     // the bound above which a person is asked, as the job writes it
	Approved string       `json:"approved,omitempty"` // how the plan was let through; empty: it was not, or need not be
	Promise  *job.Promise `json:"promise,omitempty"`  // of the plan; nil: there is none yet

	Attempts int    `json:"attempts"`
	Deaths   int    `json:"deaths"`            // attempts that ended without a word since the run last got further
	Reached  int64  `json:"reached,omitempty"` // how far the journal was when that was counted last
	Version  string `json:"version,omitempty"` // of tuned, that began the run directory
	Score    *Score `json:"score,omitempty"`   // of a finished job with a holdout
}

// Data is the table that a job learns from: an upload, or a file below one of the daemon's own directories.
type Data struct {
	Name   string `json:"name"`             // as the submitter called it
	SHA256 string `json:"sha256,omitempty"` // of an upload
	Rooted string `json:"rooted,omitempty"` // a path below a data directory
	Bytes  int64  `json:"bytes"`
}

// Needs are what a job takes of the machine while it runs.
type Needs struct {
	Threads int64 `json:"threads"`
	Memory  int64 `json:"memory"` // bytes
	GPUs    int   `json:"gpus,omitempty"`
}

// Score is a job's result in a word.
type Score struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
}

// Event is a change of a job, in the order of all changes.
type Event struct {
	Seq    int64     `json:"seq"`
	Job    int64     `json:"job"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"` // "submitted", "state", "planned", "priority", "amended", "alert"
	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"`
}

// Artifact is a file of a finished run.
type Artifact struct {
	Job    int64  `json:"job"`
	Path   string `json:"path"`
	Length int64  `json:"length"`
	SHA256 string `json:"sha256"`
}

// Alert is something in a run that a person should look at soon.
type Alert struct {
	ID        int64     `json:"id"`
	Job       int64     `json:"job"`
	Source    string    `json:"source"` // where in the run it comes from: unique within the job
	At        time.Time `json:"at"`
	Rule      string    `json:"rule"`
	Text      string    `json:"text"`
	Delivered bool      `json:"delivered"` // the operator's webhook or command took it
}
