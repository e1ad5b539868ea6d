package nn

import (
	"math"
	"strings"
	"testing"

	"tuned/trainer/model"
)

// testData is n rows for any graph of the tests: k columns, codes of 5 and 3 levels, images of 5 × 4 × 2, labels of c classes, values.
func testData(n, k, c int) Data {
	r := newStream(7)
	d := Data{Rows: n}
	for i := range n {
		for j := range k {
			d.Numeric = append(d.Numeric, float32(r.normal(uint64(i*k+j))))
		}
		d.Codes = append(d.Codes, int32(i%5), int32(i*7%3))
		for j := range 5 * 4 * 2 {
			d.Pixels = append(d.Pixels, uint8(r.sub(2).bits(uint64(i*40+j))))
		}
		d.Labels = append(d.Labels, int32(r.bits(uint64(i))%uint64(c)))
		d.Values = append(d.Values, float32(r.sub(1).normal(uint64(i))))
	}
	return d
}

// testImages is n random images.
func testImages(n, height, width, channels int) Data {
	d := testData(n, 1, 10)
	r := newStream(3)
	d.Pixels = make([]uint8, n*height*width*channels)
	for i := range d.Pixels {
		d.Pixels[i] = uint8(r.bits(uint64(i)))
	}
	return d
}

func rowsTo(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

func mustCompile(t testing.TB, g *Graph, c Config, d Data) *Program {
	t.Helper()
	p, err := Compile(g, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := p.Bind(d); err != nil {
		t.Fatal(err)
	}
	return p
}

const testColumns = 6

// networks exercise every operation on the way from data to loss.
var networks = []struct {
	name  string
	build func(g *Graph)
	step  model.Step
}{
	{"linear mse", func(g *Graph) {
		g.MSE(g.Dense(g.Numeric(testColumns), 1, Dense{Bias: true}))
	}, model.Step{}},
	{"linear huber", func(g *Graph) {
		g.Huber(g.Dense(g.Numeric(testColumns), 1, Dense{Bias: true}), Loss{HuberDelta: 0.7})
	}, model.Step{}},
	{"linear sigmoid", func(g *Graph) {
		g.SigmoidCrossEntropy(g.Dense(g.Numeric(testColumns), 1, Dense{Bias: true}))
	}, model.Step{LabelSmoothing: 0.1}},
	{"softmax smoothed", func(g *Graph) {
		g.CrossEntropy(g.Dense(g.Numeric(testColumns), 2, Dense{}), Loss{})
	}, model.Step{LabelSmoothing: 0.1}},
	{"softmax weighted", func(g *Graph) {
		g.CrossEntropy(g.Dense(g.Numeric(testColumns), 2, Dense{Bias: true}), Loss{ClassWeights: []float64{0.3, 2}})
	}, model.Step{}},
	{"softmax of members", func(g *Graph) {
		g.Members(3)
		g.CrossEntropy(g.Dense(g.Numeric(testColumns), 6, Dense{Bias: true}), Loss{ClassWeights: []float64{0.3, 2}})
	}, model.Step{LabelSmoothing: 0.1}},
	{"mse of members", func(g *Graph) {
		g.Members(2)
		g.MSE(g.Dense(g.Numeric(testColumns), 2, Dense{Bias: true}))
	}, model.Step{}},
	{"huber of members", func(g *Graph) {
		g.Members(2)
		g.Huber(g.Dense(g.Numeric(testColumns), 2, Dense{Bias: true}), Loss{HuberDelta: 0.7})
	}, model.Step{}},
	{"sigmoid of members", func(g *Graph) {
		g.Members(2)
		g.SigmoidCrossEntropy(g.Dense(g.Numeric(testColumns), 2, Dense{Bias: true}))
	}, model.Step{LabelSmoothing: 0.1}},
	{"relu", hidden(Dense{Bias: true, Activation: ReLU}), model.Step{}},
	{"relu dropout", hidden(Dense{Bias: true, Activation: ReLU, Dropout: true}), model.Step{Dropout: 0.3}},
	{"selu parametric ntk dropout", hidden(Dense{Bias: true, NTK: true, Activation: SELU, Parametric: true, Dropout: true, Init: InitNormal}), model.Step{Dropout: 0.2}},
	{"mish", hidden(Dense{Activation: Mish}), model.Step{}},
	{"mish parametric", hidden(Dense{Bias: true, Activation: Mish, Parametric: true}), model.Step{}},
	{"gelu", hidden(Dense{Activation: GELU}), model.Step{}},
	{"silu", hidden(Dense{Activation: SiLU}), model.Step{}},
	{"tanh dropout", hidden(Dense{Activation: Tanh, Dropout: true}), model.Step{Dropout: 0.5}},
	{"identity parametric", hidden(Dense{Parametric: true}), model.Step{}},
	{"dense chain", func(g *Graph) {
		x := g.Dense(g.Numeric(testColumns), 5, Dense{Bias: true, Activation: ReLU})
		x = g.Dense(x, 4, Dense{Bias: true, Activation: GELU})
		g.MSE(g.Dense(x, 1, Dense{}))
	}, model.Step{}},
	{"scale", func(g *Graph) {
		g.MSE(g.Dense(g.Scale(g.Dense(g.Numeric(testColumns), 4, Dense{}), "s"), 1, Dense{}))
	}, model.Step{}},
	{"activate and dropout", func(g *Graph) {
		x := g.Dropout(g.Activate(g.Dense(g.Numeric(testColumns), 4, Dense{}), Tanh))
		g.MSE(g.Dense(x, 1, Dense{}))
	}, model.Step{Dropout: 0.25}},
	{"residual", func(g *Graph) {
		x := g.Dense(g.Numeric(testColumns), 5, Dense{})
		x = g.Add(x, g.Dense(x, 5, Dense{Activation: Tanh}))
		g.MSE(g.Dense(g.Add(x, x), 1, Dense{}))
	}, model.Step{}},
	{"columns shared", func(g *Graph) {
		x := g.Dense(g.Numeric(testColumns), 6, Dense{})
		g.MSE(g.Dense(g.Concat(g.Columns(x, 1, 4), g.Columns(x, 3, 6), x), 1, Dense{}))
	}, model.Step{}},
	{"embed", func(g *Graph) {
		x := g.Concat(g.Numeric(testColumns), g.Embed(g.Codes([]int{5, 3}), 3, "e"))
		g.MSE(g.Dense(x, 1, Dense{}))
	}, model.Step{}},
	{"pbld", func(g *Graph) {
		g.MSE(g.Dense(g.PBLD(g.Numeric(testColumns), 4, 3, 0.3, "p"), 1, Dense{}))
	}, model.Step{}},
	{"pbld behind a layer", func(g *Graph) {
		x := g.Dense(g.Numeric(testColumns), 3, Dense{})
		g.MSE(g.Dense(g.Concat(g.PBLD(x, 4, 4, 0.3, "p"), x), 1, Dense{}))
	}, model.Step{}},
	{"ple", func(g *Graph) {
		g.MSE(g.Dense(g.PLE(g.Numeric(testColumns), testBins(testColumns), 3, "p"), 1, Dense{}))
	}, model.Step{}},
	{"ple behind a layer", func(g *Graph) {
		x := g.Dense(g.Numeric(testColumns), 3, Dense{})
		g.MSE(g.Dense(g.Concat(x, g.PLE(x, testBins(3), 2, "p")), 1, Dense{}))
	}, model.Step{}},
	{"reshape twice", func(g *Graph) {
		x := g.Dense(g.Numeric(testColumns), 6, Dense{})
		y := g.Reshape(g.Reshape(x, Shape{1, 3, 2}), flat(6))
		g.MSE(g.Dense(g.Add(y, x), 1, Dense{}))
	}, model.Step{}},
	{"layer norm", func(g *Graph) {
		g.MSE(g.Dense(g.LayerNorm(g.Dense(g.Numeric(testColumns), 5, Dense{}), "n"), 1, Dense{}))
	}, model.Step{}},
	{"batch norm", func(g *Graph) {
		g.MSE(g.Dense(g.BatchNorm(g.Dense(g.Numeric(testColumns), 5, Dense{}), "n"), 1, Dense{}))
	}, model.Step{}},
	{"conv 3x3 padded", image(func(g *Graph, x *Node) *Node {
		x = g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: Tanh})
		return g.Conv2D(x, 2, Conv{Kernel: 3, Pad: 1, Bias: true})
	}), model.Step{}},
	{"conv 3x3 relu", image(func(g *Graph, x *Node) *Node {
		return g.Conv2D(g.Conv2D(x, 3, Conv{Kernel: 2, Activation: ReLU}), 2, Conv{Kernel: 3, Pad: 2})
	}), model.Step{}},
	{"conv 3x3 strided", image(func(g *Graph, x *Node) *Node {
		x = g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1})
		return g.Concat(x, g.Conv2D(x, 2, Conv{Kernel: 3, Pad: 1, Stride: 2, Bias: true}))
	}), model.Step{}},
	{"conv 3x3 of many channels", image(func(g *Graph, x *Node) *Node {
		x = g.Conv2D(x, 16, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: Tanh})
		x = g.Conv2D(x, 16, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: GELU})
		return g.Add(x, g.AvgPool(g.Conv2D(x, 16, Conv{Kernel: 3, Pad: 2, Bias: true, Activation: SiLU}), 3, 1))
	}), model.Step{}},
	{"conv 1x1 residual", image(func(g *Graph, x *Node) *Node {
		x = g.Conv2D(x, 3, Conv{Kernel: 1, Bias: true})
		return g.Add(x, g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1, Activation: GELU}))
	}), model.Step{}},
	{"conv 1x1 strided", image(func(g *Graph, x *Node) *Node {
		return g.Conv2D(g.Conv2D(x, 3, Conv{Kernel: 1}), 2, Conv{Kernel: 1, Stride: 2})
	}), model.Step{}},
	{"conv batch norm layer norm", image(func(g *Graph, x *Node) *Node {
		x = g.LayerNorm(g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1}), "")
		return g.Activate(g.BatchNorm(g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1}), ""), SiLU)
	}), model.Step{}},
	{"conv 1d", func(g *Graph) {
		x := g.Reshape(g.Dense(g.Numeric(testColumns), 12, Dense{}), Shape{1, 6, 2})
		x = g.Conv1D(g.Conv1D(x, 3, Conv{Kernel: 3, Pad: 1, Bias: true}), 2, Conv{Kernel: 3, Stride: 2, Pad: 1})
		g.MSE(g.Dense(g.MaxPool(x, 2, 1), 1, Dense{}))
	}, model.Step{}},
	{"max pool 2x2", image(func(g *Graph, x *Node) *Node {
		x = g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1})
		return g.Concat(g.MaxPool(x, 2, 2), x)
	}), model.Step{}},
	{"conv relu max pool", image(func(g *Graph, x *Node) *Node {
		return g.MaxPool(g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: ReLU}), 2, 2)
	}), model.Step{}},
	{"conv bias max pool 1d", func(g *Graph) {
		x := g.Reshape(g.Dense(g.Numeric(testColumns), 12, Dense{}), Shape{1, 6, 2})
		g.MSE(g.Dense(g.MaxPool(g.Conv1D(x, 3, Conv{Kernel: 3, Bias: true}), 3, 1), 1, Dense{}))
	}, model.Step{}},
	{"conv silu dense", image(func(g *Graph, x *Node) *Node {
		x = g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1, Bias: true, Activation: SiLU})
		return g.Conv2D(x, 2, Conv{Kernel: 1, Bias: true, Activation: SiLU})
	}), model.Step{}},
	{"max pool 3x3", image(func(g *Graph, x *Node) *Node {
		return g.MaxPool(g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1}), 3, 1)
	}), model.Step{}},
	{"average pool", image(func(g *Graph, x *Node) *Node {
		x = g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1})
		return g.Concat(g.AvgPool(x, 2, 2), g.AvgPool(x, 3, 1))
	}), model.Step{}},
	{"global pool", image(func(g *Graph, x *Node) *Node {
		x = g.Conv2D(x, 3, Conv{Kernel: 3, Pad: 1})
		return g.Concat(g.GlobalPool(x), x, g.GlobalPool(x))
	}), model.Step{}},
	{"changed images", image(func(g *Graph, x *Node) *Node {
		return g.Conv2D(g.Augment(x, Augment{Flip: true, Crop: 2}), 3, Conv{Kernel: 3, Pad: 1, Activation: Tanh})
	}), model.Step{}},
	{"mlp", realMLP, model.Step{Dropout: 0.15, LabelSmoothing: 0.1}},
}

func hidden(o Dense) func(g *Graph) {
	return func(g *Graph) {
		g.CrossEntropy(g.Dense(g.Dense(g.Numeric(testColumns), 5, o), 2, Dense{Bias: true}), Loss{})
	}
}

// image puts layers between a picture of 5 × 4 × 2 and a dense layer.
func image(layers func(g *Graph, x *Node) *Node) func(g *Graph) {
	return func(g *Graph) {
		x := g.Pixels(5, 4, 2, []float64{0.5, 0.4}, []float64{0.3, 0.2})
		g.MSE(g.Dense(layers(g, x), 1, Dense{}))
	}
}

func testBins(columns int) [][]float32 {
	bins := make([][]float32, columns)
	for i := range bins {
		bins[i] = []float32{-1.1, -0.4, 0.3, 1.2}[:2+i%3]
	}
	return bins
}

// realMLP is the shape of the mlp architecture.
func realMLP(g *Graph) {
	x := g.Numeric(testColumns)
	common := g.Components(x, 4, 2)
	g.Group("scale", 6, 1)
	g.Group("bias", 0.1, 0)
	x = g.Scale(g.Concat(
		g.PBLD(common, 4, 4, 0.1, "embedding"), g.PBLD(g.Columns(x, 0, 4), 4, 4, 0.1, "embedding"), g.Columns(x, 4, 6), g.Embed(g.Codes([]int{5, 3}), 3, "embedding"),
	), "scale")
	o := Dense{NTK: true, Bias: true, Activation: Mish, Parametric: true, Dropout: true, Init: InitData, Groups: Groups{Bias: "bias", Activation: "bias"}}
	x = g.Dense(g.Dense(x, 8, o), 8, o)
	g.CrossEntropy(g.Dense(x, 2, Dense{NTK: true, Bias: true, Init: InitData, Groups: Groups{Bias: "bias"}}), Loss{})
}

// TestGradients compares every parameter's gradient with central differences of the loss.
func TestGradients(t *testing.T) {
	for _, c := range networks {
		t.Run(c.name, func(t *testing.T) {
			g := New()
			c.build(g)
			p := mustCompile(t, g, Config{MaxBatch: 8, Threads: 2, Seed: 6}, testData(20, testColumns, 2))
			jitter(p)
			checkGradients(t, p, rowsTo(7), c.step)
		})
	}
}

// jitter moves every parameter off special values such as 0 and 1, which hide mistakes.
func jitter(p *Program) {
	for i, q := range p.params {
		for j := range q.value {
			q.value[j] += float32(0.1 * newStream(11, int64(i)).normal(uint64(j)))
		}
	}
}

// isFrozen reports whether a weight belongs to code 0 of an embedding.
func isFrozen(q *param, i int) bool {
	return strings.HasPrefix(q.name, "table") && i < q.shape[1]
}

// checkGradients compares with central differences, of all weights or every eleventh or so of large tensors, at smaller and smaller distances while they disagree: kinks (ReLU,
// maxima) spoil large ones, rounding small ones.
func checkGradients(t *testing.T, p *Program, rows []int32, s model.Step) {
	t.Helper()
	s.NoUpdate = true
	p.Step(rows, s)
	gradient := append([]float32(nil), p.workers[0].gradients...)
	for _, q := range p.params {
		for i := 0; i < len(q.value); i += 1 + 10*(len(q.value)/1000) {
			if isFrozen(q, i) {
				continue
			}
			got, want := float64(gradient[q.offset+i]), 0.0
			for _, h := range []float32{4e-3, 1e-3, 3e-4} {
				want = quotient(p, rows, s, &q.value[i], h)
				if math.Abs(got-want) < 2e-3+1e-2*math.Abs(want) {
					break
				}
			}
			if math.Abs(got-want) > 4e-3+1e-2*math.Abs(want) {
				t.Errorf("%s.%s[%d]: gradient %.5f, difference quotient %.5f", q.layer, q.name, i, got, want)
			}
		}
	}
}

// quotient is the central difference quotient of the loss at a weight.
func quotient(p *Program, rows []int32, s model.Step, v *float32, h float32) float64 {
	old := *v
	above, below := old+h, old-h
	*v = above
	loss := p.Step(rows, s).Loss
	*v = below
	loss -= p.Step(rows, s).Loss
	*v = old
	return loss / float64(above-below)
}
