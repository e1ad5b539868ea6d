package heuristics

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tuned/words"
)

// Accept converts a value to a setting's type and checks its range: an int64, float64, bool or string. It is what pins
// and the results of rules must pass. The error names neither place nor rule.
func (c *Catalogue) Accept(setting string, v any) (any, error) {
	s, ok := c.setting[setting]
	if !ok {
		return nil, c.unknownSetting(setting)
	}
	converted, err := convert(s.Type, v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	if err := s.inRange(converted); err != nil {
		return nil, err
	}
	return converted, nil
}

func (c *Catalogue) unknownSetting(name string) error {
	if group, _, dotted := strings.Cut(name, "."); dotted && c.IsOther(group) {
		return fmt.Errorf("setting %q belongs to another architecture than %q", name, c.architecture)
	}
	return fmt.Errorf("unknown setting %q%s", name, hint(words.DidYouMean(name, c.settingNames())))
}

// Architecture is the one whose settings the catalogue has, and "" where it has those of none.
func (c *Catalogue) Architecture() string { return c.architecture }

// IsOther tells whether a name is that of an architecture whose settings the catalogue does not have.
func (c *Catalogue) IsOther(name string) bool { return slices.Contains(c.others, name) }

func (c *Catalogue) settingNames() []string {
	names := make([]string, len(c.settings))
	for i, s := range c.settings {
		names[i] = s.Name
	}
	return names
}

// inRange checks a converted value against range and choices.
func (s Setting) inRange(v any) error {
	switch v := v.(type) {
	case int64:
		return s.between(float64(v))
	case float64:
		return s.between(v)
	case string:
		if s.Type == Choice && !slices.Contains(s.Choices, v) {
			return fmt.Errorf("%s is %q; it can be %s", s.Name, v, oneOf(s.Choices))
		}
	}
	return nil
}

func (s Setting) between(x float64) error {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return fmt.Errorf("%s is %s", s.Name, words.Format(x, ""))
	case s.Min == 0 && s.Max == 0:
		return nil
	case x < s.Min || x > s.Max:
		return fmt.Errorf("%s is %s; it can be %s to %s", s.Name, words.Bound(x), words.Bound(s.Min), words.Bound(s.Max))
	}
	return nil
}

// convert brings a value to a type. Whole numbers may arrive as float64, which is what JSON makes of them.
func convert(t Type, v any) (any, error) {
	v = widest(v)
	switch x := v.(type) {
	case int64:
		if t == Int {
			return x, nil
		}
		if t == Float {
			return float64(x), nil
		}
	case float64:
		if t == Float {
			return x, nil
		}
		if t == Int && x == math.Trunc(x) && math.Abs(x) <= 1<<53 {
			return int64(x), nil
		}
	case bool:
		if t == Bool {
			return x, nil
		}
	case string:
		if t == Text || t == Choice {
			return x, nil
		}
		return nil, fmt.Errorf("%q should be %s", x, typeNames[t]) // "0.1" is no number
	}
	return nil, fmt.Errorf("%v should be %s", v, typeNames[t])
}

// widest is a number as int64 or float64; all else as it is.
func widest(v any) any {
	switch x := v.(type) {
	case int:
		return int64(x)
	case int32:
		return int64(x)
	case float32:
		return float64(x)
	}
	return v
}

var typeNames = map[Type]string{
	Int: "a whole number", Float: "a number", Bool: "true or false", Choice: "a text", Text: "a text",
}

// plain makes a value fit for JSON, which has no NaN or infinity.
func plain(v any) any {
	if x, ok := v.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
		return words.Format(x, "")
	}
	return v
}
