package nn

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"tuned/trainer/nn/kernel"
)

// What a program's Init learns components from, at most.
const (
	componentRows = 2048
	componentSide = 256 // columns and rows: a decomposition takes the third power of the fewer of them
)

// leastDeviation is the least standard deviation of a component beside the first one's: below it, rounding decides.
const leastDeviation = 1e-3

// Components are the first n principal components of the first columns of x, which is the numeric matrix: sums of columns, each the one
// that tells rows apart best beyond those before it. Init finds them on its rows; they are not trained. Each is centred on its
// median, scaled by its middle half and bent below 3, whatever its variance: what is small in all columns may be what matters. Where
// there are fewer, the others are 0.
func (g *Graph) Components(x *Node, columns, n int) *Node {
	o := &componentsOp{layer: g.layer("", "components"), columns: columns}
	if _, ok := x.op.(*numericOp); !ok || columns < 1 || columns > x.Columns() {
		g.fail("components: of %d columns of a %s of %d", columns, x.op.name(), x.Columns())
		columns = 1
	}
	o.basis, o.centre = make([]float32, columns*max(n, 1)), make([]float32, max(n, 1))
	return g.add(flat(n), o, x)
}

// componentsOp is 3 tanh((x · basis + centre) / 3); both are stored divided by 3.
type componentsOp struct {
	n       *Node
	layer   string
	columns int
	basis   []float32 // columns × components
	centre  []float32
}

func (*componentsOp) name() string     { return "components" }
func (*componentsOp) backward(*worker) {}

func (o *componentsOp) cost() cost {
	return cost{forward: int64(o.n.Columns()) * (2*int64(o.columns) + 3)}
}

func (o *componentsOp) setup(c *compiler, n *Node) {
	o.n = n
	c.shared += 4 * int64(len(o.basis)+len(o.centre))
}

func (o *componentsOp) reset() {
	clear(o.basis)
	clear(o.centre)
}

func (o *componentsOp) statistics() []Tensor {
	return []Tensor{
		{Name: o.layer + ".basis", Shape: []int{o.columns, len(o.centre)}, Data: o.basis},
		{Name: o.layer + ".centre", Shape: []int{len(o.centre)}, Data: o.centre},
	}
}

func (o *componentsOp) forward(w *worker) {
	y, k := w.flat(o.n), o.n.Columns()
	w.product = kernel.Product{
		Form: kernel.AB, M: w.n, N: k, K: o.columns,
		A: w.matrix(o.n.in[0]), B: kernel.Matrix{Data: o.basis, Stride: k}, C: kernel.Matrix{Data: y, Stride: k},
		Bias: o.centre, Activation: kernel.Tanh,
	}
	kernel.Mul(&w.product, w.mul)
	kernel.Scale(y, 3, y)
}

// fit finds the components on rows of the numeric matrix, and returns the operations that it took.
func (o *componentsOp) fit(p *Program, rows []int32) (flops int64) {
	rows = spread(rows, componentRows)
	if o.columns > componentSide {
		rows = spread(rows, componentSide)
	}
	x := o.standardised(p.data.Numeric, rows)
	n, side := int64(len(rows)), int64(min(len(rows), o.columns))
	flops = 2*n*int64(o.columns)*side + 9*side*side*side + 2*n*int64(o.columns)*int64(len(o.centre))
	directions := x.directions(len(o.centre))
	for j, d := range directions {
		o.put(j, d, &x)
	}
	return flops
}

// standardised are rows of columns about their means, over their deviations; columns that do not vary are 0.
type standardised struct {
	*mat.Dense
	mean, factor []float64 // by column
}

func (o *componentsOp) standardised(all []float32, rows []int32) standardised {
	width := o.n.in[0].Columns()
	s := standardised{mat.NewDense(len(rows), o.columns, nil), make([]float64, o.columns), make([]float64, o.columns)}
	column := make([]float64, len(rows))
	for j := range o.columns {
		for i, r := range rows {
			column[i] = float64(all[int(r)*width+j])
		}
		mean, sd := stat.PopMeanStdDev(column, nil)
		if s.mean[j] = mean; sd > 1e-6 {
			s.factor[j] = 1 / sd
		}
		for i, v := range column {
			s.Set(i, j, (v-mean)*s.factor[j])
		}
	}
	return s
}

// directions are at most n of unit length, of the largest variance first, by the smaller of the two matrices of inner products: gonum's
// stat.PC, by singular values, takes two to five times as long.
func (s *standardised) directions(n int) [][]float64 {
	rows, columns := s.Dims()
	var gram mat.SymDense
	if columns <= rows {
		gram.SymOuterK(1, s.T())
	} else {
		gram.SymOuterK(1, s)
	}
	var e mat.EigenSym
	if !e.Factorize(&gram, true) {
		return nil
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	values := e.Values(nil) // ascending
	last := len(values) - 1
	var found [][]float64
	for j := last; j >= 0 && len(found) < n && values[j] > leastDeviation*leastDeviation*values[last]; j-- {
		v := mat.Col(nil, j, &vectors)
		if columns > rows {
			v = s.along(v)
		}
		found = append(found, upright(v))
	}
	return found
}

// along is the direction in columns of a vector of rows.
func (s *standardised) along(rows []float64) []float64 {
	_, columns := s.Dims()
	var v mat.VecDense
	v.MulVec(s.T(), mat.NewVecDense(len(rows), rows))
	v.ScaleVec(1/mat.Norm(&v, 2), &v)
	return mat.Col(make([]float64, columns), 0, &v)
}

// upright turns a direction such that its largest element is positive: a decomposition leaves that open.
func upright(v []float64) []float64 {
	at := 0
	for i := range v {
		if math.Abs(v[i]) > math.Abs(v[at]) {
			at = i
		}
	}
	if v[at] < 0 {
		for i := range v {
			v[i] = -v[i]
		}
	}
	return v
}

// put makes a direction component j.
func (o *componentsOp) put(j int, direction []float64, x *standardised) {
	var scores mat.VecDense
	scores.MulVec(x, mat.NewVecDense(len(direction), direction))
	sorted := mat.Col(nil, 0, &scores)
	slices.Sort(sorted)
	quarter := func(k int) float64 { return sorted[k*(len(sorted)-1)/4] }
	spread := quarter(3) - quarter(1)
	if whole := sorted[len(sorted)-1] - sorted[0]; spread < whole/100 { // hardly any row differs
		spread = whole / 2
	}
	k, centre := len(o.centre), -quarter(2)
	for i, v := range direction {
		weight := v * x.factor[i]
		centre -= weight * x.mean[i]
		o.basis[i*k+j] = float32(weight / spread / 3)
	}
	o.centre[j] = float32(centre / spread / 3)
}

// fitter is implemented by operations that look at the rows of initialisation by themselves.
type fitter interface {
	fit(p *Program, rows []int32) (flops int64)
}
