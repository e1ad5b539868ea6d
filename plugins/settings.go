package plugins

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"tuned/trainer/model"
	"tuned/trainer/nn"
)

// settingError is an author's mistake: a name or type that the manifest does not declare. The getters panic with it, and
// Open returns it.
type settingError struct{ error }

func (e settingError) Unwrap() error { return e.error }

// errNoSetting: a Build asks for what its manifest does not declare.
var errNoSetting = errors.New("the manifest declares no such setting of that type")

// Int returns a declared setting of type model.Int. Asking for another is a mistake in Build, which Open reports.
func Int(s model.Settings, name string) int { return int(get[int64](s, name)) }

// Float returns a declared setting of type model.Float. Asking for another is a mistake in Build, which Open reports.
func Float(s model.Settings, name string) float64 { return get[float64](s, name) }

// Bool returns a declared setting of type model.Bool. Asking for another is a mistake in Build, which Open reports.
func Bool(s model.Settings, name string) bool { return get[bool](s, name) }

// Choice returns a declared setting of type model.Choice. Asking for another is a mistake in Build, which Open reports.
func Choice(s model.Settings, name string) string { return get[string](s, name) }

func get[T int64 | float64 | bool | string](s model.Settings, name string) T {
	v, ok := s[name].(T)
	if !ok {
		panic(settingError{fmt.Errorf("%w: setting %q: %w (%T is asked for, %T is there)", model.ErrInvalid, name, errNoSetting, v, s[name])})
	}
	return v
}

// checkSettings returns the settings with each declared one in its type, or says which is missing, of another type or out
// of range. Absent stands in for a missing one. Settings that are not declared, the trainer's, pass.
func checkSettings(declared []model.Setting, s model.Settings) (model.Settings, error) {
	checked := maps.Clone(s)
	for _, d := range declared {
		v, ok := s[d.Name]
		if !ok {
			v = d.Absent
		}
		if v == nil {
			return nil, fmt.Errorf("%w: setting %q is missing", model.ErrInvalid, d.Name)
		}
		typed, err := typedValue(d, v)
		if err != nil {
			return nil, fmt.Errorf("%w: setting %q is %v (%T): %w", model.ErrInvalid, d.Name, v, v, err)
		}
		checked[d.Name] = typed
	}
	return checked, nil
}

// typedValue returns v in the type that a setting declares; an integer may stand for a number.
func typedValue(d model.Setting, v any) (any, error) {
	switch d.Type {
	case model.Int:
		if n, ok := v.(int64); ok {
			return n, inRange(d, float64(n))
		}
	case model.Float:
		if n, ok := v.(int64); ok {
			v = float64(n)
		}
		if x, ok := v.(float64); ok {
			return x, inRange(d, x)
		}
	case model.Bool:
		if b, ok := v.(bool); ok {
			return b, nil
		}
	case model.Choice:
		if text, ok := v.(string); ok && slices.Contains(d.Choices, text) {
			return text, nil
		}
		return nil, fmt.Errorf("want one of %s", strings.Join(d.Choices, ", "))
	}
	return nil, fmt.Errorf("want a value of type %s", d.Type)
}

func inRange(d model.Setting, x float64) error {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Errorf("want a finite number")
	}
	if (d.Min != 0 || d.Max != 0) && (x < d.Min || x > d.Max) {
		return fmt.Errorf("want %g to %g", d.Min, d.Max)
	}
	return nil
}

// optimizerOf reads the optimizer and the running averages from the trainer's settings; without them it is AdamW alone.
func optimizerOf(s model.Settings) (nn.Optimizer, error) {
	var o nn.Optimizer
	if name, ok := s["optimizer"].(string); ok {
		o.Method = nn.Method(name)
	}
	text, _ := s["averages"].(string)
	for field := range strings.SplitSeq(text, ",") {
		if field = strings.TrimSpace(field); field == "" {
			continue
		}
		decay, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return o, fmt.Errorf("%w: setting \"averages\": %q is no decay", model.ErrInvalid, field)
		}
		o.Averages = append(o.Averages, decay)
	}
	return o, nil
}
