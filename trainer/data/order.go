package data

import (
	"slices"

	"tuned/trainer/data/random"
)

// Order is the order of training rows: a fresh permutation for each epoch, a function of seed and epoch alone, cut
// into batches. Any step can be asked for at any time, so that a resumed run continues exactly where it was.
//
// An Order is for one goroutine. It holds a single permutation, however few steps an epoch has: a batch that spans an epoch is as
// large as that, so that a number of steps would bound nothing.
type Order struct {
	rows  []int32
	batch int
	seed  int64
	steps int
	epoch []int32 // the permutation asked for last
	held  int64   // of which epoch; -1: none yet
}

// NewOrder orders rows into batches. An epoch's last batch is left out where it would be short, unless it is the only one. batch is at
// least 1, rows are not empty.
func NewOrder(rows []int32, batch int, seed int64) *Order {
	batch = min(batch, len(rows))
	return &Order{rows: rows, batch: batch, seed: seed, steps: len(rows) / batch, epoch: make([]int32, len(rows)), held: -1}
}

// StepsPerEpoch returns the number of batches of an epoch.
func (o *Order) StepsPerEpoch() int { return o.steps }

// BatchSize returns the rows of a batch.
func (o *Order) BatchSize() int { return o.batch }

// Batch returns the rows of a step, counted from 0 over all epochs. They are the caller's: whatever is asked for later leaves them as
// they are.
func (o *Order) Batch(step int64) []int32 {
	at := int(step%int64(o.steps)) * o.batch
	return slices.Clone(o.permutation(step / int64(o.steps))[at : at+o.batch])
}

func (o *Order) permutation(epoch int64) []int32 {
	if o.held != epoch {
		copy(o.epoch, o.rows)
		random.New(o.seed, random.Order, uint64(epoch)).Shuffle(o.epoch)
		o.held = epoch
	}
	return o.epoch
}
