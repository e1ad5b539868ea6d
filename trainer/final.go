package trainer

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tuned/trainer/model"
)

// Final says whose outputs are averaged to predict. The setting final writes it so:
//
//	final  = member { "+" member }
//	member = "raw"               the weights that training moves
//	       | "average:" decay    the running average with this decay
//	       | "average:best"      the running average that scores best
//	       | "best"              the best-scoring of raw and all running averages
//	       | "cycles"            the raw weights at each of the schedule's cycle ends (see Schedule.cycleEnds)
//	       | "cycles:average:" decay   that running average there
//
// With the setting selection = last, members are taken at the end of the training; with best, each at the evaluation where
// it scored best (cycles at their ends in any case). "cycles+average:0.99" blends three outputs under coslog4: the raw
// weights at t = 7/15 and 1, and the average.
type Final []Member

// Member is one term of Final: a set of weights, the best of several, or one set for each cycle.
type Member struct {
	Name string // as it is written
	// Candidates are the weights that it may be; with more than one, the validation rows choose.
	Candidates []model.Weights
	Cycles     bool // Candidates[0] at each of the schedule's cycle ends
}

// parseFinal reads the setting final, given the decays of the running averages.
func parseFinal(text string, averages []string) (Final, error) {
	var f Final
	for part := range strings.SplitSeq(text, "+") {
		m, err := parseMember(strings.TrimSpace(part), averages)
		if errors.Is(err, errNotKept) && len(averages) > 0 {
			return nil, fmt.Errorf("%w: averages and final go together, so write under [pin] final = %q, too, or other averages", err, fitting(text, averages))
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(f, func(o Member) bool { return o.Name == m.Name }) {
			f = append(f, m)
		}
	}
	return f, nil
}

var errNotKept = errors.New("no running average is kept")

func parseMember(name string, averages []string) (Member, error) {
	all := make([]model.Weights, len(averages))
	for i, d := range averages {
		all[i] = model.Weights("average:" + d)
	}
	if inner, ok := strings.CutPrefix(name, "cycles:average:"); ok {
		w, err := average(inner, all)
		return Member{name, []model.Weights{w}, true}, err
	}
	decay, averaged := strings.CutPrefix(name, "average:")
	switch {
	case name == "raw":
		return Member{name, []model.Weights{model.Raw}, false}, nil
	case name == "cycles":
		return Member{name, []model.Weights{model.Raw}, true}, nil
	case name == "best":
		return Member{name, append([]model.Weights{model.Raw}, all...), false}, nil
	case name == "average:best" && len(all) > 0:
		return Member{name, all, false}, nil
	case averaged:
		w, err := average(decay, all)
		return Member{name, []model.Weights{w}, false}, err
	}
	return Member{}, fmt.Errorf("%q is none of raw, average:DECAY, average:best, best, cycles, cycles:average:DECAY", name)
}

func average(decay string, all []model.Weights) (model.Weights, error) {
	d, err := parseDecay(decay)
	if err != nil && decay != "best" {
		return "", err
	}
	w := model.Weights("average:" + d)
	if !slices.Contains(all, w) {
		return "", fmt.Errorf("%w with decay %s", errNotKept, decay)
	}
	return w, nil
}

// fitting is a final with the nearest average that is kept in the place of each that is not.
func fitting(text string, averages []string) string {
	parts := strings.Split(text, "+")
	for i, part := range parts {
		at := strings.LastIndexByte(part, ':') + 1
		if d, err := parseDecay(part[at:]); at > 0 && err == nil {
			parts[i] = part[:at] + nearest(d, averages)
		}
	}
	return strings.Join(parts, "+")
}

// nearest is the decay of an average that is kept which another one is nearest to; there is one at least.
func nearest(decay string, averages []string) string {
	away := func(other string) float64 {
		a, _ := strconv.ParseFloat(decay, 64) // decays are numbers
		b, _ := strconv.ParseFloat(other, 64)
		return math.Abs(a - b)
	}
	return slices.MinFunc(averages, func(a, b string) int { return cmp.Compare(away(a), away(b)) })
}

// String is the setting that parseFinal reads.
func (f Final) String() string {
	names := make([]string, len(f))
	for i, m := range f {
		names[i] = m.Name
	}
	return strings.Join(names, "+")
}

// MarshalJSON writes the setting.
func (f Final) MarshalJSON() ([]byte, error) { return json.Marshal(f.String()) }

// tracks are the members that are followed from evaluation to evaluation when the best one is selected.
func (f Final) tracks() []Member {
	return slices.DeleteFunc(slices.Clone(f), func(m Member) bool { return m.Cycles })
}

// cycles tells whether weights are needed at the ends of cycles.
func (f Final) cycles() bool { return slices.ContainsFunc(f, func(m Member) bool { return m.Cycles }) }

// chooses tells whether a member has to be chosen at the end of the training.
func (f Final) chooses() bool {
	return slices.ContainsFunc(f, func(m Member) bool { return len(m.Candidates) > 1 })
}

// snapshot names the snapshot that holds a track's best weights.
func (m Member) snapshot() string { return "best-" + strings.ReplaceAll(m.Name, ":", "-") }

// kept names weights inside a snapshot.
func kept(snapshot string, w model.Weights) model.Weights {
	if w == model.Raw {
		return model.Weights("kept:" + snapshot)
	}
	return model.Weights("kept:" + snapshot + "/" + string(w))
}
