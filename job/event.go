package job

import (
	"encoding/json"
	"fmt"
	"time"

	"tuned/heuristics"
	"tuned/heuristics/probe"
	"tuned/trainer"
	"tuned/trainer/data"
	"tuned/trainer/metric"
)

// Event is something that happened in a run. Its kind names it in the journal.
type Event interface{ Kind() string }

// The events of a run. All but [Progress] are journalled; a reader must tolerate kinds that it does not know.
type (
	// Started opens each attempt at the run, the first and every one that goes on with it.
	Started struct {
		Name    string `json:"name"`
		Dir     string `json:"dir"`
		Version string `json:"version"`
		Seed    int64  `json:"seed"`
		Threads int64  `json:"threads"`
		Machine string `json:"machine"` // operating system and processor family
		Resumed bool   `json:"resumed,omitempty"`
		Target  string `json:"target"`
	}
	// PhaseBegan and PhaseEnded enclose a part of the run that the ledger lists: [PhaseRead] and the like, or "probe.NAME".
	PhaseBegan struct {
		Phase string `json:"phase"`
	}
	// PhaseEnded carries what the part cost. A part that was cut short has its cost, too.
	PhaseEnded struct {
		Phase string `json:"phase"`
		Cost  Cost   `json:"cost"`
		Cut   bool   `json:"cut,omitempty"`
	}
	// Measured are the facts that a source gave: "job", "machine", "scan", or a probe's name. A resumed run takes them from here.
	Measured struct {
		Source string       `json:"source"`
		Facts  Values       `json:"facts"`
		Plots  []probe.Plot `json:"plots,omitempty"`
		Pace   float64      `json:"pace,omitempty"` // of a probe's steps, FLOPs a second: for a promise, and no plan is made of it
	}
	// Tried is a note that a probe writes ahead of a trial that may not come back.
	Tried struct {
		What   string         `json:"what"` // "probe.memory.trying"
		Fields map[string]any `json:"fields,omitempty"`
	}
	// Columns describe the table, or the images, for the report.
	Columns struct {
		Rows    int            `json:"rows"`
		Columns []data.Summary `json:"columns"`
		Image   []int          `json:"image,omitempty"` // rows that are images: height, width and channels
		Target  string         `json:"target"`
		Classes []string       `json:"classes,omitempty"` // label i is Classes[i]
		Counts  []int          `json:"counts,omitempty"`  // training rows of each class
		Notes   []string       `json:"notes,omitempty"`   // what a person should know about how the file was read

		FirstRow int `json:"first_row,omitempty"` // of a workbook: the row of its sheet that is row 0
	}
	// Decided is a setting's value and why.
	Decided struct {
		heuristics.Decision
	}
	// Found is a check that fired.
	Found struct {
		heuristics.Finding
	}
	// Planned closes planning: the plan is written and nothing in it changes any more.
	Planned struct {
		Decisions int     `json:"decisions"`
		SHA256    string  `json:"sha256"` // of plan.json
		Promise   Promise `json:"promise"`
	}
	// Trained is what the trainer tells: progress, evaluations, reactions, checkpoints.
	Trained struct {
		trainer.Event
	}
	// Noted is something that a person should know and that no other event says.
	Noted struct {
		What string `json:"what"`
	}
	// Evaluated is the final score of a set of rows: "validation" or "test".
	Evaluated struct {
		Rows    string         `json:"rows"`
		N       int            `json:"n"`
		Metrics metric.Metrics `json:"metrics"`
	}
	// Sliced are the final scores of parts of the holdout: one part for each value, or range, of a column.
	Sliced struct {
		Column string  `json:"column"`
		Slices []Slice `json:"slices"`
	}
	// Finished closes a run that did all it was asked.
	Finished struct{}
	// Failed closes an attempt that could not go on; Interrupted one that was asked to stop.
	Failed struct {
		Problem string `json:"problem"`
	}
	// Interrupted closes an attempt that was asked to stop. The same command goes on from there.
	Interrupted struct{}
	// Progress is how far a part of the run is. It is shown and not kept.
	Progress struct {
		Phase string
		Done  int64 // of Total, in whatever the phase counts
		Total int64
	}
	// Unknown is an event of a kind that this version does not know.
	Unknown struct {
		Name string
		Raw  json.RawMessage
	}
)

// Kind names the event in the journal.
func (Started) Kind() string { return "started" }

// Kind names the event in the journal.
func (PhaseBegan) Kind() string { return "phase-began" }

// Kind names the event in the journal.
func (PhaseEnded) Kind() string { return "phase-ended" }

// Kind names the event in the journal.
func (Measured) Kind() string { return "measured" }

// Kind names the event in the journal.
func (Tried) Kind() string { return "tried" }

// Kind names the event in the journal.
func (Columns) Kind() string { return "columns" }

// Kind names the event in the journal.
func (Decided) Kind() string { return "decided" }

// Kind names the event in the journal.
func (Found) Kind() string { return "found" }

// Kind names the event in the journal.
func (Planned) Kind() string { return "planned" }

// Kind names the event in the journal.
func (Trained) Kind() string { return "trained" }

// Kind names the event in the journal.
func (Noted) Kind() string { return "noted" }

// Kind names the event in the journal.
func (Evaluated) Kind() string { return "evaluated" }

// Kind names the event in the journal.
func (Sliced) Kind() string { return "sliced" }

// Kind names the event in the journal.
func (Finished) Kind() string { return "finished" }

// Kind names the event in the journal.
func (Failed) Kind() string { return "failed" }

// Kind names the event in the journal.
func (Interrupted) Kind() string { return "interrupted" }

// Kind names the event for those who watch a run; it is never in the journal.
func (Progress) Kind() string { return "progress" }

// Kind is the kind as it was read.
func (u Unknown) Kind() string { return u.Name }

// Slice is the score of a part of the holdout.
type Slice struct {
	Name    string         `json:"name"`
	N       int            `json:"n"`
	Metrics metric.Metrics `json:"metrics"`
}

// Entry is an event with its place in the journal.
type Entry struct {
	Seq   int64     // from 1, without gaps
	At    time.Time // for people; nothing is decided by it
	Event Event
}

// decoders make an empty event of each kind to decode into.
var decoders = map[string]func([]byte) (Event, error){
	"started": decode[Started], "phase-began": decode[PhaseBegan], "phase-ended": decode[PhaseEnded],
	"measured": decode[Measured], "tried": decode[Tried], "columns": decode[Columns], "decided": decode[Decided],
	"found": decode[Found], "planned": decode[Planned], "trained": decode[Trained], "noted": decode[Noted],
	"evaluated": decode[Evaluated], "sliced": decode[Sliced], "finished": decode[Finished], "failed": decode[Failed],
	"interrupted": decode[Interrupted],
}

func decode[E Event](raw []byte) (Event, error) {
	var e E
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("event %q: %w", e.Kind(), err)
	}
	return e, nil
}

func decodeEvent(kind string, raw []byte) (Event, error) {
	if d, ok := decoders[kind]; ok {
		return d(raw)
	}
	return Unknown{Name: kind, Raw: append(json.RawMessage(nil), raw...)}, nil
}
