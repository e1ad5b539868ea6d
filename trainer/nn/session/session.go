// Package session is a model.Session over a compiled nn.Program and a view's directory: it owns the weights of one model
// on one data set, their snapshots and their files, and runs operations in the order in which they were submitted.
//
// What it holds in memory is planned: it refuses with model.ErrOutOfMemory before it allocates beyond its budget.
package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/kernel"
)

// Program is what a session runs: an nn.Program, or a model of another kind that keeps all that it learns in tensors. Those of
// Parameters, Statistics and Average are among State's, and none is put elsewhere in memory. SetStepCount also tells it that its
// tensors may have been written. During a Forward, other weights may stand in the tensors of parameters and statistics.
type Program interface {
	Bind(d nn.Data) error
	Init(rows []int32) error
	Step(rows []int32, s model.Step) nn.StepResult
	Forward(rows []int32, out []float32) float64
	Recalibrate(rows []int32)
	Outputs() int
	Parameters() []nn.Tensor
	Statistics() []nn.Tensor
	State() []nn.Tensor
	Average(decay float64) []nn.Tensor
	Averages() []float64
	StepCount() int64
	SetStepCount(n int64)
	Facts() nn.Facts
	Close()
}

var (
	_ Program       = (*nn.Program)(nil)
	_ model.Session = (*Session)(nil)
)

// Session is one model on one view. It is used by one goroutine at a time; its own goroutine runs the operations.
type Session struct {
	program  Program
	view     *View
	info     model.Info
	maxBatch int
	loss     model.Loss // of values
	layout   layout
	budget   budget
	queue    *queue

	kept     map[string]*snapshot
	spare    []*snapshot              // dropped, to be used again
	refitted map[model.Weights]refit  // statistics that Recalibrate estimated, while their weights stand
	exported map[model.Weights]values // not nil once Load read an export: all that can be evaluated then
	block    block
}

// Fit sets the weights of a model that has a closed form, or a convex objective, from the rows of initialisation.
type Fit func(ctx context.Context, r FitRequest) (flops int64, err error)

// FitRequest is what a Fit works on.
type FitRequest struct {
	View       model.View
	Data       nn.Data
	Rows       []int32     // training rows: all that a Fit may look at
	Parameters []nn.Tensor // live memory, to be overwritten
	Settings   model.Settings
	FreeBytes  int64 // what a Fit may allocate for its duration; 0: no limit
	Threads    int   // that may work
}

// OpenProgram opens a session over the view at req.View, with the program that make gives for it, which may hold so many bytes (0: no
// limit). It initialises the weights on req.InitRows; fit, if not nil, then sets them. Errors are model.ErrInvalid, model.ErrCorrupt or
// model.ErrOutOfMemory where they have one of these causes.
func OpenProgram(ctx context.Context, req model.OpenRequest, make func(v model.View, memory int64) (Program, error), fit Fit) (*Session, error) {
	view, err := OpenView(req.View)
	if err != nil {
		return nil, err
	}
	memory := int64(0)
	if req.MemoryBytes > 0 {
		memory = max(1, req.MemoryBytes-view.bytes-processBytes)
	}
	p, err := make(view.View, memory)
	if err != nil {
		return nil, closeAfter(view, refused(err))
	}
	s, err := start(ctx, req, p, view, fit)
	if err != nil {
		p.Close()
		return nil, closeAfter(view, err)
	}
	return s, nil
}

func closeAfter(v *View, err error) error {
	_ = v.Close() // the first error is the one that matters
	return err
}

// Compile builds and compiles a network that holds at most so many bytes (0: no limit).
func Compile(req model.OpenRequest, v model.View, memory int64, build func(*nn.Graph, model.View) error) (Program, error) {
	g := nn.New()
	if err := build(g, v); err != nil {
		return nil, fmt.Errorf("build the network: %w", err)
	}
	p, err := nn.Compile(g, nn.Config{MaxBatch: req.MaxBatch, Threads: req.Threads, Seed: req.Seed, MemoryBytes: memory})
	if err != nil {
		return nil, err // a nil *nn.Program is no Program
	}
	return p, nil
}

// refused is why there is no program: for want of memory, or else by the request's fault.
func refused(err error) error {
	if errors.Is(err, model.ErrOutOfMemory) {
		return err
	}
	return invalid("%w", err)
}

// start makes a session of a program: it checks the plan against the budget, and initialises.
func start(ctx context.Context, req model.OpenRequest, p Program, view *View, fit Fit) (*Session, error) {
	layout, err := newLayout(p)
	if err != nil {
		return nil, err
	}
	s := &Session{
		program: p, view: view, maxBatch: req.MaxBatch, loss: model.LossOf(req.Settings), layout: layout, budget: budget{limit: req.MemoryBytes},
		kept: map[string]*snapshot{}, refitted: map[model.Weights]refit{},
	}
	if err := s.plan(); err != nil {
		return nil, err
	}
	if err := p.Bind(view.data); err != nil {
		return nil, invalid("%w", err)
	}
	if err := s.initialise(ctx, req, fit); err != nil {
		return nil, err
	}
	s.queue = newQueue()
	return s, nil
}

// plan computes what the session holds, and reserves it.
func (s *Session) plan() error {
	width, err := s.outputs()
	if err != nil {
		return err
	}
	f := s.program.Facts()
	blockRows := min(blockRows, max(s.view.Rows, 1))
	s.info = model.Info{
		Parameters: f.Parameters, FLOPsRow: f.FLOPsRow, FLOPsRowEval: f.FLOPsRowEval, FLOPsStep: f.FLOPsStep,
		BytesFixed: f.BytesFixed + blockBytes(blockRows, width), BytesRow: f.BytesRow,
		Deterministic: true, ISA: kernel.Active().String(),
	}
	if f.Half {
		s.info.ISA += "+bf16"
	}
	for _, g := range f.Groups {
		s.info.Groups = append(s.info.Groups, model.Group{
			Name: g.Name, Parameters: g.Parameters, LRFactor: g.LRFactor, DecayFactor: g.DecayFactor,
		})
	}
	need := s.info.BytesFixed + int64(s.maxBatch)*s.info.BytesRow + s.view.bytes + processBytes
	if err := s.budget.take(need, fmt.Sprintf("the model at %d rows a batch", s.maxBatch)); err != nil {
		return err
	}
	s.block = newBlock(blockRows, width)
	return nil
}

// initialise sets the weights from the rows of initialisation, if there are any.
func (s *Session) initialise(ctx context.Context, req model.OpenRequest, fit Fit) error {
	if len(req.InitRows) == 0 {
		return nil
	}
	if err := s.view.checkRows(req.InitRows); err != nil {
		return err
	}
	if err := s.program.Init(req.InitRows); err != nil {
		return invalid("%w", err)
	}
	s.info.InitialFLOPs = s.program.Facts().InitFLOPs
	if fit == nil {
		return nil
	}
	flops, err := fit(ctx, FitRequest{
		View: s.view.View, Data: s.view.data, Rows: req.InitRows,
		Parameters: s.program.Parameters(), Settings: req.Settings, FreeBytes: s.budget.free(), Threads: req.Threads,
	})
	if err != nil {
		return fmt.Errorf("fit: %w", err)
	}
	s.info.InitialFLOPs += flops
	s.resetAverages()
	return nil
}

// resetAverages lets every running average begin at the weights.
func (s *Session) resetAverages() {
	for _, decay := range s.program.Averages() {
		for i, average := range s.program.Average(decay) {
			copy(average.Data, s.program.Parameters()[i].Data)
		}
	}
}

// Info is what the model costs: the program's plan and the session's own buffers, without snapshots (see Keep).
func (s *Session) Info() model.Info {
	info := s.info
	info.Groups = slices.Clone(info.Groups)
	return info
}

// Submit queues ops. A failing op ends its own submission; later ones still run.
func (s *Session) Submit(ctx context.Context, ops ...model.Op) model.Pending {
	p := &pending{}
	p.done = s.queue.add(func() { p.run(ctx, s, ops) }, func() { p.err = errClosed })
	return p
}

// Close waits for the operation that runs, drops those behind it, and frees everything.
func (s *Session) Close() error {
	if !s.queue.close() {
		return nil
	}
	s.program.Close()
	return s.view.Close()
}

// outputs is the number of values written for a row: one for each class, or the predicted value. A network for two
// classes may yield the second one's probability alone.
func (s *Session) outputs() (int, error) {
	want, got := 1, s.program.Outputs()
	if s.view.Task == model.Classification {
		want = s.view.Classes
	}
	if got != want && (got != 1 || want != 2) {
		return 0, invalid("the network has %d outputs where the task needs %d", got, want)
	}
	return want, nil
}

// invalid marks an error as the request's fault. It is model.ErrInvalid and what it wraps.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %w", model.ErrInvalid, fmt.Errorf(format, args...))
}
