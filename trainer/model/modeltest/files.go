package modeltest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"tuned/trainer/model"
)

// evaluate averages the members' outputs and scores them by the loss.
func (s *Session) evaluate(op model.Evaluate) (model.Result, error) {
	rows := op.Rows
	if len(rows) == 0 {
		for i := range s.data.Rows() {
			rows = append(rows, int32(i))
		}
	}
	members := op.Weights
	if len(members) == 0 {
		members = []model.Weights{model.Raw}
	}
	outputs, err := s.outputs(rows, members)
	if err != nil {
		return model.Result{}, err
	}
	r := model.Result{Path: op.Out, Finite: true, FLOPs: s.Info().FLOPsRowEval * int64(len(rows)*len(members))}
	width := s.data.outputs()
	narrow := make([]float32, len(outputs))
	for i, row := range rows {
		r.Loss += s.data.loss(int(row), outputs[i*width:(i+1)*width], 0) / float64(len(rows))
	}
	for i, v := range outputs {
		narrow[i] = float32(v)
	}
	if op.Out == "" {
		return r, nil
	}
	return r, writeArray(op.Out, []int{len(narrow)}, narrow)
}

func (s *Session) outputs(rows []int32, members []model.Weights) ([]float64, error) {
	width, columns := s.data.outputs(), s.data.Columns
	sum, x, out := make([]float64, len(rows)*width), make([]float64, columns), make([]float64, width)
	for _, name := range members {
		w, err := s.set(name)
		if err != nil {
			return nil, err
		}
		for i, row := range rows {
			for c := range x {
				x[c] = float64(s.data.X[int(row)*columns+c])
			}
			s.forward(w, x, out)
			for o, v := range out {
				sum[i*width+o] += v / float64(len(members))
			}
		}
	}
	return sum, nil
}

// saved is a file's content.
type saved struct {
	Now  weights            `json:"now"`
	Kept map[string]weights `json:"kept"`
}

// Save implements model.Session. Snapshots are part of everything.
func (s *Session) Save(ctx context.Context, path string) (model.File, error) {
	if err := ctx.Err(); err != nil {
		return model.File{}, err
	}
	return write(path, saved{s.now, s.kept})
}

// Export implements model.Session; the file holds the members' weights by name.
func (s *Session) Export(_ context.Context, path string, members []model.Weights) (model.File, error) {
	content := map[model.Weights][]float64{}
	for _, m := range members {
		w, err := s.set(m)
		if err != nil {
			return model.File{}, err
		}
		content[m] = w
	}
	return write(path, content)
}

func write(path string, content any) (model.File, error) {
	text, err := json.Marshal(content)
	if err != nil {
		return model.File{}, err
	}
	hash := sha256.Sum256(text)
	return model.File{Path: path, Length: int64(len(text)), SHA256: hex.EncodeToString(hash[:])}, os.WriteFile(path, text, 0o600)
}

// Load implements model.Session.
func (s *Session) Load(_ context.Context, f model.File) error {
	text, err := os.ReadFile(f.Path)
	if err != nil {
		return err
	}
	if hash := sha256.Sum256(text); int64(len(text)) != f.Length || hex.EncodeToString(hash[:]) != f.SHA256 {
		return fmt.Errorf("%w: %s", model.ErrCorrupt, f.Path)
	}
	var content saved
	if err := json.Unmarshal(text, &content); err != nil {
		return fmt.Errorf("%w: %w", model.ErrCorrupt, err)
	}
	s.now, s.kept = content.Now, content.Kept
	return nil
}
