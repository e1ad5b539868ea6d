package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	"tuned/trainer/nn/kernel"
)

// net is a network that both sides train on the same rows.
type net struct {
	name     string
	batch    int
	rows     int // of data
	inputs   int // values a row
	images   bool
	half     bool // products are of bfloat16
	classes  int
	step     model.Step
	build    func(g *nn.Graph)
	products int64 // operations in products for a row, forward and backward
}

// adam is a plain step; regular is the mlp architecture's.
var (
	adam    = model.Step{LR: 1e-3, WeightDecay: 1e-2, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	regular = model.Step{LR: 1e-2, WeightDecay: 1e-2, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8, Dropout: 0.15, LabelSmoothing: 0.1}
)

var nets = []net{
	{
		name: "mlp-plain", batch: 256, rows: 8192, inputs: 54, classes: 7, step: adam, build: plain,
		products: dense(true, 54, 256, 256, 256, 7),
	},
	{
		name: "mlp-full", batch: 256, rows: 8192, inputs: 54, classes: 7, step: regular, build: full,
		products: dense(false, 54*4, 256, 256, 256, 7) + 54*3*product(16, 3) + 54*product(1, 16),
	},
	{
		name: "cnn", batch: 128, rows: 1024, inputs: 28 * 28, images: true, classes: 10, step: adam, build: cnn,
		products: 2*conv(28, 1, 32) + 3*conv(14, 32, 64) + dense(false, 7*7*64, 128, 10),
	},
	{
		name: "resnet9", batch: 128, rows: 256, inputs: 32 * 32 * 3, images: true, classes: 10, step: adam, build: resnet9,
		products: 2*conv(32, 3, 64) + 3*(conv(32, 64, 128)+2*conv(16, 128, 128)+conv(16, 128, 256)+conv(8, 256, 512)+2*conv(4, 512, 512)) + dense(false, 512, 10),
	},
}

// measured are the nets, and behind each one without images, where that is quicker, the same with products of bfloat16.
func measured() []net {
	var all []net
	for _, n := range nets {
		all = append(all, n)
		if !n.images && kernel.Halves() {
			n.half = true
			all = append(all, n)
		}
	}
	return all
}

// product is one product's operations for a row.
func product(in, out int64) int64 { return 2 * in * out }

// conv is a 3×3 convolution's operations for one image.
func conv(side, in, out int64) int64 { return side * side * product(9*in, out) }

// dense counts layers of these widths, forward and backward; the first one's inputs need no gradient when they are data.
func dense(data bool, widths ...int64) (flops int64) {
	for i, in := range widths[:len(widths)-1] {
		flops += 3 * product(in, widths[i+1])
	}
	if data {
		flops -= product(widths[0], widths[1])
	}
	return flops
}

// plain is a plain network for tables.
func plain(g *nn.Graph) {
	x := g.Numeric(54)
	for range 3 {
		x = g.Dense(x, 256, nn.Dense{Bias: true, Activation: nn.ReLU})
	}
	g.CrossEntropy(g.Dense(x, 7, nn.Dense{Bias: true}), nn.Loss{})
}

// full is the mlp architecture with all of its parts, as it stands after the built-in rules.
func full(g *nn.Graph) {
	g.Group("scale", 6, 1)
	g.Group("bias", 0.1, 0)
	g.Group("embedding", 0.1, 1)
	g.Group("activation", 0.1, 1)
	groups := nn.Groups{Bias: "bias", Activation: "activation"}
	x := g.Scale(g.PBLD(g.Numeric(54), 16, 4, 0.1, "embedding"), "scale")
	for range 3 {
		x = g.Dense(x, 256, nn.Dense{
			NTK: true, Bias: true, Activation: nn.SELU, Parametric: true, Dropout: true, Init: nn.InitData, Groups: groups,
		})
	}
	g.CrossEntropy(g.Dense(x, 7, nn.Dense{NTK: true, Bias: true, Init: nn.InitData, Groups: groups}), nn.Loss{})
}

// cnn is a small network for images of 28 × 28.
func cnn(g *nn.Graph) {
	o := nn.Conv{Kernel: 3, Pad: 1, Bias: true, Activation: nn.ReLU}
	x := g.MaxPool(g.Conv2D(g.Pixels(28, 28, 1, nil, nil), 32, o), 2, 2)
	x = g.MaxPool(g.Conv2D(x, 64, o), 2, 2)
	x = g.Dense(x, 128, nn.Dense{Bias: true, Activation: nn.ReLU})
	g.CrossEntropy(g.Dense(x, 10, nn.Dense{Bias: true}), nn.Loss{})
}

// resnet9 is the usual small residual network for images of 32 × 32 × 3.
func resnet9(g *nn.Graph) {
	block := func(x *nn.Node, channels int) *nn.Node {
		return g.Activate(g.BatchNorm(g.Conv2D(x, channels, nn.Conv{Kernel: 3, Pad: 1}), ""), nn.ReLU)
	}
	x := block(g.Pixels(32, 32, 3, nil, nil), 64)
	x = g.MaxPool(block(x, 128), 2, 2)
	x = g.Add(x, block(block(x, 128), 128))
	x = g.MaxPool(block(x, 256), 2, 2)
	x = g.MaxPool(block(x, 512), 2, 2)
	x = g.Add(x, block(block(x, 512), 512))
	g.CrossEntropy(g.Dense(g.GlobalPool(x), 10, nn.Dense{Bias: true}), nn.Loss{})
}

// data are random rows, the same for both sides.
func (n *net) data() nn.Data {
	r := rand.New(rand.NewPCG(7, 11))
	d := nn.Data{Rows: n.rows, Labels: make([]int32, n.rows)}
	for i := range d.Labels {
		d.Labels[i] = r.Int32N(int32(n.classes))
	}
	if n.images {
		d.Pixels = make([]uint8, n.rows*n.inputs)
		for i := range d.Pixels {
			d.Pixels[i] = uint8(r.Uint32())
		}
		return d
	}
	d.Numeric = normals(r, n.rows*n.inputs)
	return d
}

// measure trains on a number of threads.
func (n *net) measure(threads int, budget time.Duration) (Net, error) {
	g := nn.New()
	if n.half {
		g.HalfProducts()
	}
	n.build(g)
	p, err := nn.Compile(g, nn.Config{MaxBatch: n.batch, Threads: threads, Seed: 1})
	if err != nil {
		return Net{}, err
	}
	defer p.Close()
	if err := p.Bind(n.data()); err != nil {
		return Net{}, err
	}
	order := order(n.rows)
	if err := p.Init(order); err != nil {
		return Net{}, err
	}
	at, bad := 0, false
	step := func() {
		bad = bad || !p.Step(order[at:at+n.batch], n.step).Finite
		at = (at + n.batch) % (n.rows / n.batch * n.batch)
	}
	before := peak(threads)
	took := bestStep(budget, threads, step)
	f := Net{Name: named(n.name, n.half), Batch: n.batch, Threads: threads, Peak: max(before, peak(threads)), Allocs: allocations(step)}
	if bad {
		return f, fmt.Errorf("training diverged")
	}
	f.Rows = float64(n.batch) / took.Seconds()
	f.Floor = f.Peak * 1e9 / float64(n.products)
	return f, nil
}

// bestStep is the shortest step: by processor time on one thread, by the clock on more.
func bestStep(budget time.Duration, threads int, step func()) time.Duration {
	if threads == 1 {
		return best(budget, step)
	}
	step()
	shortest := time.Duration(1 << 62)
	for end := time.Now().Add(budget); ; {
		start := time.Now()
		step()
		shortest = min(shortest, time.Since(start))
		if time.Now().After(end) {
			return shortest
		}
	}
}

// order is all rows, shuffled.
func order(rows int) []int32 {
	all := make([]int32, rows)
	for i, r := range rand.New(rand.NewPCG(3, 5)).Perm(rows) {
		all[i] = int32(r)
	}
	return all
}

// allocations is how many every step makes: the fewest among some, since the runtime makes its own now and then.
func allocations(step func()) float64 {
	fewest := uint64(math.MaxUint64)
	var before, after runtime.MemStats
	for range 5 {
		runtime.ReadMemStats(&before)
		step()
		runtime.ReadMemStats(&after)
		fewest = min(fewest, after.Mallocs-before.Mallocs)
	}
	return float64(fewest)
}
