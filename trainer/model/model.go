// Package model is the contract between the host, which trains, and a session, which holds one model on one data set.
//
// The host owns the order of the rows, the schedule, every scalar of every step, selection and reactions. The session
// owns weights, optimizer state, averages and their randomness, which is counter-based: a function of seed, step,
// layer and row alone. The same operations in the same order therefore give the same bits, wherever the session runs.
//
// The package imports nothing but the standard library, so that the trainer never learns what carries a session.
package model

import (
	"context"
	"errors"
)

// Errors that a session reports in a way that survives the process boundary. Test with errors.Is.
var (
	// ErrOutOfMemory: the session, or its process, needed more memory than it was given.
	ErrOutOfMemory = errors.New("out of memory")
	// ErrExited: the process behind the session ended before it answered.
	ErrExited = errors.New("architecture process ended")
	// ErrInvalid: the request cannot be served as asked (an unknown setting, rows out of range, an unknown weight name).
	ErrInvalid = errors.New("invalid request")
	// ErrCorrupt: a file failed its length, checksum or structure check.
	ErrCorrupt = errors.New("corrupt file")
)

// Task is what is learned.
type Task string

// The tasks that a job can name.
const (
	Classification Task = "classification"
	Regression     Task = "regression"
)

// Architecture is a kind of model: it describes itself and opens sessions.
type Architecture interface {
	Describe(ctx context.Context) (Manifest, error)
	Open(ctx context.Context, req OpenRequest) (Session, error)
}

// Manifest is an architecture's capabilities as data.
type Manifest struct {
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	Summary  string    `json:"summary"`  // one sentence for `tuned plugins list`
	Protocol int       `json:"protocol"` // the protocol version it speaks
	Tasks    []Task    `json:"tasks"`
	Inputs   []Kind    `json:"inputs"` // the kinds of input columns that it reads
	Settings []Setting `json:"settings,omitempty"`
	Averages bool      `json:"averages"`        // whether it keeps running averages of its weights
	Rules    string    `json:"rules,omitempty"` // the architecture's own rules.toml
}

// SettingType is the type of a setting's value.
type SettingType string

// The types of settings. Values are int64, float64, bool and string.
const (
	Int    SettingType = "int"
	Float  SettingType = "float"
	Bool   SettingType = "bool"
	Choice SettingType = "choice"
)

// Setting declares one hyperparameter.
type Setting struct {
	Name    string      `json:"name"` // "batch_size"; an architecture's own start with its name: "mlp.width"
	Type    SettingType `json:"type"`
	Unit    string      `json:"unit,omitempty"` // "rows", "epochs", …; empty for a pure number
	Min     float64     `json:"min,omitempty"`  // inclusive range of numbers; both 0: unbounded
	Max     float64     `json:"max,omitempty"`
	Choices []string    `json:"choices,omitempty"`
	Help    string      `json:"help"` // what it does, for someone who does not program
	// Absent is what a plan stands for that was made before the architecture had the setting, in the setting's type (int64 for
	// Int), so that its models go on to serve; nil: such plans are refused. It stays on the architecture's side.
	Absent any `json:"-"`
}

// Settings are decided values by name: int64, float64, bool or string.
type Settings map[string]any

// OpenRequest asks for a session on a view of a data set.
type OpenRequest struct {
	View        string   // directory with view.json and its .npy files (see View)
	Settings    Settings // every decided setting: the trainer's and the architecture's
	Seed        int64
	Threads     int
	MaxBatch    int     // rows of the largest Step and of the largest piece of an Evaluate
	InitRows    []int32 // training rows: all that initialisation may look at; empty when weights will be loaded
	MemoryBytes int64   // budget of the session's process; 0: none
}

// Info is what a session knows once it is open. All of it is exact, not estimated, where the engine plans its memory.
type Info struct {
	Parameters    int64
	FLOPsRow      int64 // of one row in a step: forward and backward
	FLOPsRowEval  int64 // forward only, through the whole model
	FLOPsStep     int64 // what a step costs whatever its rows (the optimizer)
	BytesFixed    int64 // weights, gradients, optimizer state, averages
	BytesRow      int64 // activations and their gradients, for each row of MaxBatch
	Groups        []Group
	InitialFLOPs  int64 // what Open itself spent (initialisation from data, closed forms)
	Deterministic bool  // bitwise for the same seed, threads and instruction set
	ISA           string
}

// Group is a set of parameters with its own factors on the learning rate and the weight decay.
type Group struct {
	Name        string
	Parameters  int64
	LRFactor    float64
	DecayFactor float64
}

// Session is one model, opened on one data set. It is used by one goroutine at a time.
type Session interface {
	Info() Info
	// Submit queues ops and returns at once; they run in order, after all that was submitted before. Pieces of work
	// should be a fraction of a second, so that cancelling is quick: ops that have begun are not interrupted, those
	// behind them are dropped when ctx is done.
	Submit(ctx context.Context, ops ...Op) Pending
	// Save writes everything (Load then Submit is bit-identical), durably, as one file. It runs behind all that was submitted.
	Save(ctx context.Context, path string) (File, error)
	// Load restores what Save or Export wrote, after checking length and checksum.
	Load(ctx context.Context, f File) error
	// Export writes the tensors that predicting with these members needs, as safetensors; names start with the member's.
	Export(ctx context.Context, path string, members []Weights) (File, error)
	// Close ends the session and, behind a process boundary, its process. Calling it again does nothing.
	Close() error
}

// Pending are submitted operations.
type Pending interface {
	// Wait returns one result for each op, in order, or the first error: results before it are kept.
	Wait(ctx context.Context) ([]Result, error)
}

// File names a file's content.
type File struct {
	Path   string `json:"path"`
	Length int64  `json:"length"`
	SHA256 string `json:"sha256"` // lower-case hex
}

// Op is one operation: Step, Evaluate, Keep or Use.
type Op interface{ op() }

// Step is one update from one batch. Every scalar comes from the host.
type Step struct {
	Rows           []int32
	LR             float64 // multiplied by each group's LRFactor
	WeightDecay    float64 // decoupled: w -= lr*decay*w, each with its group's factor
	Beta1          float64 // AdamW's first moment, or SGD's momentum
	Beta2          float64
	Epsilon        float64
	Dropout        float64
	LabelSmoothing float64
	ClipNorm       float64 // 0: no clipping
	NoUpdate       bool    // gradients measured, weights and step counter left alone
	Parts          int     // with NoUpdate: also the squared gradient norm of each of so many equal parts (noise scale)
}

// Evaluate is a forward pass without randomness over rows.
type Evaluate struct {
	Rows    []int32   // empty: every row of the view
	Weights []Weights // empty: the raw ones; several: the mean of the members' outputs (probabilities, or predicted values)
	// Recalibrate re-estimates batch-norm statistics on these rows first, for non-raw weights; empty: not done.
	Recalibrate []int32
	// Out receives the outputs as a float32 .npy of len(Rows) × outputs: probabilities for classes, the standardised
	// target for regression. Empty: none are written.
	Out string
}

// Weights names a set of weights: Raw, "average:0.99" (a running average by its decay) or "kept:NAME" with an optional
// inner name ("kept:best/average:0.99").
type Weights string

// Raw are the weights that training moves.
const Raw Weights = "raw"

// Keep takes a snapshot of everything (weights, optimizer, averages, step counter) under a name, replacing an older one.
type Keep struct{ Name string }

// Use restores a snapshot, which stays. Drop forgets it afterwards.
type Use struct {
	Name string
	Drop bool
}

func (Step) op()     {}
func (Evaluate) op() {}
func (Keep) op()     {}
func (Use) op()      {}

// Result answers one Op.
type Result struct {
	Loss      float64   // mean over the rows: of the objective for Step (smoothing included), without smoothing for Evaluate
	GradNorm  float64   // Step: global norm before clipping
	PartNorms []float64 // Step with Parts: squared norm of each part's mean gradient
	Finite    bool      // loss and gradient hold no NaN or infinity; a Step that is not finite leaves the weights alone
	Clipped   bool      // Step: the norm was above ClipNorm
	FLOPs     int64     // what the op cost
	Path      string    // Evaluate with Out: the file written
}
