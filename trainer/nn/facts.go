package nn

import (
	"fmt"

	"tuned/trainer/model"
	"tuned/trainer/nn/kernel"
)

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
	Half         bool // products while training are of bfloat16
	Recalibrates bool // there are statistics that Recalibrate estimates anew
}

// Facts returns the plan's figures.
func (p *Program) Facts() Facts {
	f := p.facts
	f.Groups, f.Half = append([]Group(nil), p.groups...), p.half && kernel.Halves()
	f.Recalibrates = len(p.norms()) > 0
	return f
}

// account counts what a step costs, with parameters of size floats.
func (p *Program) account(c *compiler, size int) {
	f := &p.facts
	for _, q := range p.params {
		f.Parameters += int64(q.size())
		p.groups[q.group].Parameters += int64(q.size())
	}
	loss := p.loss.cost()
	f.FLOPsRowEval, f.FLOPsRow = loss.forward, loss.forward+loss.backward
	for _, n := range p.nodes {
		k := n.op.cost()
		f.FLOPsRowEval += k.forward
		f.FLOPsRow += k.forward
		if n.behind {
			f.FLOPsRow += k.backward
		}
	}
	if c.mirrors {
		f.FLOPsRowEval += f.FLOPsRowEval - loss.forward + int64(2*p.output.Columns())
	}
	f.FLOPsStep = f.Parameters * p.optimizer.flops(c.threads)
	p.accountBytes(c, size)
}

// accountBytes splits memory into what each row of MaxBatch needs, which is how the plan grows from these rows to
// twice as many, and the rest. The two together are exact.
func (p *Program) accountBytes(c *compiler, size int) {
	threads, rows, batch := int64(c.threads), int64(c.rows), int64(p.maxBatch)
	twice := int64(placeAll(c.buffers, 2*c.rows))
	arena := int64(placeAll(c.buffers, c.rows))
	copies := 2 + threads + int64(p.optimizer.moments()+len(p.optimizer.Averages))
	weights := 4 * copies * int64(size)
	all := weights + threads*(4*arena+8*rows+kernel.WorkspaceBytes) + 8*batch + c.shared
	perRow := 4*(twice-arena)/rows + 8 + 8 // a row's target and loss besides
	p.facts.BytesRow = min(perRow, (all-weights)/batch)
	p.facts.BytesFixed = all - p.facts.BytesRow*batch
}

// fit refuses a plan above the limit.
func (f *Facts) fit(c Config) error {
	need := f.BytesFixed + int64(c.MaxBatch)*f.BytesRow
	if c.MemoryBytes > 0 && need > c.MemoryBytes {
		return fmt.Errorf("compile: %w: %d bytes are needed for %d rows a batch, %d are allowed", model.ErrOutOfMemory, need, c.MaxBatch, c.MemoryBytes)
	}
	return nil
}

// tooLarge reports whether a graph's numbers can not even be counted: memory that no machine has.
func (g *Graph) tooLarge(maxBatch int) bool {
	const most = 1 << 52
	var parameters, row float64
	for _, q := range g.params {
		n := 1.0
		for _, d := range q.shape {
			n *= float64(d)
		}
		parameters += n
	}
	for _, n := range g.nodes {
		row += float64(n.shape.Height) * float64(n.shape.Width) * float64(n.shape.Channels)
	}
	return parameters > most || row*float64(maxBatch) > most
}
