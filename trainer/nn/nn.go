// Package nn trains small networks at the hardware's limit.
//
// A network is a static Graph, built once in a few lines and compiled for shapes and a largest batch: forward, backward
// and optimizer become a flat program over buffers that are planned once, so that memory, FLOPs and bits are known before the
// first step, and nothing allocates in a step.
//
// # How a step runs
//
// The rows of a batch are shared out among workers, always in the same way. Each gathers its rows and runs them
// forward and backward in an arena of its own, where values, gradients and workspace share memory as soon as their
// lives are over. After a barrier each worker adds the workers' gradients up over its own range of the weights, in
// the workers' order, and leaves the sum of their squares; after a second one all of them know the norm, whether
// everything is finite and what clipping asks for, and each updates its range. Batch norm alone needs barriers in between.
// Results are the same bits for the same seed, threads and instruction set.
//
// # How operations are written
//
// An operation (op) is a small type in the file of its family: it declares what it keeps from forward to backward and its
// workspace in setup, and then works on the worker's rows. Its gradients are compared with difference quotients by adding a
// network to the table in op_test.go, which also holds it to zero allocations and to batches smaller than the threads.
// All randomness is a function of seed, step, layer, row and column, not of what was drawn before.
package nn
