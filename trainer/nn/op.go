package nn

// op is one operation of a graph.
type op interface {
	name() string
}

// lossOp ends a graph.
type lossOp interface {
	op
}

// param is one tensor of weights.
type param struct {
	layer, name string
	shape       []int
	group       int
}
