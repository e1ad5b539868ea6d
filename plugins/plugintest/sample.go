package plugintest

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"tuned/trainer/model"
)

// The sizes of a sample. Its first rows are for training, the others held out.
const (
	sampleRows    = 400
	sampleTrain   = 320
	sampleClasses = 3
	sampleSide    = 8 // of images, in pixels
	numbers       = 4 // columns of numbers; one column of 0 and 1 stands behind them
)

// cardinalities of the columns of categories; code 0 is missing.
var cardinalities = []int{4, 3}

// sample is a synthetic data set that a linear model learns: every column, category and picture says something about the target.
type sample struct {
	dir    string
	view   model.View
	labels []int32   // classification
	values []float32 // regression: standardised
}

// train are the rows that a session may initialise from and learn.
func train() []int32 { return rowsBetween(0, sampleTrain) }

func rowsBetween(from, to int) []int32 {
	rows := make([]int32, to-from)
	for i := range rows {
		rows[i] = int32(from + i)
	}
	return rows
}

// newSample writes a sample with the kinds of inputs given. With poison, everything about the held-out rows is another, and no
// training row is.
func newSample(dir string, task model.Task, kinds []model.Kind, poison bool) (*sample, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &sample{dir: dir, view: model.View{Rows: sampleRows, Task: task}}
	hidden := draw(sampleRows)
	if poison {
		for i := sampleTrain * (numbers + 1); i < len(hidden.numeric); i++ {
			hidden.numeric[i] = 1000 - hidden.numeric[i]
		}
		for i := sampleTrain; i < sampleRows; i++ {
			hidden.score[i] = -7 * hidden.score[i]
			hidden.codes[2*i] = 0
		}
	}
	return s, s.write(kinds, hidden)
}

// write writes the sample's arrays and their description.
func (s *sample) write(kinds []model.Kind, hidden drawn) error {
	for _, kind := range kinds {
		if err := s.addInput(kind, hidden); err != nil {
			return err
		}
	}
	if err := s.addTarget(hidden); err != nil {
		return err
	}
	text, err := json.Marshal(s.view)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, model.ViewFile), text, 0o600)
}

// drawn is what a sample is made from.
type drawn struct {
	score   []float64 // what the target follows
	numeric []float32 // rows × (numbers + 1)
	codes   []int32   // rows × 2
	pixels  []uint8
}

// draw is the same every time, its first rows whatever their number. Each input alone carries most of the score, so that an architecture which reads only one kind
// learns too.
func draw(rows int) drawn {
	r := rand.New(rand.NewPCG(1, 2))
	var d drawn
	for range rows {
		score := r.NormFloat64()
		d.score = append(d.score, score)
		for j := range numbers {
			d.numeric = append(d.numeric, float32(score*float64(1-2*(j%2))+0.3*r.NormFloat64()))
		}
		d.numeric = append(d.numeric, oneIf(score > 0))
		d.codes = append(d.codes, 1+third(score), 1+int32(oneIf(score > 0)))
		for range sampleSide * sampleSide {
			d.pixels = append(d.pixels, uint8(min(max(128+50*score+10*r.NormFloat64(), 0), 255)))
		}
	}
	return d
}

func oneIf(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// third cuts a normal score into three classes of about the same size.
func third(score float64) int32 {
	switch {
	case score < -0.43:
		return 0
	case score < 0.43:
		return 1
	}
	return 2
}

func (s *sample) addInput(kind model.Kind, d drawn) error {
	in := model.Input{Kind: kind, File: string(kind) + ".npy"}
	path := filepath.Join(s.dir, in.File)
	var err error
	switch kind {
	case model.Numeric:
		in.Columns, in.Continuous = numbers+1, numbers
		in.Names = []string{"a", "b", "c", "d", "e=1"}
		err = writeNPY(path, d.numeric, s.view.Rows, numbers+1)
	case model.Categorical:
		in.Cardinalities, in.Columns, in.Names = cardinalities, 2, []string{"f", "g"}
		err = writeNPY(path, d.codes, s.view.Rows, 2)
	case model.Image:
		in.Height, in.Width, in.Channels, in.Mean, in.Std = sampleSide, sampleSide, 1, []float64{0.5}, []float64{0.2}
		err = writeNPY(path, d.pixels, s.view.Rows, sampleSide, sampleSide, 1)
	default:
		err = fmt.Errorf("%w: inputs of kind %q", model.ErrInvalid, kind)
	}
	s.view.Inputs = append(s.view.Inputs, in)
	return err
}

func (s *sample) addTarget(d drawn) error {
	t := &model.Target{File: "target.npy"}
	s.view.Target = t
	path := filepath.Join(s.dir, t.File)
	if s.view.Task == model.Regression {
		for _, score := range d.score {
			s.values = append(s.values, float32(score))
		}
		t.Std, t.Min, t.Max = 1, slices.Min(d.score[:sampleTrain]), slices.Max(d.score[:sampleTrain])
		return writeNPY(path, s.values, s.view.Rows)
	}
	s.view.Classes, t.Priors = sampleClasses, make([]float64, sampleClasses)
	for i, score := range d.score {
		s.labels = append(s.labels, third(score))
		if i < sampleTrain {
			t.Priors[s.labels[i]] += 1.0 / sampleTrain
		}
	}
	return writeNPY(path, s.labels, s.view.Rows)
}

// outputs is the number of values that a prediction of a row has.
func (s *sample) outputs() int {
	if s.view.Task == model.Classification {
		return sampleClasses
	}
	return 1
}

// loss is the mean log loss, or the mean squared error, of outputs for the first rows.
func (s *sample) loss(outputs []float32, width int) float64 {
	sum, n := 0.0, len(outputs)/width
	for i := range n {
		if s.labels != nil {
			sum -= math.Log(max(float64(outputs[i*width+int(s.labels[i])]), 1e-30))
			continue
		}
		d := float64(outputs[i*width] - s.values[i])
		sum += d * d
	}
	return sum / float64(n)
}

// baseline is the loss of a model that knows nothing of the inputs.
func (s *sample) baseline() float64 {
	if s.view.Task == model.Classification {
		return math.Log(sampleClasses)
	}
	return 1
}
