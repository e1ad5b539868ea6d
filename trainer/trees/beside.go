package trees

import (
	"fmt"
	"math"
	"math/rand/v2"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/session"
)

// When trees grow beside a network: not in short trainings, as probes make, which are about the network alone; and then
// slowly enough that no update takes long. Few rows have fewer updates, and rounds that take next to no time.
// The check mlp.trees-too-late, in plugins/mlp/rules.toml, says all of them again, and a test of plugins/mlp holds it to them.
const (
	besideFew      = 500 // training rows, fewer than which are few
	besideAfter    = 160 // updates of the network
	besideAfterFew = 40
	besidePace     = 10 // rounds an update
	besidePaceFew  = 40
)

// Wait is the number of updates of the network before trees begin to grow beside it, with so many training rows.
func Wait(rows int) int64 {
	if rows < besideFew {
		return besideAfterFew
	}
	return besideAfter
}

// pace is the number of rounds that grow with each update after those.
func pace(rows int) int {
	if rows < besideFew {
		return besidePaceFew
	}
	return besidePace
}

// besideRows is the share of the training rows that a round looks at, drawn apart from its columns.
const (
	besideRows   = 0.8
	besideStream = 1 << 32
)

// Beside is a network with a forest beside it, whose predictions are blended once the forest has grown. Both learn from the
// target itself, each by its own means, so that their mistakes differ. The forest is one for all sets of the network's weights.
type Beside struct {
	session.Program // the network
	forest          *Forest
	learners        int     // training rows
	share           float32 // of the forest in a prediction
	round           model.Step
	rows            []int32   // of a round
	random          *rand.PCG // of a round's rows
	told            told      // what the forest said
}

var _ session.Program = (*Beside)(nil)

// NewBeside puts a forest for the view beside a network, with the share that its predictions have. Of c, MaxBatch is not read;
// round are the scalars of its steps.
func NewBeside(network session.Program, v model.View, c Config, round model.Step, share float64) (*Beside, error) {
	c.MaxBatch = max(v.Rows, 1)
	forest, err := New(v, c)
	if err != nil {
		return nil, err
	}
	if !(share > 0 && share < 1) {
		return nil, fmt.Errorf("a share of %g for the trees: they stand beside a network", share)
	}
	return &Beside{Program: network, forest: forest, share: float32(share), round: round, random: rand.NewPCG(0, 0), told: newTold(forest)}, nil
}

// Bind sets the arrays that rows refer to.
func (b *Beside) Bind(d nn.Data) error {
	b.told.forget()
	if err := b.forest.Bind(d); err != nil {
		return err
	}
	return b.Program.Bind(d)
}

// Init sets both from the rows.
func (b *Beside) Init(rows []int32) error {
	if err := b.Program.Init(rows); err != nil {
		return err
	}
	err := b.forest.Init(rows)
	b.learners = b.forest.learners()
	return err
}

// Step is the network's, and after a while some rounds of the forest, until it has grown.
func (b *Beside) Step(rows []int32, s model.Step) nn.StepResult {
	r := b.Program.Step(rows, s)
	if s.NoUpdate || !r.Finite || b.StepCount() <= Wait(b.learners) {
		return r
	}
	for range pace(b.learners) {
		if b.grown() {
			break
		}
		b.choose(int64(b.forest.standing()))
		r.FLOPs += b.forest.Grow(b.rows, b.round)
	}
	return r
}

// grown reports whether the forest is complete: it has a say only then.
func (b *Beside) grown() bool { return b.forest.standing() == b.forest.config.Rounds }

// choose draws the rows of a round.
func (b *Beside) choose(round int64) {
	if b.rows == nil {
		b.rows = make([]int32, 0, len(b.forest.training))
	}
	b.rows = b.rows[:0]
	b.random.Seed(uint64(b.forest.config.Seed), uint64(round)|besideStream)
	for r, known := range b.forest.training {
		if drawn := b.random.Uint64() < uint64(besideRows*math.MaxUint64); drawn && known == 1 {
			b.rows = append(b.rows, int32(r))
		}
	}
}

// Forward blends the predictions, and returns their mean loss.
func (b *Beside) Forward(rows []int32, out []float32) float64 {
	loss := b.Program.Forward(rows, out)
	if !b.grown() {
		return loss
	}
	f, k, trees := b.forest, b.Outputs(), b.told.about(rows)
	loss = 0
	for i, r := range rows {
		p := out[i*k : (i+1)*k]
		for o := range p {
			p[o] += b.share * (f.Predicted(trees, int(r), o, k) - p[o])
		}
		if f.learns() {
			loss += f.loss.blended(&f.data, r, p) / float64(len(rows))
		}
	}
	return loss
}

// Close ends both.
func (b *Beside) Close() {
	b.Program.Close()
	b.forest.Close()
}

// Facts are both's.
func (b *Beside) Facts() nn.Facts {
	f, more := b.Program.Facts(), b.forest.Facts()
	f.Parameters += more.Parameters
	f.FLOPsRowEval += more.FLOPsRowEval
	f.FLOPsRow += more.FLOPsRowEval // so that a step is no less than a look
	f.BytesFixed += more.BytesFixed + int64(b.forest.rows)*(more.BytesRow+4) + b.told.bytes()
	f.InitFLOPs += more.InitFLOPs
	f.Groups = append(f.Groups, more.Groups...)
	return f
}

// Parameters are the network's, and the forest's behind them.
func (b *Beside) Parameters() []nn.Tensor { return append(b.Program.Parameters(), b.trees()...) }

// Average is the network's, and the forest as it is.
func (b *Beside) Average(decay float64) []nn.Tensor {
	return append(b.Program.Average(decay), b.trees()...)
}

// State is both's.
func (b *Beside) State() []nn.Tensor {
	return append(b.Program.State(), named(b.forest.State())...)
}

func (b *Beside) trees() []nn.Tensor { return named(b.forest.Parameters()) }

// named are the forest's tensors under names of their own.
func named(tensors []nn.Tensor) []nn.Tensor {
	for i := range tensors {
		tensors[i].Name, tensors[i].Group = "trees/"+tensors[i].Name, "trees"
	}
	return tensors
}

// SetStepCount tells both that their tensors were written.
func (b *Beside) SetStepCount(n int64) {
	b.Program.SetStepCount(n)
	b.forest.SetStepCount(n)
	b.learners = b.forest.learners()
}
