package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/reg"
)

// deductRows is the height of a tile of float64 sums.
const deductRows = 4

// deduction is a kernel of float64: deductRows × vectors registers of C, less the product of rows of A and a panel of B.
type deduction struct {
	*generator
	vectors int
	masked  bool // the last register is partly outside C
	mask    reg.Register
}

// deductions emits the kernels of all widths.
func (g *generator) deductions() {
	for _, d := range []deduction{{vectors: 2}, {vectors: 2, masked: true}, {vectors: 1, masked: true}} {
		d.generator = g
		d.emit()
	}
}

func (d *deduction) emit() {
	name := fmt.Sprintf("deduct%d", d.vectors)
	if d.masked {
		name += "Masked"
	}
	d.function(name, "func(c *float64, cStride int, a *float64, aRow, aStep int, b *float64, bStride, k int, mask *int32, maskBits int)",
		fmt.Sprintf("subtracts the product of four rows of A, k long, and k rows of B from %d columns of C. Strides are in bytes.", d.vectors*d.lanes/2))
	c, cStride := d.load("c"), d.load("cStride")
	b, bStride, k := d.load("b"), d.load("bStride"), d.load("k")
	rows, step := d.rowsOfA(), d.load("aStep")
	d.loadMask()
	sums := make([][]reg.VecVirtual, deductRows)
	for r := range sums {
		sums[r] = d.vecs(d.vectors)
		for _, v := range sums[r] {
			d.zero(v)
		}
	}
	d.accumulate(sums, rows, step, b, bStride, k)
	for r := range sums {
		for i, sum := range sums[r] {
			v := d.vec()
			d.read(c, i, v)
			d.VSUBPD(sum, v, v)
			d.write(v, c, i)
		}
		if r < deductRows-1 {
			d.ADDQ(cStride, c)
		}
	}
	d.VZEROUPPER()
	d.RET()
}

// rowsOfA are pointers to the rows of A that a tile takes.
func (d *deduction) rowsOfA() [deductRows]reg.GPVirtual {
	rows := [deductRows]reg.GPVirtual{d.load("a")}
	stride := d.load("aRow")
	for r := 1; r < deductRows; r++ {
		rows[r] = d.GP64()
		d.MOVQ(rows[r-1], rows[r])
		d.ADDQ(stride, rows[r])
	}
	return rows
}

// accumulate adds up k terms of the sums.
func (d *deduction) accumulate(sums [][]reg.VecVirtual, rows [deductRows]reg.GPVirtual, step, b, bStride, k reg.GPVirtual) {
	at, loop, panel := d.GP64(), d.at("term"), d.vecs(d.vectors)
	d.XORQ(at, at)
	d.Label(loop)
	for i, v := range panel {
		d.read(b, i, v)
	}
	for r, row := range rows {
		v := d.vec()
		d.VBROADCASTSD(indexed(row, at, 1, 0), v)
		for i := range panel {
			d.VFMADD231PD(v, panel[i], sums[r][i])
		}
	}
	d.ADDQ(step, at)
	d.ADDQ(bStride, b)
	d.DECQ(k)
	d.jump("nonzero", loop)
}

// loadMask puts the mask of the last register's lanes where instructions of the set take it from.
func (d *deduction) loadMask() {
	switch {
	case !d.masked:
	case d.wide:
		k := d.K()
		d.KMOVW(d.load("maskBits").As32(), k)
		d.mask = k
	default:
		v := d.YMM()
		d.VMOVUPD(mem(d.load("mask"), 0), v)
		d.mask = v
	}
}

// outside tells whether the i-th register of a row is partly outside.
func (d *deduction) outside(i int) bool { return d.masked && i == d.vectors-1 }

// read reads the i-th register of a row.
func (d *deduction) read(row reg.Register, i int, to reg.VecVirtual) {
	from := mem(row, i*d.bytes())
	switch {
	case !d.outside(i):
		d.VMOVUPD(from, to)
	case d.wide:
		d.VMOVUPD_Z(from, d.mask, to)
	default:
		d.VMASKMOVPD(from, d.mask, to)
	}
}

// write writes the i-th register of a row.
func (d *deduction) write(v reg.VecVirtual, row reg.Register, i int) {
	to := mem(row, i*d.bytes())
	switch {
	case !d.outside(i):
		d.VMOVUPD(v, to)
	case d.wide:
		d.VMOVUPD(v, d.mask, to)
	default:
		d.VMASKMOVPD(v, d.mask, to)
	}
}
