package nn

import "tuned/trainer/nn/kernel"

// Activation is a function applied to each value.
type Activation string

// The activations. The zero value is the identity.
const (
	Identity Activation = ""
	ReLU     Activation = "relu"
	GELU     Activation = "gelu" // x Φ(x), with the error function
	SiLU     Activation = "silu" // x σ(x)
	SELU     Activation = "selu"
	Mish     Activation = "mish" // x tanh(ln(1 + eˣ))
	Tanh     Activation = "tanh"
)

// activation finds the kernel of an activation.
func (g *Graph) activation(layer string, f Activation) kernel.Activation {
	if f == Identity {
		return kernel.Identity
	}
	k, ok := kernel.ParseActivation(string(f))
	if !ok {
		g.fail("%s: unknown activation %q", layer, f)
	}
	return k
}

// Activate applies f to each value.
func (g *Graph) Activate(x *Node, f Activation) *Node {
	o := &activateOp{f: g.activation("activate", f)}
	return g.add(x.shape, o, x)
}

type activateOp struct {
	f kernel.Activation
	n *Node
}

func (*activateOp) name() string { return "activate" }

func (o *activateOp) setup(c *compiler, n *Node) {
	o.n = n
	c.keepInput(n, 0)
}

func (o *activateOp) forward(w *worker) {
	kernel.Activate(o.f, w.flat(o.n), w.flat(o.n.in[0]))
}

func (o *activateOp) backward(w *worker) {
	if !w.wants(o.n, 0) {
		return
	}
	dy := w.flatGrad(o.n)
	dx := w.into(o.n, 0, dy)
	kernel.ActivateGrad(o.f, dx, dy, w.flat(o.n.in[0]))
	w.contribute(o.n, 0, dx)
}

func (o *activateOp) cost() cost { return each(o.n, 1, 2) }

// each is a cost for each value of a node.
func each(n *Node, forward, backward int64) cost {
	return cost{forward: forward * int64(n.Columns()), backward: backward * int64(n.Columns())}
}

// Dropout applies the step's dropout to each value.
func (g *Graph) Dropout(x *Node) *Node { return g.add(x.shape, &dropoutOp{}, x) }

type dropoutOp struct{ n *Node }

func (*dropoutOp) name() string                 { return "dropout" }
func (o *dropoutOp) setup(_ *compiler, n *Node) { o.n = n }
func (o *dropoutOp) cost() cost                 { return each(o.n, 1, 1) }

func (o *dropoutOp) forward(w *worker) {
	y, x := w.flat(o.n), w.flat(o.n.in[0])
	if !w.drops() {
		copy(y, x)
		return
	}
	w.drop(o.n, y, x)
}

func (o *dropoutOp) backward(w *worker) {
	if !w.wants(o.n, 0) {
		return
	}
	dy := w.flatGrad(o.n)
	if w.drops() {
		w.drop(o.n, dy, dy)
	}
	w.contribute(o.n, 0, dy)
}
