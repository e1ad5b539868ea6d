package main

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// TestPairsBytes: the bytes are those that GNU's assembler makes of the instruction.
func TestPairsBytes(t *testing.T) {
	for _, c := range []struct {
		operands []operand.Op
		head     uint32
		tail     uint16
	}{
		{[]operand.Op{reg.Z3, reg.Z2, reg.Z1}, 0x486ef262, 0xcb52},
		{[]operand.Op{reg.Z4, reg.Z5, reg.Z6}, 0x4856f262, 0xf452},
		{[]operand.Op{reg.Z28, reg.Z29, reg.Z30}, 0x40160262, 0xf452},
	} {
		head, tail, err := pairsBytes(c.operands)
		if err != nil || head != c.head || tail != c.tail {
			t.Errorf("%v: %#x %#x, want %#x %#x (%v)", c.operands, head, tail, c.head, c.tail, err)
		}
	}
	if _, _, err := pairsBytes([]operand.Op{reg.Y1, reg.Z2, reg.Z3}); err == nil {
		t.Error("a register of 256 bits is taken")
	}
}

// TestPairs runs the loops that make pairs on a machine of plain Go.
func TestPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, f := range compiled(t, "avx512") {
		if f.Name != "pairColumnsAVX512" && f.Name != "pairRowsAVX512" {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			const loops = 3
			p := &problem{r: r}
			x, y, dst, pattern := p.floats(32*loops), p.floats(16*loops), p.floats(16*loops), p.floats(16)
			moored = append(moored, x, y, dst, pattern)
			arguments := []uint64{address(&dst[0]), address(&x[0]), loops, address(&pattern[0])}
			beside := f.Name == "pairColumnsAVX512"
			for i := range uint32(16) {
				if pattern[i] = words(4*i+1, 4*i+3); !beside {
					pattern[i] = words(2*i+1, 2*i+33)
				}
			}
			if !beside {
				arguments = []uint64{arguments[0], arguments[1], address(&y[0]), loops, arguments[3]}
			}
			m := newMachine(0)
			m.frame = arguments
			for from, bytes := range map[uint64]uint64{address(&dst[0]): 64 * loops, address(&x[0]): 128 * loops, address(&y[0]): 64 * loops, arguments[len(arguments)-1]: 64} {
				m.memory = append(m.memory, region{from, from + bytes})
			}
			m.run(f)
			for i, got := range dst {
				first, second := x[i], y[i]
				if beside {
					first, second = x[2*i], x[2*i+1]
				}
				if lower(got) != nearest(first) || upper(got) != nearest(second) {
					t.Fatalf("pair %d of %g and %g is %g and %g", i, first, second, lower(got), upper(got))
				}
			}
		})
	}
}

// moored is memory that stays where it is: what lies on the stack may be moved.
var moored [][]float32

// words are two of them where a float lies.
func words(low, high uint32) float32 { return math.Float32frombits(low | high<<16) }

// nearest is the number of 8 significant bits that is nearest.
func nearest(x float32) float32 {
	if x == 0 {
		return 0
	}
	fraction, exponent := math.Frexp(float64(x))
	return float32(math.Ldexp(math.RoundToEven(fraction*256)/256, exponent))
}
