package nn

// Init is how a layer's weights begin.
type Init int

// The initialisations. Biases begin at 0 unless said otherwise.
const (
	InitKaiming Init = iota // N(0, 2/fan_in) before a ReLU-like activation, N(0, 1/fan_in) otherwise
	InitNormal              // N(0, 1); with NTK that is N(0, 1/fan_in) in effect
	InitData                // InitNormal, then columns rescaled to unit pre-activation SD on the init rows; bias "he+5"
	InitZero
)

// Dense are the options of a dense layer: y = f(x W + b).
type Dense struct {
	Name       string     // of its parameters: Name.weight, Name.bias, Name.slope; "" takes a number
	NTK        bool       // y = f(x W / √fan_in + b): learning rates keep their meaning across widths
	Bias       bool       // add b
	BiasInit   []float64  // initial b, one for each unit; overrules Init
	Activation Activation // f
	Parametric bool       // f becomes x + a (f(x) - x), a for each unit, beginning at 1
	Dropout    bool       // the step's dropout applies to y
	Init       Init
	Groups     Groups
}

// Dense adds a fully connected layer with units outputs; an image is read as one long row.
func (g *Graph) Dense(x *Node, units int, o Dense) *Node {
	return g.add(flat(units), denseOp{}, x)
}

type denseOp struct{}

func (denseOp) name() string { return "dense" }
