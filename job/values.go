package job

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"tuned/heuristics"
)

// Values are facts or settings by name: int64, float64, bool or string. Written as JSON they keep their types (3 is an
// int64, 3.0 a float64) and their bits, NaN and infinities included, so that a plan made of facts read back is the same.
type Values map[string]any

// MarshalJSON writes the values with sorted keys.
func (v Values) MarshalJSON() ([]byte, error) {
	plain := make(map[string]any, len(v))
	for name, value := range v {
		plain[name] = exact(value)
	}
	return json.Marshal(plain)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (v *Values) UnmarshalJSON(raw []byte) error {
	var plain map[string]any
	if err := useNumber(raw, &plain); err != nil {
		return err
	}
	*v = make(Values, len(plain))
	for name, value := range plain {
		typed, err := typed(value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		(*v)[name] = typed
	}
	return nil
}

// exact turns a value into one whose JSON tells its type.
func exact(value any) any {
	switch f := value.(type) {
	case float64:
		return exactFloat(f)
	case float32:
		return exactFloat(float64(f))
	}
	return value
}

func exactFloat(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return map[string]string{"float": strconv.FormatFloat(f, 'g', -1, 64)}
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return json.Number(text)
}

// typed is the inverse of exact, for values decoded with UseNumber.
func typed(value any) (any, error) {
	switch v := value.(type) {
	case json.Number:
		return number(v)
	case map[string]any:
		if s, ok := v["float"].(string); ok && len(v) == 1 {
			return strconv.ParseFloat(s, 64)
		}
	case bool, string:
		return v, nil
	}
	return nil, fmt.Errorf("%v is not a number, true, false or text", value)
}

func number(n json.Number) (any, error) {
	if strings.ContainsAny(n.String(), ".eE") {
		return n.Float64()
	}
	return n.Int64()
}

// MarshalJSON writes the decision with values that keep their types.
func (d Decided) MarshalJSON() ([]byte, error) {
	plain := d.Decision
	plain.Value, plain.Facts = exact(d.Value), exactFacts(d.Facts)
	return json.Marshal(plain)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Decided) UnmarshalJSON(raw []byte) error {
	if err := useNumber(raw, &d.Decision); err != nil {
		return err
	}
	value, err := typed(d.Value)
	if err != nil {
		return fmt.Errorf("setting %s: %w", d.Setting, err)
	}
	d.Value = value
	return retype(d.Facts)
}

// MarshalJSON writes the finding with facts that keep their types.
func (f Found) MarshalJSON() ([]byte, error) {
	plain := f.Finding
	plain.Facts = exactFacts(f.Facts)
	return json.Marshal(plain)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Found) UnmarshalJSON(raw []byte) error {
	if err := useNumber(raw, &f.Finding); err != nil {
		return err
	}
	return retype(f.Facts)
}

func exactFacts(f heuristics.Facts) heuristics.Facts {
	out := make(heuristics.Facts, len(f))
	for name, value := range f {
		out[name] = exact(value)
	}
	return out
}

func retype(f heuristics.Facts) error {
	for name, value := range f {
		v, err := typed(value)
		if err != nil {
			return fmt.Errorf("fact %s: %w", name, err)
		}
		f[name] = v
	}
	return nil
}

func useNumber(raw []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return dec.Decode(to)
}
