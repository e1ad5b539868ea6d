package nn

import (
	"math"
	"testing"
)

// value compiles a graph whose logits are one node, gives the parameters odd values, evaluates n rows and returns the node's values.
func value(t *testing.T, n int, build func(g *Graph) *Node) (*Program, []float32) {
	t.Helper()
	g := New()
	node := build(g)
	g.CrossEntropy(node, Loss{})
	p := mustCompile(t, g, Config{MaxBatch: n, Threads: 1, Seed: 2}, testData(n, testColumns, 2))
	jitter(p)
	p.Forward(rowsTo(n), nil)
	return p, p.workers[0].flat(node)
}

func close32(t *testing.T, what string, i int, got float32, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 1e-5*(1+math.Abs(want)) {
		t.Errorf("%s[%d] is %v, want %v", what, i, got, want)
	}
}

func TestPBLDByItsFormula(t *testing.T) {
	const f, size = 5, 4
	p, y := value(t, 9, func(g *Graph) *Node { return g.PBLD(g.Numeric(testColumns), f, size, 0.7, "") })
	w, c, v, b := p.params[0].value, p.params[1].value, p.params[2].value, p.params[3].value
	for i := range y {
		row, j, s := i/(testColumns*size), i/size%testColumns, i%size
		x := float64(p.data.Numeric[row*testColumns+j])
		want := x
		if s > 0 {
			want = float64(b[j*(size-1)+s-1])
			for k := range f {
				want += float64(v[(j*f+k)*(size-1)+s-1]) * math.Cos(2*math.Pi*float64(w[j*f+k])*x+float64(c[j*f+k]))
			}
		}
		close32(t, "pbld", i, y[i], want)
	}
}

func TestPLEByItsFormula(t *testing.T) {
	const size = 3
	bins := testBins(testColumns)
	p, y := value(t, 9, func(g *Graph) *Node { return g.PLE(g.Numeric(testColumns), bins, size, "") })
	w, b := p.params[0].value, p.params[1].value
	for i := range y {
		row, j, s := i/(testColumns*size), i/size%testColumns, i%size
		first := 0
		for _, e := range bins[:j] {
			first += len(e) - 1
		}
		want := float64(b[j*size+s])
		for k, e := range encode(float64(p.data.Numeric[row*testColumns+j]), bins[j]) {
			want += e * float64(w[(first+k)*size+s])
		}
		close32(t, "ple", i, y[i], want)
	}
}

// encode is the piecewise-linear encoding as the paper has it.
func encode(x float64, edges []float32) []float64 {
	e := make([]float64, len(edges)-1)
	for t := range e {
		low, high := float64(edges[t]), float64(edges[t+1])
		switch {
		case x < low && t > 0:
			e[t] = 0
		case x >= high && t < len(e)-1:
			e[t] = 1
		default:
			e[t] = (x - low) / (high - low)
		}
	}
	return e
}

func TestEmbedLooksUp(t *testing.T) {
	p, y := value(t, 9, func(g *Graph) *Node { return g.Embed(g.Codes([]int{5, 3}), 4, "") })
	for i := range y {
		row, j, s := i/8, i/4%2, i%4
		close32(t, "embed", i, y[i], float64(p.params[j].value[int(p.data.Codes[row*2+j])*4+s]))
	}
}

func TestMissingCodesAreZero(t *testing.T) {
	p := compileMLP(t, 1, 40)
	train(p, 5)
	for _, q := range p.params {
		for i, v := range q.value {
			if isFrozen(q, i) && v != 0 {
				t.Errorf("%s[%d], of code 0, is %v", q.name, i, v)
			}
		}
	}
}

// picture is pixel c at (y, x) of row r of the test data as Pixels normalises it, or 0 outside.
func picture(d Data, r, y, x, c int) float64 {
	if y < 0 || x < 0 || y >= 5 || x >= 4 {
		return 0
	}
	v := float64(d.Pixels[((r*5+y)*4+x)*2+c]) / 255
	return (v - []float64{0.5, 0.4}[c]) / []float64{0.3, 0.2}[c]
}

func testPixels(g *Graph) *Node { return g.Pixels(5, 4, 2, []float64{0.5, 0.4}, []float64{0.3, 0.2}) }

func TestConvByItsFormula(t *testing.T) {
	for _, o := range []Conv{
		{Kernel: 3, Pad: 1},
		{Kernel: 3, Pad: 2, Bias: true},
		{Kernel: 2, Bias: true, Activation: ReLU},
		{Kernel: 3, Pad: 1, Stride: 2},
		{Kernel: 1, Stride: 3},
		{Kernel: 4, Pad: 1, Stride: 2, Bias: true},
	} {
		p, y := value(t, 70, func(g *Graph) *Node { return g.Conv2D(testPixels(g), 3, o) })
		n := p.nodes[1]
		for i := range y {
			s, at := n.shape, i%n.Columns()
			want := convolved(p, o, i/n.Columns(), at/s.Channels/s.Width, at/s.Channels%s.Width, at%s.Channels)
			close32(t, "conv", i, y[i], want)
		}
	}
}

func convolved(p *Program, o Conv, r, y, x, out int) (sum float64) {
	w, stride := p.params[0].value, max(1, o.Stride)
	for ky := range o.Kernel {
		for kx := range o.Kernel {
			for c := range 2 {
				weight := w[((ky*o.Kernel+kx)*2+c)*3+out]
				sum += float64(weight) * picture(p.data, r, y*stride+ky-o.Pad, x*stride+kx-o.Pad, c)
			}
		}
	}
	if o.Bias {
		sum += float64(p.params[1].value[out])
	}
	if o.Activation == ReLU {
		sum = max(0, sum)
	}
	return sum
}

func TestConv1DIsConv2DOfOneLine(t *testing.T) {
	line := func(g *Graph) *Node { return g.Reshape(g.Numeric(testColumns), Shape{1, 3, 2}) }
	_, got := value(t, 9, func(g *Graph) *Node { return g.Conv1D(line(g), 3, Conv{Kernel: 2, Pad: 1}) })
	p, want := value(t, 9, func(g *Graph) *Node {
		return g.conv(line(g), 3, Conv{Kernel: 2, Pad: 1}, window{height: 1, width: 2, padX: 1})
	})
	for i := range want {
		close32(t, "conv1d", i, got[i], float64(want[i]))
	}
	x, w := p.data.Numeric, p.params[0].value // of the first place, the left half of the window is padding
	for c := range 3 {
		first := float64(x[0])*float64(w[6+c]) + float64(x[1])*float64(w[9+c])
		close32(t, "first place", c, got[c], first)
	}
}

func TestPoolsByTheirDefinition(t *testing.T) {
	for _, c := range []struct{ size, stride int }{{2, 2}, {3, 1}, {2, 1}, {4, 4}} {
		comparePool(t, c.size, c.stride, (*Graph).MaxPool, math.Max, math.Inf(-1), func(v float64) float64 { return v })
		n := float64(c.size * c.size)
		add := func(a, b float64) float64 { return a + b }
		comparePool(t, c.size, c.stride, (*Graph).AvgPool, add, 0, func(v float64) float64 { return v / n })
	}
}

func comparePool(t *testing.T, size, stride int, pool func(*Graph, *Node, int, int) *Node,
	fold func(a, b float64) float64, start float64, finish func(float64) float64,
) {
	t.Helper()
	p, y := value(t, 5, func(g *Graph) *Node { return pool(g, g.Scale(testPixels(g), ""), size, stride) })
	s, factor := p.output.shape, p.params[0].value
	for i := range y {
		at, acc := i%s.Size(), start
		oy, ox, c := at/s.Channels/s.Width*stride, at/s.Channels%s.Width*stride, at%s.Channels
		for k := range size * size {
			v := picture(p.data, i/s.Size(), oy+k/size, ox+k%size, c)
			acc = fold(acc, v*float64(factor[((oy+k/size)*4+ox+k%size)*2+c]))
		}
		close32(t, "pool", i, y[i], finish(acc))
	}
}

func TestGlobalPoolIsTheMean(t *testing.T) {
	p, y := value(t, 5, func(g *Graph) *Node { return g.GlobalPool(g.Scale(testPixels(g), "")) })
	for i := range y {
		var sum float64
		for k := range 20 {
			sum += picture(p.data, i/2, k/4, k%4, i%2) * float64(p.params[0].value[k*2+i%2])
		}
		close32(t, "global pool", i, y[i], sum/20)
	}
}

func TestLayerNormByItsFormula(t *testing.T) {
	p, y := value(t, 9, func(g *Graph) *Node { return g.LayerNorm(g.Numeric(testColumns), "") })
	gain, bias := p.params[0].value, p.params[1].value
	for i := range y {
		row := p.data.Numeric[i/testColumns*testColumns:][:testColumns]
		mean, variance := meanVariance(func(yield func(float64) bool) {
			for _, v := range row {
				yield(float64(v))
			}
		})
		j := i % testColumns
		want := (float64(row[j])-mean)/math.Sqrt(variance+1e-5)*float64(gain[j]) + float64(bias[j])
		close32(t, "layer norm", i, y[i], want)
	}
}

func meanVariance(values func(yield func(float64) bool)) (mean, variance float64) {
	var n, sum, squares float64
	for v := range values {
		n, sum, squares = n+1, sum+v, squares+v*v
	}
	return sum / n, squares/n - sum*sum/n/n
}

// TestBatchNormStatistics: a step normalises by the whole batch whatever the threads, moves the running statistics a
// tenth of the way, and Recalibrate finds those of all rows.
func TestBatchNormStatistics(t *testing.T) {
	const n = 50
	g := New()
	x := g.BatchNorm(g.Numeric(testColumns), "")
	g.CrossEntropy(g.Dense(x, 2, Dense{}), Loss{})
	p := mustCompile(t, g, Config{MaxBatch: n, Threads: 3, Seed: 2}, testData(n, testColumns, 2))
	p.Step(rowsTo(n), adamStep)
	running := p.Statistics()
	if len(running) != 2 {
		t.Fatalf("statistics: %v", running)
	}
	for pass, share := range []float64{0.1, 1} {
		for j := range testColumns {
			mean, variance := meanVariance(func(yield func(float64) bool) {
				for i := range n {
					yield(float64(p.data.Numeric[i*testColumns+j]))
				}
			})
			close32(t, "running mean", pass, running[0].Data[j], share*mean)
			close32(t, "running variance", pass, running[1].Data[j], 1-share+share*variance*n/(n-1))
		}
		p.Recalibrate(rowsTo(n))
	}
}

func TestBatchNormIgnoresThreads(t *testing.T) {
	losses := func(threads int) (l []float64) {
		g := New()
		x := g.Activate(g.BatchNorm(g.Dense(g.Numeric(testColumns), 8, Dense{}), ""), ReLU)
		g.CrossEntropy(g.Dense(x, 2, Dense{}), Loss{})
		p := mustCompile(t, g, Config{MaxBatch: 40, Threads: threads, Seed: 2}, testData(40, testColumns, 2))
		for range 5 {
			l = append(l, p.Step(rowsTo(40), adamStep).Loss)
		}
		return l
	}
	one, three := losses(1), losses(3)
	for i := range one {
		near(t, "loss with three threads", three[i], one[i])
	}
}

func TestLossesByTheirFormulas(t *testing.T) {
	d, rows := testData(12, testColumns, 2), rowsTo(12)
	for _, c := range []struct {
		name      string
		end       func(g *Graph, x *Node)
		outputs   int
		smoothing float64
		want      func(z []float64, i int) (loss, weight float64)
	}{
		{"mse", (*Graph).MSE, 1, 0, func(z []float64, i int) (float64, float64) {
			return math.Pow(z[0]-float64(d.Values[i]), 2), 1
		}},
		{"huber", func(g *Graph, x *Node) { g.Huber(x, Loss{HuberDelta: 0.5}) }, 1, 0, func(z []float64, i int) (float64, float64) {
			e := math.Abs(z[0] - float64(d.Values[i]))
			return min(e, 0.5) * (e - min(e, 0.5)/2), 1
		}},
		{"sigmoid", (*Graph).SigmoidCrossEntropy, 1, 0.2, func(z []float64, i int) (float64, float64) {
			p, y := 1/(1+math.Exp(-z[0])), 0.8*float64(d.Labels[i])+0.1
			return -y*math.Log(p) - (1-y)*math.Log(1-p), 1
		}},
		{"softmax", func(g *Graph, x *Node) { g.CrossEntropy(x, Loss{ClassWeights: []float64{2, 0.5, 1}}) }, 3, 0.3, func(z []float64, i int) (float64, float64) {
			total := math.Log(math.Exp(z[0]) + math.Exp(z[1]) + math.Exp(z[2]))
			loss, w := 0.0, []float64{2, 0.5, 1}[d.Labels[i]]
			for k, v := range z {
				q := 0.1
				if k == int(d.Labels[i]) {
					q += 0.7
				}
				loss -= q * (v - total)
			}
			return w * loss, w
		}},
	} {
		g := New()
		node := g.Dense(g.Numeric(testColumns), c.outputs, Dense{Bias: true})
		c.end(g, node)
		p := mustCompile(t, g, Config{MaxBatch: 12, Threads: 1, Seed: 2}, d)
		step := adamStep
		step.NoUpdate, step.LabelSmoothing = true, c.smoothing
		got, sum, weights := p.Step(rows, step).Loss, 0.0, 0.0
		for i := range rows {
			var z []float64
			for _, v := range p.workers[0].value(node).row(i, c.outputs) {
				z = append(z, float64(v))
			}
			loss, w := c.want(z, i)
			sum, weights = sum+loss, weights+w
		}
		near(t, c.name, got, sum/weights)
	}
}

// TestMembers compares networks side by side with each of them alone.
func TestMembers(t *testing.T) {
	d, rows := testData(12, testColumns, 3), rowsTo(12)
	for _, c := range []struct {
		name    string
		outputs int
		end     func(g *Graph, x *Node)
	}{
		{"softmax", 3, func(g *Graph, x *Node) { g.CrossEntropy(x, Loss{}) }},
		{"mse", 1, (*Graph).MSE},
	} {
		t.Run(c.name, func(t *testing.T) {
			both := New()
			x := both.Numeric(testColumns)
			parts := []*Node{both.Dense(x, c.outputs, Dense{Init: InitNormal}), both.Dense(x, c.outputs, Dense{Init: InitNormal})}
			both.Members(2)
			c.end(both, both.Concat(parts...))
			p := mustCompile(t, both, Config{MaxBatch: 12, Threads: 1}, d)
			out := make([]float32, 12*c.outputs)
			loss := p.Forward(rows, out)

			wantLoss, want := 0.0, make([]float64, len(out))
			for _, q := range p.Parameters() {
				one := New()
				c.end(one, one.Dense(one.Numeric(testColumns), c.outputs, Dense{}))
				alone := mustCompile(t, one, Config{MaxBatch: 12, Threads: 1}, d)
				copy(alone.Parameters()[0].Data, q.Data)
				part := make([]float32, len(out))
				wantLoss += alone.Forward(rows, part) / 2
				for i, v := range part {
					want[i] += float64(v) / 2
				}
			}
			if loss > wantLoss { // both losses are convex in what is predicted
				t.Errorf("loss %v of the mean, above %v, the members' own", loss, wantLoss)
			}
			for i, v := range out {
				if math.Abs(float64(v)-want[i]) > 1e-6 {
					t.Fatalf("output %d: %v, want %v", i, v, want[i])
				}
			}
		})
	}
}
