#include "textflag.h"

// One row of the tile: less the element of A that a points to, times the panel of B.
#define DEDUCT(a, s, c0, c1) \
	VLD1R (a), [s.D2]           \
	VFMLS V16.D2, s.D2, c0.D2   \
	VFMLS V17.D2, s.D2, c1.D2   \
	ADD   R4, a

// func deductNEON(c *float64, cStride int, a *float64, aRow, aStep int, b *float64, bStride, k int)
TEXT ·deductNEON(SB), NOSPLIT, $0-64
	MOVD c+0(FP), R0
	MOVD cStride+8(FP), R1
	MOVD a+16(FP), R2
	MOVD aRow+24(FP), R3
	MOVD aStep+32(FP), R4
	MOVD b+40(FP), R5
	MOVD bStride+48(FP), R6
	MOVD k+56(FP), R7

	ADD R3, R2, R8
	ADD R3, R8, R9
	ADD R3, R9, R10
	ADD R1, R0, R11
	ADD R1, R11, R12
	ADD R1, R12, R13

	VLD1 (R0), [V0.D2, V1.D2]
	VLD1 (R11), [V2.D2, V3.D2]
	VLD1 (R12), [V4.D2, V5.D2]
	VLD1 (R13), [V6.D2, V7.D2]

term:
	VLD1 (R5), [V16.D2, V17.D2]
	DEDUCT(R2, V18, V0, V1)
	DEDUCT(R8, V19, V2, V3)
	DEDUCT(R9, V20, V4, V5)
	DEDUCT(R10, V21, V6, V7)
	ADD  R6, R5
	SUBS $1, R7
	BNE  term

	VST1 [V0.D2, V1.D2], (R0)
	VST1 [V2.D2, V3.D2], (R11)
	VST1 [V4.D2, V5.D2], (R12)
	VST1 [V6.D2, V7.D2], (R13)
	RET
