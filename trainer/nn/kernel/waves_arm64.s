#include "textflag.h"
#include "neon_arm64.h"

// The kernels of angles. All share these registers:
//
//	R8         what is left to count
//	R26        anything
//
//	V16, V17   a frequency, its phase and weights
//	V18 … V23  an angle, and what becomes of it
//	V28 … V30  the constants: 1/π and three parts of π, sinPoly, cosPoly

DATA angles<>+0(SB)/4, $0.3183098861837907
DATA angles<>+4(SB)/4, $3.140625
DATA angles<>+8(SB)/4, $9.67502593994140625e-4
DATA angles<>+12(SB)/4, $1.509957990978376432e-7
DATA angles<>+16(SB)/4, $-0.166666567
DATA angles<>+20(SB)/4, $0.00833301712
DATA angles<>+24(SB)/4, $-0.000198066016
DATA angles<>+28(SB)/4, $2.60002434e-06
DATA angles<>+32(SB)/4, $0.0416666567
DATA angles<>+36(SB)/4, $-0.00138885691
DATA angles<>+40(SB)/4, $2.47692915e-05
DATA angles<>+44(SB)/4, $-2.61935469e-07
GLOBL angles<>(SB), RODATA|NOPTR, $48

// CONSTANTS loads them.
#define CONSTANTS \
	MOVD  $angles<>(SB), R26 \
	FLDPQ (R26), (F28, F29)  \
	FMOVQ 32(R26), F30

// TURN takes the half turns off an angle, V18. V19 becomes the sign that they make, V20 the rest's square.
#define TURN \
	FMULBY(28, 0, 18, 19) \
	FROUND(19, 19)        \
	FMLSBY(28, 1, 19, 18) \
	FMLSBY(28, 2, 19, 18) \
	FMLSBY(28, 3, 19, 18) \
	FTOINT(19, 19)        \
	SHIFTUP(31, 19, 19)   \
	FMUL(18, 18, 20)

// COS and SIN are of what TURN leaves; they use V21 to V23.
#define COS(d) \
	SET05(21)               \
	SET1(22)                \
	FMLS(21, 20, 22)        \
	SPREAD(30, 2, 21)       \
	FMLABY(30, 3, 20, 21)   \
	NEXT(30, 1, 20, 21, 23) \
	NEXT(30, 0, 20, 23, 21) \
	FMUL(20, 20, 23)        \
	FMLA(21, 23, 22)        \
	XOR(19, 22, d)

#define SIN(d) \
	SPREAD(29, 2, 21)       \
	FMLABY(29, 3, 20, 21)   \
	NEXT(29, 1, 20, 21, 23) \
	NEXT(29, 0, 20, 23, 21) \
	FMUL(18, 20, 23)        \
	COPY(18, 22)            \
	FMLA(21, 23, 22)        \
	XOR(19, 22, d)

// ANGLES are the functions of a register of angles.
#define ANGLES(turn, fetch, put) \
	fetch(R2, F18, V18) \
	turn                \
	SIN(0)              \
	COS(1)              \
	put(R0, F0, V0)     \
	put(R1, F1, V1)

// R0 sin, R1 cos, R2 x, R22 as of LOOP; V0 and V1 the results.
//
// func sincosNEON(sin, cos, x *float32, n int)
TEXT ·sincosNEON(SB), NOSPLIT, $0-32
	MOVD sin+0(FP), R0
	MOVD cos+8(FP), R1
	MOVD x+16(FP), R2
	MOVD n+24(FP), R8
	CONSTANTS
	LOOP(ANGLES, TURN, STEP3)

// TURNROWS transposes V0 to V3; V16 to V19 are lost.
#define TURNROWS \
	VTRN1 V1.S4, V0.S4, V16.S4 \
	VTRN2 V1.S4, V0.S4, V17.S4 \
	VTRN1 V3.S4, V2.S4, V18.S4 \
	VTRN2 V3.S4, V2.S4, V19.S4 \
	VTRN1 V18.D2, V16.D2, V0.D2 \
	VTRN1 V19.D2, V17.D2, V1.D2 \
	VTRN2 V18.D2, V16.D2, V2.D2 \
	VTRN2 V19.D2, V17.D2, V3.D2

// ANGLE begins with the frequency at R7, for the numbers in V4: V18 is frequency times number plus phase.
#define ANGLE \
	FLDPQ.P 32(R7), (F16, F17) \
	SPREAD(16, 1, 18)          \
	FMLABY(16, 0, 4, 18)

// R0 y, R1 x, R2 the table, R4 blocks left, R5 frequencies, R6 stride, R7 the frequency; V0 … V3 values, V4 x, V5 the cosine,
// V6 biases, V7 slopes.
//
// func wavesNEON(y, x, table, head *float32, blocks, frequencies, stride int)
TEXT ·wavesNEON(SB), NOSPLIT, $0-56
	MOVD  y+0(FP), R0
	MOVD  x+8(FP), R1
	MOVD  table+16(FP), R2
	MOVD  head+24(FP), R3
	MOVD  blocks+32(FP), R4
	MOVD  frequencies+40(FP), R5
	MOVD  stride+48(FP), R6
	CONSTANTS
	FLDPQ (R3), (F6, F7)
block:
	FMOVQ.P 16(R1), F4
	SPREAD(6, 0, 0)
	SPREAD(6, 1, 1)
	SPREAD(6, 2, 2)
	SPREAD(6, 3, 3)
	FMLABY(7, 0, 4, 0)
	FMLABY(7, 1, 4, 1)
	FMLABY(7, 2, 4, 2)
	FMLABY(7, 3, 4, 3)
	MOVD  R2, R7
	MOVD  R5, R8
wave:
	ANGLE
	TURN
	COS(5)
	FMLABY(16, 2, 5, 0)
	FMLABY(16, 3, 5, 1)
	FMLABY(17, 0, 5, 2)
	FMLABY(17, 1, 5, 3)
	SUBS  $1, R8
	BNE   wave
	TURNROWS
	FMOVQ F0, (R0)
	ADD   R6, R0
	FMOVQ F1, (R0)
	ADD   R6, R0
	FMOVQ F2, (R0)
	ADD   R6, R0
	FMOVQ F3, (R0)
	ADD   R6, R0
	SUBS  $1, R4
	BNE   block
	RET

// R0 sums, R1 dx, R2 dy, R3 x, R4 blocks left, R5 stride, R7 the frequency, R9 its sums; V0 … V3 dy's values, V4 x, V5 the cosine,
// V6 the angle's gradient less its sign, V7 dx, V24 … V27 sums.
//
// func wavesGradNEON(sums, dx, dy, x, table *float32, blocks, frequencies, stride int)
TEXT ·wavesGradNEON(SB), NOSPLIT, $0-64
	MOVD  sums+0(FP), R0
	MOVD  dx+8(FP), R1
	MOVD  dy+16(FP), R2
	MOVD  x+24(FP), R3
	MOVD  blocks+40(FP), R4
	MOVD  stride+56(FP), R5
	CONSTANTS
block:
	FMOVQ (R2), F0
	ADD   R5, R2
	FMOVQ (R2), F1
	ADD   R5, R2
	FMOVQ (R2), F2
	ADD   R5, R2
	FMOVQ (R2), F3
	ADD   R5, R2
	TURNROWS
	VLD1  (R0), [V24.S4, V25.S4, V26.S4, V27.S4]
	FADD(0, 24, 24)
	FADD(1, 25, 25)
	FADD(2, 26, 26)
	FADD(3, 27, 27)
	VST1  [V24.S4, V25.S4, V26.S4, V27.S4], (R0)
	FMOVQ.P 16(R3), F4
	ZERO(V7)
	ADD   $64, R0, R9
	MOVD  table+32(FP), R7
	MOVD  frequencies+48(FP), R8
wave:
	ANGLE
	TURN
	COS(5)
	SIN(6)
	VLD1  (R9), [V24.S4, V25.S4, V26.S4, V27.S4]
	FMLA(5, 0, 24)
	FMLA(5, 1, 25)
	FMLA(5, 2, 26)
	FMLA(5, 3, 27)
	VST1.P [V24.S4, V25.S4, V26.S4, V27.S4], 64(R9)
	FMULBY(16, 2, 0, 18)
	FMLABY(16, 3, 1, 18)
	FMLABY(17, 0, 2, 18)
	FMLABY(17, 1, 3, 18)
	FMUL(18, 6, 6)
	FLDPQ (R9), (F24, F25)
	FADD(6, 24, 24)
	FMLA(6, 4, 25)
	FSTPQ.P (F24, F25), 32(R9)
	FMLSBY(16, 0, 6, 7)
	SUBS  $1, R8
	BNE   wave
	FMOVQ.P F7, 16(R1)
	SUBS  $1, R4
	BNE   block
	RET
