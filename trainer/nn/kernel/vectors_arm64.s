#include "textflag.h"
#include "neon_arm64.h"

// The kernels of arithmetic, dropout, optimizers and sums. The loops over elements share this map of registers:
//
//	R0 … R3    the arrays, in the order of the arguments
//	R8, R22    what LOOP counts
//	R26        anything
//
//	V0 … V3    a register of each
//	V16, V17   anything
//	V24 … V31  factors

// The shapes of the loops: which arrays they load, and which they store.

#define OF0123TO012(op, fetch, put) \
	fetch(R0, F0, V0) \
	fetch(R1, F1, V1) \
	fetch(R2, F2, V2) \
	fetch(R3, F3, V3) \
	op                \
	put(R0, F0, V0)   \
	put(R1, F1, V1)   \
	put(R2, F2, V2)

#define OF012TO0(op, fetch, put) \
	fetch(R0, F0, V0) \
	fetch(R1, F1, V1) \
	fetch(R2, F2, V2) \
	op                \
	put(R0, F0, V0)

#define OF012TO01(op, fetch, put) \
	fetch(R0, F0, V0) \
	fetch(R1, F1, V1) \
	fetch(R2, F2, V2) \
	op                \
	put(R0, F0, V0)   \
	put(R1, F1, V1)

#define OF01TO0(op, fetch, put) \
	fetch(R0, F0, V0) \
	fetch(R1, F1, V1) \
	op                \
	put(R0, F0, V0)

#define OF123TO0(op, fetch, put) \
	fetch(R1, F1, V1) \
	fetch(R2, F2, V2) \
	fetch(R3, F3, V3) \
	op                \
	put(R0, F0, V0)

#define OF12TO0(op, fetch, put) \
	fetch(R1, F1, V1) \
	fetch(R2, F2, V2) \
	op                \
	put(R0, F0, V0)

#define OF1TO0(op, fetch, put) \
	fetch(R1, F1, V1) \
	op                \
	put(R0, F0, V0)

#define SUM FADD(2, 1, 0)

// func addNEON(dst, a, b *float32, n int)
TEXT ·addNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD n+24(FP), R8
	LOOP(OF12TO0, SUM, STEP3)

#define TIMES FMUL(2, 1, 0)

// func mulNEON(dst, a, b *float32, n int)
TEXT ·mulNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD n+24(FP), R8
	LOOP(OF12TO0, TIMES, STEP3)

#define AXPY FMLABY(24, 0, 1, 0)

// func axpyNEON(y, x *float32, n int, a float32)
TEXT ·axpyNEON(SB), NOSPLIT, $0-28
	MOVD y+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R8
	FMOVS a+24(FP), F24
	LOOP(OF01TO0, AXPY, STEP2)

#define MULADD \
	FMLA(2, 1, 3) \
	COPY(3, 0)

// func mulAddNEON(dst, x, a, b *float32, n int)
TEXT ·mulAddNEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD a+16(FP), R2
	MOVD b+24(FP), R3
	MOVD n+32(FP), R8
	LOOP(OF123TO0, MULADD, STEP4)

#define ADDPRODUCT FMLA(2, 1, 0)

// func addProductNEON(sums, a, b *float32, n int)
TEXT ·addProductNEON(SB), NOSPLIT, $0-32
	MOVD sums+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD n+24(FP), R8
	LOOP(OF012TO0, ADDPRODUCT, STEP3)

#define AFFINE \
	SPREAD(25, 0, 0)    \
	FMLABY(24, 0, 1, 0)

// func affineNEON(dst, x *float32, n int, a, b float32)
TEXT ·affineNEON(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R8
	FMOVS a+24(FP), F24
	FMOVS b+28(FP), F25
	LOOP(OF1TO0, AFFINE, STEP2)

#define TRACK \
	FSUB(0, 1, 1)       \
	FMLABY(24, 0, 1, 0)

// func trackNEON(average, w *float32, n int, keep float32)
TEXT ·trackNEON(SB), NOSPLIT, $0-28
	MOVD average+0(FP), R0
	MOVD w+8(FP), R1
	MOVD n+16(FP), R8
	FMOVS keep+24(FP), F24
	LOOP(OF01TO0, TRACK, STEP2)

#define ADAM \
	FMULBY(24, 0, 3, 3)   \
	FSUB(1, 3, 16)        \
	FMLABY(24, 1, 16, 1)  \
	FMUL(3, 3, 3)         \
	FSUB(2, 3, 16)        \
	FMLABY(24, 2, 16, 2)  \
	FSQRT(2, 16)          \
	SPREAD(25, 2, 17)     \
	FMLABY(25, 1, 16, 17) \
	FMULBY(25, 0, 1, 16)  \
	FDIV(17, 16, 16)      \
	FMULBY(25, 3, 0, 0)   \
	FSUB(16, 0, 0)

// V24 gradScale, keep1, keep2, rate; V25 rate, root, epsilon, shrink: the factors overlap, for there are seven.
//
// func adamNEON(w, m, v, grad *float32, n int, f *adamFactors)
TEXT ·adamNEON(SB), NOSPLIT, $0-48
	MOVD w+0(FP), R0
	MOVD m+8(FP), R1
	MOVD v+16(FP), R2
	MOVD grad+24(FP), R3
	MOVD n+32(FP), R8
	MOVD f+40(FP), R4
	FMOVQ (R4), F24
	ADD  $12, R4
	FMOVQ (R4), F25
	LOOP(OF0123TO012, ADAM, STEP4)

#define SGD \
	FMULBY(24, 3, 2, 2) \
	FMLABY(24, 2, 0, 2) \
	FMULBY(24, 1, 1, 1) \
	FADD(2, 1, 1)       \
	FMLABY(24, 1, 1, 2) \
	FMLSBY(24, 0, 2, 0)

// V24 the numbers of SGD.
//
// func sgdNEON(w, m, grad *float32, n int, o *SGD)
TEXT ·sgdNEON(SB), NOSPLIT, $0-40
	MOVD w+0(FP), R0
	MOVD m+8(FP), R1
	MOVD grad+16(FP), R2
	MOVD n+24(FP), R8
	MOVD o+32(FP), R3
	FMOVQ (R3), F24
	LOOP(OF012TO01, SGD, STEP3)

// The first columns' steps of dropout's counter, the step of four, and its factors.
DATA counter<>+0(SB)/4, $0x00000000
DATA counter<>+4(SB)/4, $0x9e3779b9
DATA counter<>+8(SB)/4, $0x3c6ef372
DATA counter<>+12(SB)/4, $0xdaa66d2b
DATA counter<>+16(SB)/4, $0x78dde6e4
DATA counter<>+20(SB)/4, $0x7feb352d
DATA counter<>+24(SB)/4, $0x846ca68b
DATA counter<>+28(SB)/4, $0x00000000
GLOBL counter<>(SB), RODATA|NOPTR, $32

#define DROP \
	SHIFTDOWN(16, 24, 16) \
	XOR(24, 16, 16)       \
	IMULBY(25, 1, 16, 16) \
	SHIFTDOWN(15, 16, 17) \
	XOR(17, 16, 16)       \
	XOR(27, 16, 16)       \
	IMULBY(25, 2, 16, 16) \
	SHIFTDOWN(16, 16, 17) \
	XOR(17, 16, 16)       \
	IABOVE(16, 28, 16)    \
	FMULBY(29, 0, 1, 0)   \
	CLEAR(16, 0, 0)       \
	IADD(26, 24, 24)

// V24 the counters of four columns, V25 step and factors, V26 the step in all lanes, V27 high, V28 drop, V29 scale.
//
// func dropoutNEON(dst, x *float32, n int, scale float32, low, high, drop uint32)
TEXT ·dropoutNEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD x+8(FP), R1
	MOVD n+16(FP), R8
	MOVD  $counter<>(SB), R26
	FLDPQ (R26), (F24, F25)
	SPREAD(25, 0, 26)
	MOVWU low+28(FP), R4
	VDUP  R4, V16.S4
	IADD(16, 24, 24)
	MOVWU high+32(FP), R4
	VDUP  R4, V27.S4
	MOVWU drop+36(FP), R4
	VDUP  R4, V28.S4
	FMOVS scale+24(FP), F29
	LOOP(OF1TO0, DROP, STEP2)

// EIGHT clears the sums V0 to V7, and begins the loop over blocks of 32 elements, which R8 counts.
#define EIGHT \
	ZERO(V0); ZERO(V1); ZERO(V2); ZERO(V3); ZERO(V4); ZERO(V5); ZERO(V6); ZERO(V7) \
block:

// BLOCK loads a block to the registers from V16 or V24 on.
#define BLOCK16(p) \
	FLDPQ.P 32(p), (F16, F17) \
	FLDPQ.P 32(p), (F18, F19) \
	FLDPQ.P 32(p), (F20, F21) \
	FLDPQ.P 32(p), (F22, F23)

#define BLOCK24(p) \
	FLDPQ.P 32(p), (F24, F25) \
	FLDPQ.P 32(p), (F26, F27) \
	FLDPQ.P 32(p), (F28, F29) \
	FLDPQ.P 32(p), (F30, F31)

// ALL does an operation for each register of a block.
#define ALL(op) op(0); op(1); op(2); op(3); op(4); op(5); op(6); op(7)

#define PLUS(i) FADD(16+i, i, i)
#define SQUARE(i) FMLA(16+i, 16+i, i)
#define PRODUCT(i) FMLA(16+i, 24+i, i)
#define BOTH(i) FADD(24+i, 16+i, 16+i)

// TOTAL loops, and adds up the sums in V0.
#define TOTAL \
	SUBS $1, R8   \
	BNE  block    \
	FADD(1, 0, 0) \
	FADD(3, 2, 2) \
	FADD(5, 4, 4) \
	FADD(7, 6, 6) \
	FADD(2, 0, 0) \
	FADD(6, 4, 4) \
	FADD(4, 0, 0) \
	FADDP(0, 0, 0) \
	FADDP(0, 0, 0)

// R0 … R2 the arrays, R8 blocks left; V0 … V7 sums, V16 … V31 a block of each input.
//
// func sumNEON(x *float32, blocks int) float32
TEXT ·sumNEON(SB), NOSPLIT, $0-20
	MOVD x+0(FP), R0
	MOVD blocks+8(FP), R8
	EIGHT
	BLOCK16(R0)
	ALL(PLUS)
	TOTAL
	FMOVS F0, ret+16(FP)
	RET

// R0 … R2 the arrays, R8 blocks left; V0 … V7 sums, V16 … V31 a block of each input.
//
// func sumSquaresNEON(x *float32, blocks int) float32
TEXT ·sumSquaresNEON(SB), NOSPLIT, $0-20
	MOVD x+0(FP), R0
	MOVD blocks+8(FP), R8
	EIGHT
	BLOCK16(R0)
	ALL(SQUARE)
	TOTAL
	FMOVS F0, ret+16(FP)
	RET

// R0 … R2 the arrays, R8 blocks left; V0 … V7 sums, V16 … V31 a block of each input.
//
// func dotNEON(a, b *float32, blocks int) float32
TEXT ·dotNEON(SB), NOSPLIT, $0-28
	MOVD a+0(FP), R0
	MOVD b+8(FP), R1
	MOVD blocks+16(FP), R8
	EIGHT
	BLOCK16(R0)
	BLOCK24(R1)
	ALL(PRODUCT)
	TOTAL
	FMOVS F0, ret+24(FP)
	RET

// R0 … R2 the arrays, R8 blocks left; V0 … V7 sums, V16 … V31 a block of each input.
//
// func addSquaresNEON(dst, a, b *float32, blocks int) float32
TEXT ·addSquaresNEON(SB), NOSPLIT, $0-36
	MOVD dst+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD blocks+24(FP), R8
	EIGHT
	BLOCK16(R1)
	BLOCK24(R2)
	ALL(BOTH)
	FSTPQ.P (F16, F17), 32(R0)
	FSTPQ.P (F18, F19), 32(R0)
	FSTPQ.P (F20, F21), 32(R0)
	FSTPQ.P (F22, F23), 32(R0)
	ALL(SQUARE)
	TOTAL
	FMOVS F0, ret+32(FP)
	RET

// R0 sums, R1 and R3 a row, R2 stride, R8 rows left; V0 … V7 sums, V16 … V23 the row.
//
// func columnSums32NEON(sums, x *float32, rows, stride int)
TEXT ·columnSums32NEON(SB), NOSPLIT, $0-32
	MOVD sums+0(FP), R0
	MOVD x+8(FP), R1
	MOVD rows+16(FP), R8
	MOVD stride+24(FP), R2
	VLD1.P 64(R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1 (R0), [V4.S4, V5.S4, V6.S4, V7.S4]
	SUB  $64, R0
row:
	MOVD R1, R3
	BLOCK16(R3)
	ALL(PLUS)
	ADD  R2, R1
	SUBS $1, R8
	BNE  row
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	VST1 [V4.S4, V5.S4, V6.S4, V7.S4], (R0)
	RET
