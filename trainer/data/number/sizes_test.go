package number

import (
	"math"
	"testing"
)

func TestConversions(t *testing.T) {
	for name := range sizes {
		if measure(name) != name {
			t.Errorf("%s has a size, but is no unit", name)
		}
	}
	for _, tt := range []struct {
		unit, other string
		want        float64
	}{
		{"g", "kg", 1e-3},
		{"TB", "GB", 1000},
		{"MiB", "KiB", 1024},
		{"weeks", "days", 7},
		{"mi", "km", 1.609344},
		{"µg/ml", "mg/l", 1},
		{"acres", "ft²", 43560},
		{"km", "kg", 0},
		{"km", "km/h", 0},
		{"kg/ha", "kg", 0},
		{"", "kg", 0},
	} {
		if got, ok := convert(tt.unit, tt.other); ok != (tt.want != 0) || ok && math.Abs(got/tt.want-1) > 1e-9 {
			t.Errorf("%s in %s: %v, %t", tt.unit, tt.other, got, ok)
		}
	}
}
