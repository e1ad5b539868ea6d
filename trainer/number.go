package trainer

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Number is a float64 whose JSON holds what JSON numbers cannot: "NaN", "+Inf" and "-Inf" as strings. Finite numbers
// survive the way through JSON to the last bit.
type Number float64

// MarshalJSON implements json.Marshaler.
func (n Number) MarshalJSON() ([]byte, error) {
	f := float64(n)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return json.Marshal(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return json.Marshal(f)
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Number) UnmarshalJSON(data []byte) error {
	var text string
	if len(data) == 0 || data[0] != '"' {
		return json.Unmarshal(data, (*float64)(n))
	}
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	switch text {
	case "NaN", "+Inf", "-Inf":
		f, err := strconv.ParseFloat(text, 64)
		*n = Number(f)
		return err
	}
	return fmt.Errorf("%q is not a number", text)
}
