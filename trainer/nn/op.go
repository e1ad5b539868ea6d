package nn

// op is one operation of a graph. An operation belongs to one node, and one program.
type op interface {
	name() string
	// setup declares, before memory is planned, what forward must leave for backward, and workspace.
	setup(c *compiler, n *Node)
	// forward computes the node's value for the worker's rows.
	forward(w *worker)
	// backward reads the gradient of the node's value, which it may overwrite, adds to the inputs' gradients by
	// w.gradient, and writes its parameters' gradients.
	backward(w *worker)
	// cost counts the floating-point operations of one row.
	cost() cost
}

// cost counts floating-point operations: a multiply and an add are two, an elementary function is one.
type cost struct{ forward, backward int64 }

// strided is implemented by operations that can write rows at a distance: into a part of a Concat.
type strided interface{ strided() }

// parametric is implemented by operations with parameters.
type parametric interface{ parameters() []*param }

// matrix is rows of numbers, ld apart.
type matrix struct {
	data []float32
	ld   int
}

func (m matrix) row(i, width int) []float32 { return m.data[i*m.ld : i*m.ld+width : i*m.ld+width] }

// param is one tensor of weights.
type param struct {
	layer, name string
	shape       []int
	group       int
	// scale is s where the stored weights are s times the parameter that the optimizer moves (NTK): learning rate, epsilon and
	// gradient norm are adjusted instead of every product with the weights.
	scale  float64
	fill   func(r stream, v []float32)
	offset int
	value  []float32
}

func (p *param) size() int {
	n := 1
	for _, d := range p.shape {
		n *= d
	}
	return n
}

// newParam adds a parameter to the graph.
func (g *Graph) newParam(layer, name, group string, fill func(stream, []float32), shape ...int) *param {
	p := &param{layer: layer, name: name, shape: shape, group: g.group(group), scale: 1, fill: fill}
	g.params = append(g.params, p)
	return p
}

// The usual beginnings of parameters.

func fillZero(_ stream, v []float32) { clear(v) }

func fillOne(_ stream, v []float32) {
	for i := range v {
		v[i] = 1
	}
}

func fillNormal(sd float64) func(stream, []float32) {
	return func(r stream, v []float32) {
		for i := range v {
			v[i] = float32(sd * r.normal(uint64(i)))
		}
	}
}

func fillUniform(bound float64) func(stream, []float32) {
	return func(r stream, v []float32) {
		for i := range v {
			v[i] = float32(bound * (2*r.uniform(uint64(i)) - 1))
		}
	}
}
