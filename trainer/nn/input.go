package nn

type todo struct{}

func (todo) name() string { return "todo" }

// Numeric adds the numeric matrix as an input: [B, columns], gathered by row.
func (g *Graph) Numeric(columns int) *Node { return g.add(flat(columns), todo{}) }

// Codes adds the categorical codes as an input, for Embed: column i holds 0 … cardinalities[i]-1.
func (g *Graph) Codes(cardinalities []int) *Node { return g.add(flat(len(cardinalities)), todo{}) }

// Pixels adds images as an input, float32 (v/255 - mean)/std for each channel; nil mean and std: v/255.
func (g *Graph) Pixels(height, width, channels int, mean, std []float64) *Node {
	return g.add(Shape{height, width, channels}, todo{})
}

// Columns is the columns from … to-1 of x.
func (g *Graph) Columns(x *Node, from, to int) *Node { return g.add(flat(to-from), todo{}, x) }

// Concat joins the columns of flat nodes.
func (g *Graph) Concat(xs ...*Node) *Node { return g.add(flat(1), todo{}, xs...) }

// Reshape reads a row as another shape of the same size.
func (g *Graph) Reshape(x *Node, s Shape) *Node { return g.add(s, todo{}, x) }

// Add is a + b, of the same shape: a residual connection.
func (g *Graph) Add(a, b *Node) *Node { return g.add(a.shape, todo{}, a, b) }

// Activate applies f to each value.
func (g *Graph) Activate(x *Node, f Activation) *Node { return g.add(x.shape, todo{}, x) }

// Dropout applies the step's dropout to each value.
func (g *Graph) Dropout(x *Node) *Node { return g.add(x.shape, todo{}, x) }

// Scale multiplies each column by its own factor, which begins at 1.
func (g *Graph) Scale(x *Node, group string) *Node { return g.add(x.shape, todo{}, x) }

// Embed looks up a vector of size values for each column of codes, each column in its own table, and joins them.
// Tables begin at N(0, 1); code 0, missing or unseen, is the zero vector and stays it.
func (g *Graph) Embed(codes *Node, size int, group string) *Node {
	return g.add(flat(codes.Columns()*size), todo{}, codes)
}

// PBLD embeds each column x as [x, W cos(2π f x + c) + b], with its own frequencies f ~ N(0, sigma²) and c ~ U(-π, π);
// size values for each column, x included (arXiv 2407.04491).
func (g *Graph) PBLD(x *Node, frequencies, size int, sigma float64, group string) *Node {
	return g.add(flat(x.Columns()*size), todo{}, x)
}

// PLE embeds each column by a linear layer on its piecewise-linear encoding (arXiv 2203.05556): bins[i] are column i's edges,
// ascending, at least two.
func (g *Graph) PLE(x *Node, bins [][]float32, size int, group string) *Node {
	return g.add(flat(x.Columns()*size), todo{}, x)
}

// LayerNorm normalises each row over its values (an image: over channels, at each place), with a gain and a bias.
func (g *Graph) LayerNorm(x *Node, group string) *Node { return g.add(x.shape, todo{}, x) }

// BatchNorm normalises each channel over the batch, with a gain and a bias; evaluation uses running statistics.
func (g *Graph) BatchNorm(x *Node, group string) *Node { return g.add(x.shape, todo{}, x) }

// Conv are the options of a convolution: y = f(x * W + b).
type Conv struct {
	Name       string
	Kernel     int // side of the square kernel, or its length for Conv1D
	Stride     int // 0: 1
	Pad        int // zeros on each side
	Bias       bool
	Activation Activation
	Init       Init // InitKaiming, InitNormal or InitZero
	Groups     Groups
}

// Conv2D adds a convolution with channels outputs.
func (g *Graph) Conv2D(x *Node, channels int, o Conv) *Node { return g.add(x.shape, todo{}, x) }

// Conv1D adds a convolution along the width of a value of height 1.
func (g *Graph) Conv1D(x *Node, channels int, o Conv) *Node { return g.add(x.shape, todo{}, x) }

// MaxPool takes the largest value of each channel in windows of size × size (1 × size at height 1).
func (g *Graph) MaxPool(x *Node, size, stride int) *Node { return g.add(x.shape, todo{}, x) }

// AvgPool takes the mean of each channel in windows of size × size (1 × size at height 1).
func (g *Graph) AvgPool(x *Node, size, stride int) *Node { return g.add(x.shape, todo{}, x) }

// GlobalPool takes the mean of each channel over the whole image.
func (g *Graph) GlobalPool(x *Node) *Node { return g.add(flat(x.shape.Channels), todo{}, x) }

// Loss are the options of a loss.
type Loss struct {
	ClassWeights []float64 // CrossEntropy: a weight for each class; the loss is then the weighted mean; nil: all 1
	HuberDelta   float64   // Huber: where the loss turns linear; 0: 1
}

// CrossEntropy ends the graph: softmax cross-entropy against Data.Labels, with the step's label smoothing.
func (g *Graph) CrossEntropy(logits *Node, o Loss) {}

// SigmoidCrossEntropy ends the graph: one logit against labels 0 and 1. Forward yields the probability of 1.
func (g *Graph) SigmoidCrossEntropy(logit *Node, o Loss) {}

// MSE ends the graph: the squared error against Data.Values.
func (g *Graph) MSE(prediction *Node) {}

// Huber ends the graph: the squared error /2 up to HuberDelta, linear beyond, against Data.Values.
func (g *Graph) Huber(prediction *Node, o Loss) {}

// Method is an update rule.
type Method string

// The update rules.
const (
	AdamW       Method = "adamw" // Step's Beta1, Beta2, Epsilon; bias-corrected, decay decoupled
	SGDNesterov Method = "sgd"   // Step's Beta1 as momentum
)

// Optimizer is what updates the weights.
type Optimizer struct {
	Method   Method    // "": AdamW
	Averages []float64 // decays of running averages of the weights
}
