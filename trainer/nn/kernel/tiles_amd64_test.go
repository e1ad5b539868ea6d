package kernel

import (
	"reflect"
	"testing"
)

// TestTilesLayout: internal/gen reads the field i at 8i.
func TestTilesLayout(t *testing.T) {
	fields := reflect.TypeFor[tiles]()
	words := 0
	for i := range fields.NumField() {
		f := fields.Field(i)
		if f.Name == "_" {
			continue
		}
		if f.Offset != uintptr(8*words) {
			t.Errorf("%s lies at %d, not %d", f.Name, f.Offset, 8*words)
		}
		words++
	}
}
