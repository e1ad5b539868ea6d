package nn

import "fmt"

// Data are whole arrays, row-major, which the program reads by row and never writes. They may be mapped files.
type Data struct {
	Rows    int
	Numeric []float32 // Rows × columns of Numeric
	Codes   []int32   // Rows × columns of Codes
	Pixels  []uint8   // Rows × height × width × channels
	Labels  []int32   // Rows, for CrossEntropy (classes) and SigmoidCrossEntropy (0 or 1); nil when predicting
	Values  []float32 // Rows, for MSE and Huber; nil when predicting
}

// Bind sets the arrays that rows refer to, after checking lengths, codes and labels. It may be called again.
func (p *Program) Bind(d Data) error {
	for _, n := range p.nodes {
		if err := d.check(n); err != nil {
			return fmt.Errorf("bind: %w", err)
		}
	}
	if err := d.checkTargets(p.loss.classes()); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	p.data = d
	return nil
}

// check compares an input with its array.
func (d *Data) check(n *Node) error {
	have := d.Rows * n.Columns()
	switch o := n.op.(type) {
	case *numericOp:
		have = len(d.Numeric)
	case *pixelsOp:
		have = len(d.Pixels)
	case *codesOp:
		have = len(d.Codes)
		if have == d.Rows*n.Columns() {
			return d.checkCodes(o.cardinalities)
		}
	}
	if have != d.Rows*n.Columns() {
		return fmt.Errorf("%s: %d values for %d rows of %d", n.op.name(), have, d.Rows, n.Columns())
	}
	return nil
}

func (d *Data) checkCodes(cardinalities []int) error {
	k := len(cardinalities)
	for i, c := range d.Codes {
		if c < 0 || int(c) >= cardinalities[i%k] {
			return fmt.Errorf("codes: row %d, column %d holds %d of %d", i/k, i%k, c, cardinalities[i%k])
		}
	}
	return nil
}

func (d *Data) checkTargets(classes int) error {
	if d.Labels != nil && len(d.Labels) != d.Rows || d.Values != nil && len(d.Values) != d.Rows {
		return fmt.Errorf("%d labels and %d values for %d rows", len(d.Labels), len(d.Values), d.Rows)
	}
	if classes == 0 {
		return nil
	}
	for i, l := range d.Labels {
		if l < 0 || int(l) >= classes {
			return fmt.Errorf("labels: row %d holds %d of %d classes", i, l, classes)
		}
	}
	return nil
}
