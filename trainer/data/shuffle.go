package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"tuned/trainer/data/random"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// Block is some rows of a view, in which one feature is known of other rows instead: all columns that it is encoded as together.
type Block struct {
	Rows    []int32
	Feature int     // an index into the preprocess's features
	Instead []int32 // the rows whose value of the feature is seen; nil: those themselves
}

// Shuffled are the same rows in an order of chance, another one for each number; it depends on nothing but the arguments.
func Shuffled(rows []int32, seed int64, number int) []int32 {
	out := slices.Clone(rows)
	random.New(seed, random.Shuffles, uint64(number)).Shuffle(out)
	return out
}

// Blocks writes under dir (made if need be) a view of the blocks' rows, one after the other, out of the view of this data in from.
// It has no target. Images have no features to speak of.
func (d *Dataset) Blocks(p *Preprocess, from string, v model.View, blocks []Block, dir string) (model.View, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return model.View{}, fmt.Errorf("write view: %w", err)
	}
	out := v
	out.Rows, out.Target = 0, nil
	for _, b := range blocks {
		out.Rows += len(b.Rows)
	}
	numbers, codes := d.spans(p)
	w := &viewWriter{dir: dir, rows: out.Rows}
	for _, in := range v.Inputs {
		var err error
		if in.Kind == model.Categorical {
			err = gatherBlocks[int32](w, from, in, npy.Int32, blocks, codes)
		} else {
			err = gatherBlocks[float32](w, from, in, npy.Float32, blocks, numbers)
		}
		if err != nil {
			return out, fmt.Errorf("write view: %w", err)
		}
	}
	if err := writeView(dir, out); err != nil {
		return out, fmt.Errorf("write view: %w", err)
	}
	return out, nil
}

// spans are, for each feature, the columns of the arrays of numbers and of codes that it is encoded as.
func (d *Dataset) spans(p *Preprocess) (numbers, codes [][]int) {
	numbers, codes = make([][]int, len(p.Features)), make([][]int, len(p.Features))
	parts := make([]*encoder, len(p.Features))
	scaled, places := 0, d.places()
	for i := range p.Features {
		parts[i] = encoderOf(p.Features[i:i+1], d.raw, []int{places[p.Features[i].Name]})
		scaled += len(parts[i].scaled)
	}
	number, flag, code := 0, scaled, 0 // flags stand behind all scaled columns
	for i, e := range parts {
		numbers[i] = append(run(&number, len(e.scaled)), run(&flag, len(e.flags))...)
		codes[i] = run(&code, len(e.codes))
	}
	return numbers, codes
}

// run is the next n indices.
func run(next *int, n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i], *next = *next, *next+1
	}
	return all
}

// gatherBlocks writes one array of the blocks' rows.
func gatherBlocks[T int32 | float32](w *viewWriter, from string, in model.Input, dtype string, blocks []Block, spans [][]int) (err error) {
	whole, err := npy.Open(filepath.Join(from, in.File))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, whole.Close()) }()
	values, n, order := npy.Elements[T](whole), in.Columns, orderOf(blocks)
	return w.array(in.File, dtype, 4, n, func(from, to int) []byte {
		out := make([]T, 0, (to-from)*n)
		for _, r := range order[from:to] {
			out = append(out, values[int(r.row)*n:int(r.row+1)*n]...)
			here, other := out[len(out)-n:], values[int(r.instead)*n:]
			for _, c := range spans[r.feature] {
				here[c] = other[c]
			}
		}
		return npy.Bytes(out)
	})
}

// blockRow is a row of a block.
type blockRow struct{ row, instead, feature int32 }

func orderOf(blocks []Block) (all []blockRow) {
	for _, b := range blocks {
		for i, row := range b.Rows {
			r := blockRow{row, row, int32(b.Feature)}
			if b.Instead != nil {
				r.instead = b.Instead[i]
			}
			all = append(all, r)
		}
	}
	return all
}
