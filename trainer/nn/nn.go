// Package nn trains small networks at the hardware's limit.
//
// A network is a static Graph, built once in a few lines and compiled for shapes and a largest batch: forward, backward
// and optimizer become a flat program over buffers that are planned once, so that memory, FLOPs and bits are known before the
// first step, and nothing allocates in a step.
package nn
