package nn

import (
	"errors"

	"tuned/trainer/model"
)

// Config is what a graph is compiled for.
type Config struct {
	MaxBatch int   // rows of the largest batch, shared out among the threads
	Threads  int   // workers; the bits depend on it
	Seed     int64 // of initialisation and dropout
}

// Data are whole arrays, row-major, which the program reads by row and never writes. They may be mapped files.
type Data struct {
	Rows    int
	Numeric []float32 // Rows × columns of Numeric
	Codes   []int32   // Rows × columns of Codes
	Pixels  []uint8   // Rows × height × width × channels
	Labels  []int32   // Rows, for CrossEntropy (classes) and SigmoidCrossEntropy (0 or 1)
	Values  []float32 // Rows, for MSE and Huber
}

// Tensor is a view of live memory: writing to Data changes the program.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
	Group string
}

// StepResult is what a step found.
type StepResult struct {
	Loss      float64   // mean objective over the rows, smoothing included
	GradNorm  float64   // global norm before clipping
	PartNorms []float64 // squared norm of each part's mean gradient; valid until the next Step
	Finite    bool      // false: loss or gradient held a NaN or an infinity, and nothing was changed
	Clipped   bool
	FLOPs     int64
}

// Facts are what a program costs: exact, from its plan.
type Facts struct {
	Parameters   int64
	FLOPsRow     int64 // forward and backward of one row
	FLOPsRowEval int64 // forward of one row
	FLOPsStep    int64 // the optimizer's, whatever the rows
	BytesFixed   int64 // weights, gradients, optimizer state, averages, workspace
	BytesRow     int64 // activations and their gradients, for each row of MaxBatch
	InitFLOPs    int64 // what Init has spent so far
	Groups       []Group
}

// Program is a compiled graph with its weights. It is used by one goroutine at a time.
type Program struct{}

// Compile plans memory and work for a graph, and initialises the weights. The graph must not be used afterwards.
func Compile(g *Graph, c Config) (*Program, error) { return nil, errors.New("not wired up yet") }

// Bind sets the arrays that rows refer to, after checking their lengths. It may be called again.
func (p *Program) Bind(d Data) error { return nil }

// Init repeats the initialisation of the weights, data-driven ones on these rows; at most 4096 of them are used.
// With no rows, data-driven initialisation falls back on InitNormal with zero biases, as Compile leaves it.
func (p *Program) Init(rows []int32) error { return nil }

// Step does one update, or measures one gradient, from at most MaxBatch rows.
func (p *Program) Step(rows []int32, s model.Step) StepResult { return StepResult{} }

// Forward evaluates any number of rows without randomness and returns the mean loss without smoothing (0 without targets).
// out, if not nil, receives len(rows) × Outputs(): probabilities, or values.
func (p *Program) Forward(rows []int32, out []float32) (loss float64) { return 0 }

// Recalibrate re-estimates batch-norm statistics on these rows, with the present weights.
func (p *Program) Recalibrate(rows []int32) {}

// Outputs is the number of values that Forward yields for a row.
func (p *Program) Outputs() int { return 0 }

// Parameters returns views of the weights, in the order in which the graph made them.
func (p *Program) Parameters() []Tensor { return nil }

// Statistics returns views of what predicting needs besides the parameters (batch-norm means and variances).
func (p *Program) Statistics() []Tensor { return nil }

// State returns views of everything that a snapshot needs, apart from StepCount: weights, moments, averages, statistics.
func (p *Program) State() []Tensor { return nil }

// Average returns views of a running average, in Parameters' order; nil for a decay that is not tracked.
func (p *Program) Average(decay float64) []Tensor { return nil }

// Averages returns the decays that are tracked.
func (p *Program) Averages() []float64 { return nil }

// StepCount is the number of updates so far: dropout and bias correction depend on it.
func (p *Program) StepCount() int64 { return 0 }

// SetStepCount restores what StepCount returned.
func (p *Program) SetStepCount(n int64) {}

// Facts returns the plan's figures.
func (p *Program) Facts() Facts { return Facts{} }

// Close ends the program's goroutines and waits for them. Calling it again does nothing.
func (p *Program) Close() {}
