package kernel

import (
	bitcount "math/bits"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
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

// TestBlocksOfWideTiles holds the blocking for AVX-512's tiles against float64 on any processor: plain Go stands in for the
// kernels, which internal/gen verifies by themselves.
func TestBlocksOfWideTiles(t *testing.T) {
	if !vector() {
		t.Log("packing needs AVX2")
		return
	}
	set := tileSet{rows: 8, lanes: 16, columns: 32}
	for layout := range set.run {
		for cut := range set.run[layout] {
			twin := func(t *tiles) { tilesTwin(t, &set, cut) }
			set.run[layout][cut], set.short[layout][cut] = twin, twin
		}
		set.packing[layout] = func(t *tiles) { packingTwin(t, &set) }
	}
	w := NewWorkspace()
	multiply := func(p *Product) {
		p.check()
		if p.M > 0 && p.N > 0 {
			(&job{Product: p, Workspace: w, tileSet: &set}).compute()
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		p := drawProduct(rt, t, 0, 70)
		p.Half = false // these tiles round nothing
		checkProduct(rt, p, multiply)
	})
	r := rand.New(rand.NewPCG(1, 2))
	for form := AB; form <= ABT; form++ {
		p := randomProduct(form, 300, 80, 333)
		p.Bias, p.Activation = randoms(r, p.N), ReLU
		checkProduct(t, p, multiply)
	}
}

// tilesTwin is what the tile kernels do, in plain Go.
func tilesTwin(t *tiles, set *tileSet, cut int) {
	width := [3]int{set.columns, set.lanes, 0}[cut]
	if cut > 0 {
		width += bitcount.OnesCount(uint(t.maskBits))
	}
	for i := range t.m {
		for column := range width {
			tilesElement(t, set, i, column)
		}
	}
}

// packingTwin copies the panel besides.
func packingTwin(t *tiles, set *tileSet) {
	for k := range t.segments * t.segment {
		for column := range set.columns {
			*step(t.pack, 4*(k*set.columns+column)) = *step(t.b, k*t.bStride+4*column)
		}
	}
	tilesTwin(t, set, 0)
}

// tilesElement computes and stores one sum.
func tilesElement(t *tiles, set *tileSet, i, column int) {
	var sum float32
	for k := range t.segments * t.segment {
		sum += *step(t.a, t.offsetA(set, i, k)) * *step(t.b, k*t.bStride+4*column)
	}
	if t.flags&flagScale != 0 {
		sum *= t.alpha
		if t.bias != nil {
			sum += *step(t.bias, 4*column)
		}
	}
	c := step(t.c, tableOr(t.cRows, i, t.cStride)+4*column)
	if t.flags&flagAccumulate != 0 {
		sum += *c
	}
	if t.flags&flagReLU != 0 {
		sum = max(sum, 0)
	}
	if t.at != nil && *step(t.at, tableOr(t.atRows, i, t.atStride)+4*column) <= 0 {
		sum = 0
	}
	*c = sum
}

// offsetA is the place of A's element (i, k), in bytes.
func (t *tiles) offsetA(set *tileSet, i, k int) int {
	if t.aStep != 0 {
		return i/set.rows*t.aStride + i%set.rows*4 + k*t.aStep
	}
	return tableOr(t.aRows, i, t.aStride) + 4*k + k/t.segment*t.segmentJump
}

// tableOr is the offset of row i, in bytes.
func tableOr(table *int, i, stride int) int {
	if table == nil {
		return i * stride
	}
	return 4 * *(*int)(unsafe.Add(unsafe.Pointer(table), 8*i))
}

// step is the float some bytes further.
func step(p *float32, by int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), by)) }
