package trainer

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

var inf = math.Inf(1)

// reader takes typed values out of decided settings and keeps the first error.
type reader struct {
	settings map[string]any
	err      error
}

func (r *reader) fail(name, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("setting %s: "+format, append([]any{name}, args...)...)
	}
}

func (r *reader) value(name string) (any, bool) {
	v, ok := r.settings[name]
	if !ok {
		r.fail(name, "no rule decided it")
	}
	return v, ok
}

func (r *reader) integer(name string, low int64) int64 {
	v, ok := r.value(name)
	n, typed := v.(int64)
	switch {
	case ok && !typed:
		r.fail(name, "%v is not a whole number", v)
	case ok && n < low:
		r.fail(name, "%d is below %d", n, low)
	}
	return n
}

// numberOr is number; plans of before there was the setting meant absent.
func (r *reader) numberOr(absent float64, name string, low, high float64) float64 {
	if _, ok := r.settings[name]; !ok {
		return absent
	}
	return r.number(name, low, high)
}

// number reads a real number in low … high; a whole number is one too.
func (r *reader) number(name string, low, high float64) float64 {
	v, ok := r.value(name)
	n, typed := v.(float64)
	if i, whole := v.(int64); whole {
		n, typed = float64(i), true
	}
	switch {
	case ok && !typed:
		r.fail(name, "%v is not a number", v)
	case ok && (math.IsNaN(n) || math.IsInf(n, 0) || n < low || n > high):
		r.fail(name, "%v is outside %v … %v", n, low, high)
	}
	return n
}

func (r *reader) choice(name string, choices ...string) string {
	v, ok := r.value(name)
	if s, typed := v.(string); typed && slices.Contains(choices, s) {
		return s
	}
	if ok {
		r.fail(name, "%v is none of %s", v, strings.Join(choices, ", "))
	}
	return choices[0]
}

func (r *reader) schedule(name string) Schedule {
	names := make([]string, len(schedules))
	for i, s := range schedules {
		names[i] = string(s)
	}
	return Schedule(r.choice(name, names...))
}

// decays reads decays of running averages, "0.95,0.99", into their shortest form, without repetition.
func (r *reader) decays(name string) []string {
	v, ok := r.value(name)
	text, typed := v.(string)
	if ok && !typed {
		r.fail(name, "%v is not a list of decays such as 0.95,0.99", v)
	}
	all, err := parseDecays(text)
	if err != nil {
		r.fail(name, "%v", err)
	}
	return all
}

func parseDecays(text string) (all []string, err error) {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		decay, err := parseDecay(part)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, decay) {
			all = append(all, decay)
		}
	}
	return all, nil
}

func (r *reader) final(name string, averages []string) Final {
	v, ok := r.value(name)
	text, typed := v.(string)
	if ok && !typed {
		r.fail(name, "%v does not name members such as raw+average:0.99", v)
	}
	if !ok || !typed {
		return Final{}
	}
	f, err := parseFinal(text, averages)
	if err != nil {
		r.fail(name, "%v", err)
	}
	return f
}

// CheckText refuses a text that is no value of a setting with a form of its own, averages or final. Whether the averages that final
// names are kept is the plan's to say.
func CheckText(setting, text string) error {
	switch setting {
	case "averages":
		_, err := parseDecays(text)
		return err
	case "final":
		_, err := parseFinal(text, append(mentioned(text), "0.99"))
		return err
	}
	return nil
}

// mentioned are the decays in a final.
func mentioned(final string) []string {
	var all []string
	for part := range strings.SplitSeq(final, "+") {
		part = strings.TrimSpace(part)
		if d, err := parseDecay(part[strings.LastIndexByte(part, ':')+1:]); err == nil {
			all = append(all, d)
		}
	}
	return all
}

// parseDecay reads a decay in (0, 1) and returns its shortest decimal form, by which sessions know the average.
func parseDecay(text string) (string, error) {
	d, err := strconv.ParseFloat(text, 64)
	if err != nil || !(d > 0 && d < 1) {
		return "", fmt.Errorf("%q is not a decay between 0 and 1", text)
	}
	return strconv.FormatFloat(d, 'g', -1, 64), nil
}
