package nn

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// leaning are rows of columns that lean on each other: each is a normal number and half of the column before.
func leaning(rows, columns int) Data {
	d := testData(rows, columns, 2)
	for i := range d.Numeric {
		if i%columns > 0 {
			d.Numeric[i] += d.Numeric[i-1] / 2
		}
	}
	return d
}

// componentsOf initialises a program on all rows of the data, and returns the first n components of its columns.
func componentsOf(t *testing.T, d Data, columns, n int) (*Program, *mat.Dense) {
	t.Helper()
	g := New()
	node := g.Components(g.Numeric(len(d.Numeric)/d.Rows), columns, n)
	g.CrossEntropy(g.Dense(node, 2, Dense{}), Loss{})
	p := mustCompile(t, g, Config{MaxBatch: d.Rows, Threads: 1, Seed: 2}, d)
	if err := p.Init(rowsTo(d.Rows)); err != nil {
		t.Fatal(err)
	}
	p.Forward(rowsTo(d.Rows), nil)
	y := mat.NewDense(d.Rows, n, nil)
	for i, v := range p.workers[0].flat(node) {
		y.Set(i/n, i%n, float64(v))
	}
	return p, y
}

// unbent undoes the bend of a component.
func unbent(y *mat.Dense, j int) []float64 {
	column := mat.Col(nil, j, y)
	for i, v := range column {
		column[i] = 3 * math.Atanh(v/3)
	}
	return column
}

// TestComponents compares with gonum's, more rows than columns and fewer: equal but for sign, middle and scale, which is the middle half.
func TestComponents(t *testing.T) {
	for _, rows := range []int{60, 7} {
		const columns, behind, n = 9, 2, 5 // columns behind those that count, as one-hot columns are
		d := leaning(rows, columns+behind)
		_, y := componentsOf(t, d, columns, n)
		x := mat.NewDense(rows, columns, nil)
		for j := range columns {
			values := make([]float64, rows)
			for i := range values {
				values[i] = float64(d.Numeric[i*(columns+behind)+j])
			}
			mean, sd := stat.MeanStdDev(values, nil)
			for i, v := range values {
				x.Set(i, j, (v-mean)/sd)
			}
		}
		var pc stat.PC
		if !pc.PrincipalComponents(x, nil) {
			t.Fatal("gonum found no components")
		}
		var vectors, want mat.Dense
		pc.VectorsTo(&vectors)
		want.Mul(x, &vectors)
		for j := range n {
			got := unbent(y, j)
			if r := stat.Correlation(got, mat.Col(nil, j, &want), nil); math.Abs(r) < 0.9999 {
				t.Errorf("%d rows, component %d: correlation %.5f with gonum's", rows, j, r)
			}
			slices.Sort(got)
			middle, half := got[(rows-1)/2], got[3*(rows-1)/4]-got[(rows-1)/4]
			if math.Abs(middle) > 1e-4 || math.Abs(half-1) > 1e-4 {
				t.Errorf("%d rows, component %d: median %.5f, middle half %.5f", rows, j, middle, half)
			}
		}
	}
}

// TestFewerComponents: of columns that say the same there are fewer than are asked for, and a column that does not vary has none.
func TestFewerComponents(t *testing.T) {
	d := testData(40, 4, 2)
	for i := range d.Rows {
		row := d.Numeric[4*i:]
		row[1], row[2] = 3*row[0]+1, 7
	}
	p, y := componentsOf(t, d, 4, 4)
	for i := range d.Rows {
		if y.At(i, 2) != 0 || y.At(i, 3) != 0 {
			t.Fatalf("row %d: %v", i, mat.Row(nil, i, y))
		}
	}
	basis := p.Statistics()[0]
	for j, v := range basis.Data[2*4 : 3*4] {
		if v != 0 {
			t.Errorf("the column that does not vary weighs %v in component %d", v, j)
		}
	}
	if p.Facts().Recalibrates {
		t.Error("batches teach components nothing")
	}
}

// TestComponentsOutlast: steps change nothing about them, rows far out are bent, and another Init forgets them.
func TestComponentsOutlast(t *testing.T) {
	d := leaning(30, 4)
	d.Numeric[0] = 1e6
	p, y := componentsOf(t, d, 4, 2)
	if bent := mat.Max(y); bent > 3 {
		t.Errorf("a component of %v", bent)
	}
	before := slices.Clone(p.Statistics()[0].Data)
	p.Step(rowsTo(30), adamStep)
	if !slices.Equal(before, p.Statistics()[0].Data) {
		t.Error("a step moved the components")
	}
	if err := p.Init(nil); err != nil || slices.Max(p.Statistics()[0].Data) != 0 {
		t.Errorf("%v, and after Init without rows there are components", err)
	}
}

func TestComponentsOfOtherThanNumbers(t *testing.T) {
	g := New()
	g.CrossEntropy(g.Dense(g.Components(g.Dense(g.Numeric(4), 4, Dense{}), 4, 2), 2, Dense{}), Loss{})
	if _, err := Compile(g, Config{MaxBatch: 1, Threads: 1}); err == nil {
		t.Error("components of a dense layer compile")
	}
}
