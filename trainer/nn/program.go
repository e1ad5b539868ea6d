package nn

import (
	"tuned/trainer/model"
	"tuned/trainer/nn/kernel"
)

// Config is what a graph is compiled for.
type Config struct {
	MaxBatch int   // rows of the largest batch, shared out among the threads
	Threads  int   // workers, one of them on the caller's goroutine; the bits depend on it
	Seed     int64 // of initialisation and dropout
	// MemoryBytes is what the program may hold; 0: no limit. A plan above it is refused, with model.ErrOutOfMemory, before
	// anything that it needs is allocated.
	MemoryBytes int64
}

// Program is a compiled graph with its weights. It is used by one goroutine at a time.
type Program struct {
	nodes     []*Node
	params    []*param
	groups    []Group
	loss      lossOp
	optimizer Optimizer
	output    *Node
	seed      int64
	maxBatch  int
	half      bool // products while training may be of bfloat16

	weights  []float32
	moments  [][]float32 // one for SGD, two for AdamW
	averages [][]float32 // in the order of optimizer.Averages
	whole    []float32   // a batch's gradient while its parts are measured
	steps    int64
	facts    Facts

	mirrors  bool    // evaluation also sees the images' mirror images
	straight scratch // the output for the images themselves, then

	data    Data
	team    *team
	sync    *barrier // of the workers, within a task
	workers []*worker
	rowLoss []float64 // by position in the batch

	// Of the task at hand.
	rows  []int32
	first int // position of rows[0] in the batch
	step  model.Step
	total float64 // weight of the rows
	out   []float32
	look  pass // of initialisation
	parts []float64
	found StepResult

	stepTask, measureTask, evaluateTask, partialTask, observeTask func(*worker) // made once, so that a task allocates nothing
}

// Compile plans memory and work for a graph, and initialises the weights (see Init). The program takes the graph over.
func Compile(g *Graph, c Config) (*Program, error) {
	if err := g.check(c); err != nil {
		return nil, err
	}
	rows := (c.MaxBatch + c.Threads - 1) / c.Threads
	plan, err := newCompiler(g, rows, c.Threads)
	if err != nil {
		return nil, err
	}
	p := &Program{
		nodes: g.nodes, params: g.params, groups: g.groups, loss: g.loss, optimizer: g.optimizer, output: g.output,
		seed: c.Seed, maxBatch: c.MaxBatch, half: g.half, sync: newBarrier(c.Threads), mirrors: plan.mirrors, straight: plan.straight,
	}
	size := p.layOut()
	p.account(plan, size)
	if err := p.facts.fit(c); err != nil {
		return nil, err
	}
	g.compiled = true
	p.allocate(size)
	p.employ(plan, c.Threads)
	p.stepTask, p.measureTask, p.evaluateTask = p.doStep, p.doMeasure, p.doEvaluate
	p.partialTask, p.observeTask = p.doPartial, p.doObserve
	p.team = newTeam(p.workers)
	p.fill()
	return p, nil
}

// layOut gives every parameter its place, at a cache line, and returns the floats of all.
func (p *Program) layOut() int {
	size := 0
	for _, q := range p.params {
		q.offset = size
		size += aligned(q.size())
	}
	return size
}

// allocate makes the arenas that all workers share.
func (p *Program) allocate(size int) {
	p.rowLoss = make([]float64, p.maxBatch)
	p.weights, p.whole = newArena(size), newArena(size)
	for _, q := range p.params {
		q.value = p.weights[q.offset : q.offset+q.size() : q.offset+q.size()]
	}
	for range p.optimizer.moments() {
		p.moments = append(p.moments, newArena(size))
	}
	for range p.optimizer.Averages {
		p.averages = append(p.averages, newArena(size))
	}
}

// employ makes the workers with their memory.
func (p *Program) employ(c *compiler, threads int) {
	size := placeAll(c.buffers, c.rows)
	for id := range threads {
		w := &worker{program: p, id: id, gradients: newArena(len(p.weights)), mul: kernel.NewWorkspace()}
		w.labels, w.targets = make([]int32, c.rows), make([]float32, c.rows)
		w.occupy(c, newArena(size))
		p.workers = append(p.workers, w)
	}
	for _, w := range p.workers {
		w.segments = p.segments(w.id)
	}
}

// occupy gives every value, gradient and workspace its place in the worker's arena.
func (w *worker) occupy(c *compiler, arena []float32) {
	w.values, w.grads = make([]matrix, len(c.nodes)), make([]matrix, len(c.nodes))
	for i, at := range c.places {
		if at.value != nil {
			w.values[i] = matrix{at.value.in(arena)[at.column:], at.ld}
		}
		if at.grad != nil {
			w.grads[i] = matrix{at.grad.in(arena)[at.column:], at.ld}
		}
	}
	for _, b := range c.scratch {
		w.workspace = append(w.workspace, b.in(arena))
	}
}
