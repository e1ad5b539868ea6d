package session

import (
	"fmt"
	"maps"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// snapshot is a copy of a program's whole state, tensor by tensor in State's order, and of its step counter.
type snapshot struct {
	state values
	step  int64
}

// layout knows where in a program's state its parameters, statistics and averages lie.
type layout struct {
	state      []nn.Tensor
	live       values // parameters, then statistics
	parameters []int  // indices into state
	statistics []int  // the same
	averages   map[float64][]int
}

func newLayout(p Program) (layout, error) {
	l := layout{state: p.State(), averages: map[float64][]int{}}
	l.live = append(valuesOf(p.Parameters()), valuesOf(p.Statistics())...)
	var err error
	if l.parameters, err = l.locate(p.Parameters()); err != nil {
		return l, err
	}
	if l.statistics, err = l.locate(p.Statistics()); err != nil {
		return l, err
	}
	for _, decay := range p.Averages() {
		if l.averages[decay], err = l.locate(p.Average(decay)); err != nil {
			return l, err
		}
	}
	return l, nil
}

// locate finds tensors among the state's by their memory.
func (l layout) locate(tensors []nn.Tensor) ([]int, error) {
	at := make([]int, len(tensors))
	for i, t := range tensors {
		at[i] = slices.IndexFunc(l.state, func(s nn.Tensor) bool {
			return len(s.Data) == len(t.Data) && (len(t.Data) == 0 || &s.Data[0] == &t.Data[0])
		})
		if at[i] < 0 {
			return nil, fmt.Errorf("tensor %q is not in the program's state", t.Name)
		}
	}
	return at, nil
}

func (l layout) bytes() int64 { return valuesOf(l.state).bytes() }

// keptParameters are a snapshot's parameters with its statistics.
func (l layout) keptParameters(k *snapshot) values {
	return k.pick(l.parameters, l.statistics)
}

// keptAverage is a running average in a snapshot, with the statistics of the snapshot's raw weights.
func (l layout) keptAverage(k *snapshot, decay float64) values {
	return k.pick(l.averages[decay], l.statistics)
}

func (k *snapshot) pick(indices ...[]int) values {
	var v values
	for _, group := range indices {
		for _, i := range group {
			v = append(v, k.state[i])
		}
	}
	return v
}

// keep takes a snapshot under a name, in memory that an older one left where there is any.
func (s *Session) keep(name string) error {
	if name == "" {
		return invalid("a snapshot needs a name")
	}
	k, err := s.room(name)
	if err != nil {
		return err
	}
	k.state.copyFrom(valuesOf(s.layout.state))
	k.step = s.program.StepCount()
	s.kept[name] = k
	s.forgetRefitted(func(w model.Weights) bool { return isOf(w, name) })
	return nil
}

// room finds memory for a snapshot: the one it replaces, a dropped one, or new memory within the budget.
func (s *Session) room(name string) (*snapshot, error) {
	if k := s.kept[name]; k != nil {
		return k, nil
	}
	if n := len(s.spare); n > 0 {
		k := s.spare[n-1]
		s.spare = s.spare[:n-1]
		return k, nil
	}
	if err := s.budget.take(s.layout.bytes(), fmt.Sprintf("snapshot %q", name)); err != nil {
		return nil, err
	}
	return &snapshot{state: valuesOf(s.layout.state).clone()}, nil
}

func (s *Session) use(u model.Use) error {
	k := s.kept[u.Name]
	if k == nil {
		return invalid("no snapshot %q: there are %q", u.Name, slices.Sorted(maps.Keys(s.kept)))
	}
	valuesOf(s.layout.state).copyFrom(k.state)
	s.program.SetStepCount(k.step)
	s.forgetRefitted(isLive)
	if u.Drop {
		s.drop(u.Name)
	}
	return nil
}

func (s *Session) drop(name string) {
	s.spare = append(s.spare, s.kept[name])
	delete(s.kept, name)
	s.forgetRefitted(func(w model.Weights) bool { return isOf(w, name) })
}
