package data

// validSteps is how many further steps a batch stays valid for, at least.
const validSteps = 4096

// Order is the order of training rows: a fresh permutation for each epoch, a function of seed and epoch alone, cut
// into batches. Any step can be asked for at any time, so that a resumed run continues exactly where it was.
//
// An Order is for one goroutine. Batches are slices of its buffers: a batch stays valid while the steps asked for lie
// within 4,096 steps of it.
type Order struct {
	rows   []int32
	batch  int
	seed   int64
	steps  int
	epochs [][]int32 // ring of permutations
	held   []int64   // which epoch each holds; -1: none
}

// NewOrder orders rows into batches. With dropLast, an epoch's last batch is left out when it is short, unless it is
// the only one. batch is at least 1, rows are not empty.
func NewOrder(rows []int32, batch int, seed int64, dropLast bool) *Order {
	o := &Order{rows: rows, batch: min(batch, len(rows)), seed: seed}
	o.steps = len(rows) / o.batch
	if !dropLast && len(rows)%o.batch != 0 {
		o.steps++
	}
	ring := 2 + validSteps/o.steps
	o.epochs, o.held = make([][]int32, ring), make([]int64, ring)
	for i := range o.held {
		o.held[i] = -1
	}
	return o
}

// StepsPerEpoch returns the number of batches of an epoch.
func (o *Order) StepsPerEpoch() int { return o.steps }

// BatchSize returns the rows of a full batch.
func (o *Order) BatchSize() int { return o.batch }

// Batch returns the rows of a step, counted from 0 over all epochs.
func (o *Order) Batch(step int64) []int32 {
	epoch, at := step/int64(o.steps), int(step%int64(o.steps))*o.batch
	return o.epoch(epoch)[at:min(at+o.batch, len(o.rows))]
}

func (o *Order) epoch(epoch int64) []int32 {
	slot := epoch % int64(len(o.epochs))
	if o.held[slot] == epoch {
		return o.epochs[slot]
	}
	if o.epochs[slot] == nil {
		o.epochs[slot] = make([]int32, len(o.rows))
	}
	copy(o.epochs[slot], o.rows)
	newRandom(o.seed, streamOrder, uint64(epoch)).shuffle(o.epochs[slot])
	o.held[slot] = epoch
	return o.epochs[slot]
}
