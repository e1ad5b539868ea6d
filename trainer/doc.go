// Package trainer executes a plan: it orders the work, computes every scalar of every step, judges what comes back,
// selects, reacts and keeps checkpoints. A session (trainer/model) does the arithmetic.
//
// # Same bits
//
// The loop submits segments, a number of steps that follows from the plan and the session's exact FLOP count and never
// from the clock. One segment is in flight while the one before it is judged; a reaction takes hold when the one in
// flight has ended. Cancelling and checkpoints happen between segments and save what was not judged yet, so that a run
// which was interrupted any number of times ends with the weights of one that was not.
//
// # Which members predict
//
// The plan's final setting names them; see Final for the grammar.
package trainer
