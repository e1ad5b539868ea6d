package main

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// machine executes the instructions that AVX-512's kernels consist of, so that they can be tested on processors that lack
// them. It panics on any other instruction and on any access outside its memory.
type machine struct {
	general map[string]uint64
	vectors map[string][16]float32
	masks   map[string]uint16
	sign    int64 // of the last result that set flags
	memory  []region
	args    uint64   // the one argument
	frame   []uint64 // or several
}

// region is memory that the program may use.
type region struct{ from, to uint64 }

func newMachine(args uint64) *machine {
	return &machine{general: map[string]uint64{}, vectors: map[string][16]float32{}, masks: map[string]uint16{}, args: args}
}

// run executes a function to its return.
func (m *machine) run(f *ir.Function) {
	labels := map[string]int{}
	for i, n := range f.Nodes {
		if l, ok := n.(ir.Label); ok {
			labels[string(l)] = i
		}
	}
	for at := 0; ; at++ {
		i, ok := f.Nodes[at].(*ir.Instruction)
		if !ok {
			continue
		}
		if i.Opcode == "RET" {
			return
		}
		if i.IsBranch {
			if m.jumps(i.Opcode) {
				at = labels[string(*i.TargetLabel())]
			}
			continue
		}
		m.execute(i.OpcodeWithSuffixes(), i.Operands)
	}
}

// jumps tells whether a branch is taken.
func (m *machine) jumps(opcode string) bool {
	switch opcode {
	case "JMP":
		return true
	case "JZ":
		return m.sign == 0
	case "JNZ":
		return m.sign != 0
	case "JL":
		return m.sign < 0
	case "JLE":
		return m.sign <= 0
	case "JGE":
		return m.sign >= 0
	}
	panic("unknown branch " + opcode)
}

// execute runs one instruction; operands are in Go's order, the destination last.
func (m *machine) execute(opcode string, o []operand.Op) {
	switch opcode {
	case "PREFETCHT0", "VZEROUPPER":
	case "MOVQ", "MOVL":
		m.set(o[1], m.get(o[0]))
	case "LEAQ":
		m.set(o[1], m.address(o[0].(operand.Mem)))
	case "ADDQ":
		m.result(o[1], m.get(o[1])+m.get(o[0]))
	case "SUBQ":
		m.result(o[1], m.get(o[1])-m.get(o[0]))
	case "DECQ":
		m.result(o[0], m.get(o[0])-1)
	case "XORQ":
		m.result(o[1], m.get(o[1])^m.get(o[0]))
	case "CMPQ":
		m.sign = int64(m.get(o[0]) - m.get(o[1]))
	case "TESTQ":
		m.sign = int64(m.get(o[0]) & m.get(o[1]))
	case "IMUL3Q":
		m.result(o[2], m.get(o[0])*m.get(o[1]))
	case "CMOVQLE":
		if m.sign <= 0 {
			m.set(o[1], m.get(o[0]))
		}
	case "KMOVW":
		m.masks[name(o[1])] = uint16(m.get(o[0]))
	default:
		m.executeVector(opcode, o)
	}
}

func (m *machine) executeVector(opcode string, o []operand.Op) {
	switch opcode {
	case "VPXORD":
		m.lanes(o[2], func(int, float32) float32 { return 0 })
	case "VBROADCASTSS":
		v := *m.float(m.address(o[0].(operand.Mem)))
		m.lanes(o[1], func(int, float32) float32 { return v })
	case "VADDPS":
		a, b := m.vector(o[0]), m.vector(o[1])
		m.lanes(o[2], func(i int, _ float32) float32 { return b[i] + a[i] })
	case "VMAXPS":
		a, b := m.vector(o[0]), m.vector(o[1])
		m.lanes(o[2], func(i int, _ float32) float32 {
			if b[i] > a[i] {
				return b[i]
			}
			return a[i]
		})
	case "VFMADD231PS":
		a, b := m.vector(o[0]), m.vector(o[1])
		m.lanes(o[2], func(i int, d float32) float32 { return fused(a[i], b[i], d) })
	case pairsOpcode:
		a, b := m.vector(o[0]), m.vector(o[1])
		m.lanes(o[2], func(i int, d float32) float32 {
			return fused(upper(a[i]), upper(b[i]), fused(lower(a[i]), lower(b[i]), d))
		})
	case "VFMADD213PS":
		a, b := m.vector(o[0]), m.vector(o[1])
		m.lanes(o[2], func(i int, d float32) float32 { return fused(b[i], d, a[i]) })
	case "VCMPPS":
		m.compare(m.get(o[0]), m.vector(o[1]), m.vector(o[2]), o[3])
	case "VMOVAPS", "VMOVUPS", "VMOVAPS.Z", "VMOVUPS.Z", "VMOVDQU32":
		m.move(o)
	default:
		m.executeWords(opcode, o)
	}
}

// executeWords treats vectors of whole numbers.
func (m *machine) executeWords(opcode string, o []operand.Op) {
	bits := math.Float32bits
	switch opcode {
	case "VPBROADCASTD":
		v := uint32(m.get(o[0]))
		m.lanes(o[1], func(int, float32) float32 { return math.Float32frombits(v) })
	case "VPSRLD":
		x := m.vector(o[1])
		m.lanes(o[2], func(i int, _ float32) float32 { return math.Float32frombits(bits(x[i]) >> m.get(o[0])) })
	case "VPANDD":
		a, b := m.vector(o[0]), m.vector(o[1])
		m.lanes(o[2], func(i int, _ float32) float32 { return math.Float32frombits(bits(a[i]) & bits(b[i])) })
	case "VPADDD":
		a, b := m.vector(o[0]), m.vector(o[1])
		m.lanes(o[2], func(i int, _ float32) float32 { return math.Float32frombits(bits(a[i]) + bits(b[i])) })
	case "VPERMT2W":
		second, from, first := m.vector(o[0]), m.vector(o[1]), m.vector(o[2])
		word := func(v [16]float32, at uint32) uint32 { return bits(v[at/2]) >> (at % 2 * 16) & 0xffff }
		pick := func(at uint32) uint32 {
			if at &= 63; at >= 32 {
				return word(second, at-32)
			}
			return word(first, at)
		}
		m.lanes(o[2], func(i int, _ float32) float32 {
			return math.Float32frombits(pick(word(from, uint32(2*i))) | pick(word(from, uint32(2*i+1)))<<16)
		})
	default:
		panic("unknown instruction " + opcode)
	}
}

// upper and lower are the numbers of a pair of bfloat16.
func upper(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ 0xffff) }
func lower(x float32) float32 { return math.Float32frombits(math.Float32bits(x) << 16) }

// compare knows the predicate "not less or equal".
func (m *machine) compare(predicate uint64, b, a [16]float32, to operand.Op) {
	if predicate != notLessOrEqual {
		panic(fmt.Sprint("unknown predicate ", predicate))
	}
	var mask uint16
	for i := range a {
		if !(a[i] <= b[i]) {
			mask |= 1 << i
		}
	}
	m.masks[name(to)] = mask
}

// move copies a register; masked lanes of a loaded one become zero, those of memory stay as they are.
func (m *machine) move(o []operand.Op) {
	mask, from, to := uint16(0xffff), o[0], o[len(o)-1]
	if len(o) == 3 {
		mask = m.masks[name(o[1])]
	}
	source, load := from.(operand.Mem)
	target, store := to.(operand.Mem)
	var v [16]float32
	for i := range v {
		switch {
		case mask>>i&1 == 0:
		case load:
			v[i] = *m.float(m.address(source) + 4*uint64(i))
		default:
			v[i] = m.vectors[name(from)][i]
		}
		if store && mask>>i&1 != 0 {
			*m.float(m.address(target) + 4*uint64(i)) = v[i]
		}
	}
	if !store {
		m.vectors[name(to)] = v
	}
}

// fused rounds once; float64 holds the product exactly.
func fused(a, b, c float32) float32 { return float32(math.FMA(float64(a), float64(b), float64(c))) }

// lanes sets all lanes of a register.
func (m *machine) lanes(to operand.Op, f func(i int, old float32) float32) {
	v := m.vectors[name(to)]
	for i := range v {
		v[i] = f(i, v[i])
	}
	m.vectors[name(to)] = v
}

// vector reads a register or memory.
func (m *machine) vector(o operand.Op) (v [16]float32) {
	from, ok := o.(operand.Mem)
	if !ok {
		return m.vectors[name(o)]
	}
	for i := range v {
		v[i] = *m.float(m.address(from) + 4*uint64(i))
	}
	return v
}

func (m *machine) get(o operand.Op) uint64 {
	switch v := o.(type) {
	case operand.U8:
		return uint64(v)
	case operand.U32:
		return uint64(v)
	case operand.Mem:
		if v.Base == reg.FramePointer && m.frame != nil {
			return m.frame[v.Disp/8]
		}
		if v.Base == reg.FramePointer {
			return m.args
		}
		return *(*uint64)(m.pointer(m.address(v), 8))
	default:
		return m.general[name(o)]
	}
}

func (m *machine) set(o operand.Op, v uint64) {
	if to, ok := o.(operand.Mem); ok {
		*(*uint64)(m.pointer(m.address(to), 8)) = v
		return
	}
	m.general[name(o)] = v
}

// result sets a destination and the flags.
func (m *machine) result(o operand.Op, v uint64) {
	m.set(o, v)
	m.sign = int64(v)
}

func (m *machine) address(o operand.Mem) uint64 {
	at := m.general[o.Base.Asm()] + uint64(int64(o.Disp))
	if o.Index != nil {
		at += m.general[o.Index.Asm()] * uint64(o.Scale)
	}
	return at
}

func (m *machine) float(at uint64) *float32 { return (*float32)(m.pointer(at, 4)) }

// pointer checks an access.
func (m *machine) pointer(at, size uint64) unsafe.Pointer {
	for _, r := range m.memory {
		if at >= r.from && at+size <= r.to {
			return *(*unsafe.Pointer)(unsafe.Pointer(&at))
		}
	}
	panic(fmt.Sprintf("access of %d bytes at %#x outside the operands", size, at))
}

func name(o operand.Op) string { return o.Asm() }
