package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
)

// compiled are the functions of an instruction set with their registers.
func compiled(t *testing.T, isa string) []*ir.Function {
	t.Helper()
	file, err := program(isa).Result()
	if err != nil {
		t.Fatal(err)
	}
	if err := pass.Compile.Execute(file); err != nil {
		t.Fatal(err)
	}
	return file.Functions()
}

// problem is one call of a tile kernel: C = epilogue(A·B), m × width sums of k = segments·segment terms.
type problem struct {
	r                           *rand.Rand
	columns                     bool // A lies in columns
	packing                     bool // the kernel copies B
	half                        bool // elements are pairs
	m, width, segments, segment int
	jump                        int
	scale, accumulate, relu     bool
	bias, tables, at            bool
	a, b, c, biasData, atData   []float32
	aRows, cRows, atRows        []int
	aStride, aStep, cStride     int
	bStride                     int
	pack                        []float32
}

// TestWideTiles runs AVX-512's kernels on a machine of plain Go and holds them against the sums written out.
func TestWideTiles(t *testing.T) {
	for _, f := range compiled(t, "avx512") {
		if !strings.HasPrefix(f.Name, "tiles") {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for n := range 300 {
				low, high := 32, 32
				if strings.Contains(f.Name, "2Masked") {
					low, high = 17, 31
				} else if strings.Contains(f.Name, "1Masked") {
					low, high = 1, 16
				}
				p := draw(r, low+r.IntN(high-low+1), strings.Contains(f.Name, "Columns"))
				if p.half = strings.Contains(f.Name, "Half"); p.half {
					p.pair(p.a)
					p.pair(p.b)
				}
				if p.columns && strings.Contains(f.Name, "Short") { // the next panel is a whole tile's rows away
					p.m = min(p.m, shortRows)
				}
				p.packing = strings.Contains(f.Name, "Packing")
				if err := p.check(f); err != "" {
					t.Fatalf("case %d: %s", n, err)
				}
			}
		})
	}
}

// TestWidePeak runs the loop to its end.
func TestWidePeak(t *testing.T) {
	for _, f := range compiled(t, "avx512") {
		if f.Name == "peakAVX512" {
			m := newMachine(3)
			m.run(f)
			if m.sign != 0 {
				t.Errorf("%d loops left", m.sign)
			}
			return
		}
	}
	t.Error("no peak loop")
}

func draw(r *rand.Rand, width int, columns bool) *problem {
	coin := func() bool { return r.IntN(2) == 0 }
	p := &problem{
		r: r, columns: columns, m: 1 + r.IntN(20), width: width, segments: r.IntN(4), segment: 1 + r.IntN(11),
		scale: coin(), accumulate: coin(), relu: coin(), bias: coin(), tables: coin(), at: coin(),
	}
	k := p.segments * p.segment
	p.bStride = 32 + r.IntN(5)
	p.b, p.biasData = p.floats(p.bStride*k+32), p.floats(width)
	p.pack = p.floats(32*k + 1)
	p.layoutA(k)
	p.cStride = width + r.IntN(5)
	p.c, p.atData = p.floats((p.m-1)*p.cStride+width), p.floats((p.m-1)*p.cStride+width)
	if p.tables {
		p.cRows, p.atRows = p.table(p.cStride), p.table(p.cStride)
	}
	return p
}

// layoutA lays A out in panels of 8 rows, or row by row with gaps between segments.
func (p *problem) layoutA(k int) {
	if p.columns {
		p.aStep, p.aStride = 8, 8*k
		p.a = p.floats((p.m+7)/8*8*k + 1)
		return
	}
	p.jump = p.r.IntN(5)
	p.aStride = max(1, p.segments*(p.segment+p.jump)-p.r.IntN(3))
	p.a = p.floats((p.m-1)*p.aStride + p.segments*(p.segment+p.jump) + 1)
	if p.tables {
		p.aRows = p.table(p.aStride)
	}
}

// table are the rows' offsets, shuffled.
func (p *problem) table(stride int) []int {
	rows := p.r.Perm(p.m)
	for i := range rows {
		rows[i] *= stride
	}
	return rows
}

func (p *problem) floats(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(p.r.NormFloat64())
	}
	return x
}

// check runs the kernel and compares everything that it wrote.
func (p *problem) check(f *ir.Function) string {
	was := append([]float32(nil), p.c...)
	var tiles [fieldPack/8 + 1]uint64
	m := newMachine(address(&tiles[0]))
	m.memory = append(m.memory, region{m.args, m.args + uint64(8*len(tiles))})
	p.fill(tiles[:], m)
	var frame [32]uint64
	m.general["SP"] = address(&frame[0])
	m.memory = append(m.memory, region{m.general["SP"], m.general["SP"] + uint64(8*len(frame))})
	before := tiles
	m.run(f)
	if tiles != before {
		return "changed its argument"
	}
	runtime.KeepAlive(p)
	runtime.KeepAlive(&frame)
	written := map[int]bool{}
	for i := range p.m {
		for j := range p.width {
			at := rowAt(p.cRows, i, p.cStride) + j
			written[at] = true
			if want := p.element(i, j, was[at]); math.Abs(float64(p.c[at])-want) > 1e-4 {
				return fmt.Sprintf("%+v: C(%d, %d) = %g, want %g", p, i, j, p.c[at], want)
			}
		}
	}
	for at, v := range p.c {
		if !written[at] && v != was[at] {
			return "wrote between rows"
		}
	}
	return p.checkPack()
}

// checkPack compares what the kernel has copied with B.
func (p *problem) checkPack() string {
	for k := 0; p.packing && k < p.segments*p.segment; k++ {
		for j := range 32 {
			if p.pack[32*k+j] != p.b[k*p.bStride+j] {
				return fmt.Sprintf("%+v: packed B(%d, %d) = %g", p, k, j, p.pack[32*k+j])
			}
		}
	}
	return ""
}

// fill sets the kernel's argument and opens the operands' memory.
func (p *problem) fill(tiles []uint64, m *machine) {
	set := func(field int, v uint64) { tiles[field/8] = v }
	open := func(field int, x []float32) {
		from := address(&x[0])
		m.memory = append(m.memory, region{from, from + uint64(4*len(x))})
		set(field, from)
	}
	table := func(field int, x []int) {
		if x != nil {
			from := address(&x[0])
			m.memory = append(m.memory, region{from, from + uint64(8*len(x))})
			set(field, from)
		}
	}
	open(fieldA, p.a)
	open(fieldB, p.b)
	open(fieldC, p.c)
	table(fieldARows, p.aRows)
	table(fieldCRows, p.cRows)
	set(fieldAStride, uint64(4*p.aStride))
	set(fieldAStep, uint64(4*p.aStep))
	set(fieldBStride, uint64(4*p.bStride))
	if p.packing {
		open(fieldPack, p.pack)
	}
	set(fieldCStride, uint64(4*p.cStride))
	set(fieldM, uint64(p.m))
	set(fieldSegments, uint64(p.segments))
	set(fieldSegment, uint64(p.segment))
	set(fieldSegmentJump, uint64(4*p.jump))
	if p.bias {
		open(fieldBias, p.biasData)
	}
	if p.at {
		open(fieldAt, p.atData)
		table(fieldAtRows, p.atRows)
		set(fieldAtStride, uint64(4*p.cStride))
	}
	set(fieldAlpha, uint64(math.Float32bits(0.5)))
	set(fieldFlags, p.flags())
	lanes := p.width % 16
	if lanes == 0 {
		lanes = 16
	}
	set(fieldMaskBits, 1<<lanes-1)
}

func (p *problem) flags() (flags uint64) {
	for bit, on := range map[uint64]bool{
		flagAccumulate: p.accumulate, flagReLU: p.relu, flagScale: p.scale, flagPlain: !p.tables, flagAhead: !p.tables,
	} {
		if on {
			flags |= bit
		}
	}
	return flags
}

// times is the product of two elements.
func (p *problem) times(a, b float32) float64 {
	if !p.half {
		return float64(a) * float64(b)
	}
	return float64(upper(a))*float64(upper(b)) + float64(lower(a))*float64(lower(b))
}

// pair puts another number into every element's lower half.
func (p *problem) pair(x []float32) {
	for i, y := range p.floats(len(x)) {
		x[i] = math.Float32frombits(math.Float32bits(x[i])&^0xffff | math.Float32bits(y)>>16)
	}
}

// element is one element of C by definition.
func (p *problem) element(i, j int, was float32) float64 {
	sum := 0.0
	for k := range p.segments * p.segment {
		at := rowAt(p.aRows, i, p.aStride) + k + k/p.segment*p.jump
		if p.columns {
			at = i/8*p.aStride + i%8 + k*p.aStep
		}
		sum += p.times(p.a[at], p.b[k*p.bStride+j])
	}
	if p.scale {
		sum *= 0.5
		if p.bias {
			sum += float64(p.biasData[j])
		}
	}
	if p.accumulate {
		sum += float64(was)
	}
	if p.relu {
		sum = max(sum, 0)
	}
	if p.at && p.atData[rowAt(p.atRows, i, p.cStride)+j] <= 0 {
		return 0
	}
	return sum
}

func rowAt(table []int, i, stride int) int {
	if table == nil {
		return i * stride
	}
	return table[i]
}

// address is where x stands, as a number that goes on being right: on a stack, which moves when it grows, it would not.
func address[T any](x *T) uint64 {
	if escapes {
		escaped = x
	}
	return uint64(uintptr(unsafe.Pointer(x)))
}

// escapes is never true, which the compiler does not know: what may get into escaped is on the heap.
var (
	escapes bool
	escaped any
)
