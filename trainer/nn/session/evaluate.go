package session

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// blockRows is how many rows are evaluated between two exchanges of weights.
const blockRows = 4096

// block is the memory of an evaluation.
type block struct {
	rows  []int32
	sum   []float32 // of the members' outputs
	part  []float32 // one member's outputs
	width int
}

func newBlock(rows, width int) block {
	return block{make([]int32, rows), make([]float32, rows*width), make([]float32, rows*width), width}
}

func blockBytes(rows, width int) int64 { return 4 * int64(rows) * (1 + 2*int64(width)) }

// evaluate answers one Evaluate: it leaves the state as it was.
func (s *Session) evaluate(e model.Evaluate) (model.Result, error) {
	if err := s.view.checkRows(e.Rows); err != nil {
		return model.Result{}, err
	}
	members, flops, err := s.members(e)
	if err != nil {
		return model.Result{}, err
	}
	n := len(e.Rows)
	if n == 0 {
		n = s.view.Rows
	}
	loss := 0.0
	err = s.writing(e.Out, n, func(w io.Writer) error {
		for at := 0; at < n; at += len(s.block.rows) {
			rows := s.blockAt(e.Rows, at, n)
			loss += s.blend(rows, members) * float64(len(rows))
			if _, err := w.Write(npy.Bytes(s.block.sum[:len(rows)*s.block.width])); err != nil {
				return err
			}
		}
		return nil
	})
	loss /= math.Max(float64(n), 1)
	flops += int64(n) * int64(len(members)) * s.info.FLOPsRowEval
	return model.Result{Loss: loss, Finite: finite(loss), FLOPs: flops, Path: e.Out}, err
}

// members resolves the weights of an evaluation, recalibrating the statistics of those that are not raw if it asks so.
func (s *Session) members(e model.Evaluate) (sets []values, flops int64, err error) {
	names := e.Weights
	if len(names) == 0 {
		names = []model.Weights{model.Raw}
	}
	if err := s.view.checkRows(e.Recalibrate); err != nil {
		return nil, 0, err
	}
	for _, name := range names {
		if len(e.Recalibrate) > 0 {
			n, err := s.recalibrate(name, e.Recalibrate)
			if err != nil {
				return nil, 0, err
			}
			flops += n
		}
		set, err := s.resolve(name)
		if err != nil {
			return nil, 0, err
		}
		sets = append(sets, set)
	}
	return sets, flops, nil
}

// refit are the statistics that belong to a set of weights, and the rows that they were estimated on.
type refit struct {
	values values
	rows   []int32
}

func (r refit) bytes() int64 { return r.values.bytes() + 4*int64(len(r.rows)) }

// recalibrate estimates the statistics that belong to a set of weights, unless they stand from before.
func (s *Session) recalibrate(name model.Weights, rows []int32) (flops int64, err error) {
	if name == model.Raw || !s.program.Facts().Recalibrates || s.exported != nil || slices.Equal(rows, s.refitted[name].rows) {
		return 0, nil
	}
	weights, err := s.resolve(name)
	if err != nil {
		return 0, err
	}
	s.forgetRefitted(func(w model.Weights) bool { return w == name })
	n := len(s.layout.parameters)
	statistics := s.layout.live[n:]
	if err := s.budget.take(statistics.bytes()+4*int64(len(rows)), "recalibrated statistics"); err != nil {
		return 0, err
	}
	fresh := refit{statistics.clone(), slices.Clone(rows)}
	s.with(weights[:n], func() { s.program.Recalibrate(rows) })
	statistics.swap(fresh.values)
	s.refitted[name] = fresh
	return int64(len(rows)) * s.info.FLOPsRowEval, nil
}

// blockAt returns rows at … of an evaluation of n rows; no rows stand for all of the view's.
func (s *Session) blockAt(rows []int32, at, n int) []int32 {
	end := min(at+len(s.block.rows), n)
	if len(rows) > 0 {
		return rows[at:end]
	}
	piece := s.block.rows[:end-at]
	for i := range piece {
		piece[i] = int32(at + i)
	}
	return piece
}

// blend leaves the mean of the members' outputs in the block's sum, and returns its mean loss.
func (s *Session) blend(rows []int32, members []values) float64 {
	size := len(rows) * s.block.width
	sum, part := s.block.sum[:size], s.block.part[:size]
	loss := 0.0
	for i, set := range members {
		out := part
		if i == 0 {
			out = sum
		}
		s.with(set, func() { loss = s.forward(rows, out) })
		if i > 0 {
			for j, v := range part {
				sum[j] += v
			}
		}
	}
	if len(members) == 1 {
		return loss
	}
	scale := 1 / float32(len(members))
	for j := range sum {
		sum[j] *= scale
	}
	return s.blendedLoss(rows, sum)
}

// forward evaluates with the live weights. A lone probability becomes that of both classes.
func (s *Session) forward(rows []int32, out []float32) float64 {
	if s.program.Outputs() == s.block.width {
		return s.program.Forward(rows, out)
	}
	n := len(rows)
	loss := s.program.Forward(rows, out[n:])
	for i, p := range out[n:] {
		out[2*i], out[2*i+1] = 1-p, p
	}
	return loss
}

// blendedLoss is the mean log loss of probabilities, or what the model makes small of values, the mean squared or absolute error; 0
// without a target.
func (s *Session) blendedLoss(rows []int32, out []float32) float64 {
	loss := 0.0
	for i, r := range rows {
		switch {
		case s.view.data.Labels != nil:
			p := float64(out[i*s.block.width+int(s.view.data.Labels[r])])
			loss -= math.Log(math.Max(p, math.SmallestNonzeroFloat32))
		case s.view.data.Values != nil:
			loss += s.missed(float64(out[i*s.block.width] - s.view.data.Values[r]))
		}
	}
	return loss / float64(len(rows))
}

// missed is the loss of a value that was missed by so much.
func (s *Session) missed(by float64) float64 {
	if s.loss != model.Absolute {
		return by * by
	}
	loss, _ := model.AbsoluteLoss(by)
	return loss
}

// writing calls f with a writer of the n rows of outputs at path, which appears there complete or not at all; without a
// path nothing is written.
func (s *Session) writing(path string, n int, f func(io.Writer) error) (err error) {
	if path == "" {
		return f(io.Discard)
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path))
	if err != nil {
		return fmt.Errorf("write outputs: %w", err)
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
			err = fmt.Errorf("write outputs: %w", err)
		}
	}()
	w := bufio.NewWriter(file)
	if err := npy.WriteHeader[float32](w, n, s.block.width); err != nil {
		return err
	}
	if err := f(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// forgetRefitted drops the recalibrated statistics of weights that changed.
func (s *Session) forgetRefitted(changed func(model.Weights) bool) {
	for name, v := range s.refitted {
		if changed(name) {
			s.budget.give(v.bytes())
			delete(s.refitted, name)
		}
	}
}

// isLive says whether a set of weights moves with training.
func isLive(w model.Weights) bool { return !strings.HasPrefix(string(w), "kept:") }

// isOf says whether a set of weights belongs to a snapshot.
func isOf(w model.Weights, snapshot string) bool {
	label, ok := strings.CutPrefix(string(w), "kept:")
	return ok && (label == snapshot || strings.HasPrefix(label, snapshot+"/"))
}
