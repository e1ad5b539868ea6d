package main

import (
	"testing"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// TestNarrowKernelsHaveSixteenRegisters: the assembler would encode the others, which AVX2 lacks, for AVX-512.
func TestNarrowKernelsHaveSixteenRegisters(t *testing.T) {
	for _, f := range compiled(t, "avx2") {
		for _, i := range f.Instructions() {
			for _, o := range i.Operands {
				if r, ok := o.(reg.Physical); ok && operand.IsYMM(o) && r.PhysicalIndex() > 15 {
					t.Errorf("%s uses %s", f.Name, r.Asm())
				}
			}
		}
	}
}
