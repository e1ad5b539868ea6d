package session

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// values are the data of tensors, in a fixed order. They can change places with others of the same sizes.
type values [][]float32

func valuesOf(tensors []nn.Tensor) values {
	v := make(values, len(tensors))
	for i, t := range tensors {
		v[i] = t.Data
	}
	return v
}

// swap exchanges the contents of v and w: no memory is needed, and doing it again undoes it.
func (v values) swap(w values) {
	for i := range w {
		a, b := v[i], w[i][:len(v[i])]
		if len(a) > 0 && &a[0] == &b[0] {
			continue // as the trees beside a network, which all its averages share
		}
		for j := range a {
			a[j], b[j] = b[j], a[j]
		}
	}
}

func (v values) clone() values {
	w := make(values, len(v))
	for i := range v {
		w[i] = slices.Clone(v[i])
	}
	return w
}

func (v values) copyFrom(w values) {
	for i := range v {
		copy(v[i], w[i])
	}
}

func (v values) bytes() int64 {
	n := int64(0)
	for _, x := range v {
		n += 4 * int64(len(x))
	}
	return n
}

// resolve finds a named set of weights: parameters and, where the set has its own, statistics behind them.
// Raw is nil: what is live already.
func (s *Session) resolve(name model.Weights) (values, error) {
	if s.exported != nil {
		v, ok := s.exported[name]
		if !ok {
			return nil, invalid("weights %q: the loaded file holds %s", name, quoted(s.exported))
		}
		return v, nil
	}
	v, err := s.find(name)
	if err != nil {
		return nil, fmt.Errorf("weights %q: %w", name, err)
	}
	if statistics, ok := s.refitted[name]; ok {
		n := len(s.layout.parameters)
		v = append(slices.Clone(v[:n]), statistics.values...)
	}
	return v, nil
}

func (s *Session) find(name model.Weights) (values, error) {
	text := string(name)
	if name == model.Raw || name == "" {
		return nil, nil
	}
	if inner, ok := strings.CutPrefix(text, "average:"); ok {
		return s.average(inner)
	}
	label, ok := strings.CutPrefix(text, "kept:")
	if !ok {
		return nil, invalid(`want "raw", "average:DECAY", "kept:NAME" or "kept:NAME/average:DECAY"`)
	}
	if kept, ok := s.kept[label]; ok {
		return s.layout.keptParameters(kept), nil
	}
	at := strings.LastIndexByte(label, '/')
	if at < 0 || s.kept[label[:at]] == nil {
		return nil, invalid("nothing is kept under that name")
	}
	return s.keptInner(s.kept[label[:at]], label[at+1:])
}

// average returns a live running average. Its statistics are the raw weights' until they are recalibrated.
func (s *Session) average(text string) (values, error) {
	decay, err := s.decay(text)
	if err != nil {
		return nil, err
	}
	return valuesOf(s.program.Average(decay)), nil
}

// keptInner returns a set of weights inside a snapshot.
func (s *Session) keptInner(kept *snapshot, inner string) (values, error) {
	if inner == string(model.Raw) {
		return s.layout.keptParameters(kept), nil
	}
	text, ok := strings.CutPrefix(inner, "average:")
	if !ok {
		return nil, invalid(`want "average:DECAY" behind the snapshot's name`)
	}
	decay, err := s.decay(text)
	if err != nil {
		return nil, err
	}
	return s.layout.keptAverage(kept, decay), nil
}

// decay reads the decay of a running average that the program tracks.
func (s *Session) decay(text string) (float64, error) {
	decay, err := strconv.ParseFloat(text, 64)
	if err != nil || !slices.Contains(s.program.Averages(), decay) {
		return 0, invalid("no average of decay %s is tracked, only %v", text, s.program.Averages())
	}
	return decay, nil
}

// with puts a set of weights in the place of the live ones while f runs.
func (s *Session) with(v values, f func()) {
	live := s.layout.live
	live.swap(v)
	defer live.swap(v)
	f()
}

func quoted[V any](m map[model.Weights]V) string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, strconv.Quote(string(name)))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
