package trees

import (
	"hash/maphash"

	"tuned/trainer/nn"
	"tuned/trainer/npy"
)

// told is what a complete forest said of rows. Evaluations ask about the same ones after each pass over the data, and for each
// set of the network's weights, while it stands.
type told struct {
	forest  *Forest
	tensors []nn.Tensor // its parameters
	seed    maphash.Seed
	by      uint64    // the contents of the tensors that said it
	known   []bool    // by row of the view
	values  []float32 // row × outputs
	asked   []int32   // of one call: rows that are not known yet
	said    []float32 // of one call: what is said of them
}

func newTold(f *Forest) told {
	return told{forest: f, tensors: f.Parameters(), seed: maphash.MakeSeed()}
}

// about asks the forest about those of the rows that it was not asked about, unless other trees stand in its tensors by now.
func (t *told) about(rows []int32) []float32 {
	k := t.forest.Outputs()
	if t.known == nil {
		t.known, t.values = make([]bool, t.forest.rows), make([]float32, t.forest.rows*k)
	}
	if by := t.mark(); by != t.by {
		clear(t.known)
		t.by = by
	}
	t.asked = t.asked[:0]
	for _, r := range rows {
		if !t.known[r] {
			t.known[r] = true
			t.asked = append(t.asked, r)
		}
	}
	if need := len(t.asked) * k; len(t.said) < need {
		t.said = make([]float32, need)
	}
	t.forest.Predict(t.asked, t.said)
	for i, r := range t.asked {
		copy(t.values[int(r)*k:int(r+1)*k], t.said[i*k:])
	}
	return t.values
}

// forget is told that the rows are others.
func (t *told) forget() { clear(t.known) }

// mark tells the contents of the forest's tensors from others.
func (t *told) mark() uint64 {
	var h maphash.Hash
	h.SetSeed(t.seed)
	for _, x := range t.tensors {
		_, _ = h.Write(npy.Bytes(x.Data))
	}
	return h.Sum64()
}

// bytes is what it holds, of a view's rows and of a block of them.
func (t *told) bytes() int64 {
	return int64(t.forest.rows) * (1 + 4 + 8*int64(t.forest.Outputs()))
}
