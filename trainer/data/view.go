package data

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"tuned/trainer/data/parallel"
	"tuned/trainer/data/pixels"
	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// The files of a view's directory beside view.json.
const (
	numericFile     = "numeric.npy"
	categoricalFile = "categorical.npy"
	targetFile      = "target.npy"
	keyFile         = "view.key" // what the view was made from; written last
)

// View writes the encoded arrays of every row and view.json under dir (made if need be), or finds them there, made from the same
// data and the same preprocess. Nothing is flushed to the disk: what is found was written whole, whatever became of the process, but
// not after the machine itself went down. Whoever starts anew clears dir.
func (d *Dataset) View(p *Preprocess, dir string) (model.View, error) {
	key, err := viewKey(d.Hash, p)
	if err != nil {
		return model.View{}, err
	}
	v, ok := findView(dir, key)
	if ok {
		return v, nil
	}
	at, places := make([]int, len(p.Features)), d.places()
	for i, f := range p.Features {
		if at[i], ok = places[f.Name]; !ok {
			return model.View{}, fmt.Errorf("view: %w: no column %q", model.ErrInvalid, f.Name)
		}
	}
	w := viewWriter{dir: dir, rows: d.Rows, encoder: encoderOf(p.Features, d.raw, at)}
	if p.Picture != nil {
		w.images = d.Dir
	}
	target := p.modelTarget()
	write := d.targetFill(p)
	return w.write(p, target, write, key)
}

func viewKey(hash string, p *Preprocess) (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("encode preprocess: %w", err)
	}
	sum := sha256.Sum256(append([]byte(hash), text...))
	return hex.EncodeToString(sum[:]), nil
}

// findView returns the view in dir if it is whole and was made from what key stands for.
func findView(dir, key string) (v model.View, ok bool) {
	have, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err != nil || string(have) != key {
		return v, false
	}
	text, err := os.ReadFile(filepath.Join(dir, model.ViewFile))
	if err != nil || json.Unmarshal(text, &v) != nil {
		return v, false
	}
	files := []string{targetFile}
	for _, in := range v.Inputs {
		files = append(files, in.File)
	}
	for _, f := range files {
		a, err := npy.Open(filepath.Join(dir, f))
		if err != nil || a.Close() != nil {
			return v, false
		}
	}
	return v, true
}

// modelTarget describes the target as a session sees it.
func (p *Preprocess) modelTarget() *model.Target {
	return &model.Target{File: targetFile, Priors: p.Priors, Mean: p.Mean, Std: p.Std, Min: p.Min, Max: p.Max}
}

// targetFill returns how a block of the target is written as bytes.
func (d *Dataset) targetFill(p *Preprocess) func(from, to int) []byte {
	at := len(d.Columns)
	if d.Task == model.Classification {
		codes := d.raw.codes(at)
		return func(from, to int) []byte {
			out := make([]int32, to-from)
			for i, code := range codes[from:to] {
				out[i] = code - 1
			}
			return npy.Bytes(out)
		}
	}
	stored := d.raw.numbers(at)
	return func(from, to int) []byte {
		out := make([]float32, to-from)
		for i, v := range stored[from:to] {
			out[i] = p.standardise(d.Target.Center + float64(v))
		}
		return npy.Bytes(out)
	}
}

// viewWriter writes a view's files.
type viewWriter struct {
	dir     string
	rows    int
	encoder *encoder
	images  string // the directory of the raw images, if there are any
}

func (w *viewWriter) write(p *Preprocess, target *model.Target, targetBytes func(from, to int) []byte, key string) (model.View, error) {
	v := model.View{Rows: w.rows, Task: p.Task, Classes: len(p.Classes), Inputs: w.inputs(p.Picture), Target: target}
	err := os.MkdirAll(w.dir, 0o777)
	if err == nil {
		err = os.Remove(filepath.Join(w.dir, keyFile))
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return v, fmt.Errorf("write view: %w", err)
	}
	if w.images != "" {
		if err := pixels.Link(w.images, w.dir); err != nil {
			return v, fmt.Errorf("write view: %w", err)
		}
	}
	if err := errors.Join(w.numeric(), w.categorical(), w.target(p.Task, targetBytes)); err != nil {
		return v, fmt.Errorf("write view: %w", err)
	}
	if err = writeView(w.dir, v); err == nil {
		err = replace(filepath.Join(w.dir, keyFile), writing([]byte(key)))
	}
	if err != nil {
		return v, fmt.Errorf("write view: %w", err)
	}
	return v, nil
}

// writeView describes the arrays that have been written.
func writeView(dir string, v model.View) error {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return replace(filepath.Join(dir, model.ViewFile), writing(append(text, '\n')))
}

func (w *viewWriter) inputs(p *Picture) (in []model.Input) {
	e := w.encoder
	if p != nil {
		in = append(in, p.input())
	}
	if n := len(e.names) + len(e.flagNames); n > 0 {
		in = append(in, model.Input{Kind: model.Numeric, File: numericFile, Names: slices.Concat(e.names, e.flagNames), Continuous: len(e.names), Columns: n})
	}
	if n := len(e.codeNames); n > 0 {
		in = append(in, model.Input{Kind: model.Categorical, File: categoricalFile, Names: e.codeNames, Columns: n, Cardinalities: e.cardinalities})
	}
	return in
}

func (w *viewWriter) numeric() error {
	fills := slices.Concat(w.encoder.scaled, w.encoder.flags)
	n := len(fills)
	return w.array(numericFile, npy.Float32, 4, n, func(from, to int) []byte {
		out := make([]float32, (to-from)*n)
		for j, f := range fills {
			f(from, to, out[j:], n)
		}
		return npy.Bytes(out)
	})
}

func (w *viewWriter) categorical() error {
	n := len(w.encoder.codes)
	return w.array(categoricalFile, npy.Int32, 4, n, func(from, to int) []byte {
		out := make([]int32, (to-from)*n)
		for j, f := range w.encoder.codes {
			f(from, to, out[j:], n)
		}
		return npy.Bytes(out)
	})
}

func (w *viewWriter) target(task model.Task, f func(from, to int) []byte) error {
	if f == nil {
		return nil
	}
	dtype := npy.Int32
	if task == model.Regression {
		dtype = npy.Float32
	}
	return w.array(targetFile, dtype, 4, 1, f)
}

// array writes one file, blocks of rows side by side; of no columns, none. A target has one dimension.
func (w *viewWriter) array(name, dtype string, width, columns int, block func(from, to int) []byte) error {
	if columns == 0 {
		return nil
	}
	head := npy.Head(dtype, w.rows, columns)
	if name == targetFile {
		head = npy.Head(dtype, w.rows)
	}
	return replace(filepath.Join(w.dir, name), func(file *os.File) error {
		if _, err := file.Write(head); err != nil {
			return err
		}
		return parallel.Blocks(w.rows, max(1, (1<<16)/columns), func(from, to int) error {
			_, err := file.WriteAt(block(from, to), int64(len(head))+int64(from)*int64(columns*width))
			return err
		})
	})
}

// replace writes a file beside path, and puts it there when it is whole: a session that has mapped the one before keeps that.
func replace(path string, write func(*os.File) error) error {
	file, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	if err = errors.Join(write(file), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the first error is the one that matters
	}
	return err
}

// writing writes this.
func writing(text []byte) func(*os.File) error {
	return func(file *os.File) error {
		_, err := file.Write(text)
		return err
	}
}
