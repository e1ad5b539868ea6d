package data

import (
	"context"
	"fmt"
	"testing"
)

// TestMirrorKept: left and right halves tell these classes apart, which a mirror swaps; upper and lower ones, which it keeps.
func TestMirrorKept(t *testing.T) {
	for side, want := range map[string]float64{"left": 0, "top": 1} {
		text := rows("p1,p2,p3,p4,label", 60, func(i int) string {
			bright, dark := 200+i%7, 10+i%5
			switch {
			case i%2 == 0:
				return fmt.Sprintf("%d,%d,%d,%d,one", bright, pick(side == "left", dark, bright), pick(side == "left", bright, dark), dark)
			case side == "left":
				return fmt.Sprintf("%d,%d,%d,%d,two", dark, bright, dark, bright)
			}
			return fmt.Sprintf("%d,%d,%d,%d,two", dark, dark, bright, bright)
		})
		d := read(t, text, Spec{Target: "label", Holdout: 0.2, ImageSize: []int{2, 2}})
		if got := must(d.Scan(context.Background())).Facts["image.mirror_kept"]; got != want {
			t.Errorf("%s: %v, want %v", side, got, want)
		}
	}
	d := read(t, plants(60), Spec{Target: "kind", Holdout: 0.2})
	if got := d.mirrorKept(); got != 0 {
		t.Errorf("a table: %v", got)
	}
}

func pick(b bool, yes, no int) int {
	if b {
		return yes
	}
	return no
}
