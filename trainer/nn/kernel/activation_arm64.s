#include "textflag.h"
#include "neon_arm64.h"

// The kernels of activations and of the exponential function. All share this map of registers:
//
//	R0 … R4    the arrays, in the order of the arguments
//	R8, R22    what LOOP counts
//	R26        anything
//
//	V0         x, which stays
//	V1, V2     f(x) and f'(x)
//	V3 … V5    other inputs
//	V6, V7     anything, between the parts of an activation
//	V16 … V23  anything, within a part
//	V24 … V31  the constants, four each

// The coefficients are those of math_twin.go, lowest power first.
// V24, V25: normalPoly, but for its last.
DATA constants<>+0(SB)/4, $0.139621407
DATA constants<>+4(SB)/4, $0.139861882
DATA constants<>+8(SB)/4, $0.119832821
DATA constants<>+12(SB)/4, $0.105508201
DATA constants<>+16(SB)/4, $-0.0231103562
DATA constants<>+20(SB)/4, $0.159174994
DATA constants<>+24(SB)/4, $-0.255715072
DATA constants<>+28(SB)/4, $0.143972114
// V26: tanhPoly, but for its last.
DATA constants<>+32(SB)/4, $-0.333332837
DATA constants<>+36(SB)/4, $0.133314908
DATA constants<>+40(SB)/4, $-0.0537434965
DATA constants<>+44(SB)/4, $0.020650588
// V27: the last of tanhPoly and of normalPoly; normal's slope and greatest density.
DATA constants<>+48(SB)/4, $-0.00571704516
DATA constants<>+52(SB)/4, $-0.0291460231
DATA constants<>+56(SB)/4, $0.35
DATA constants<>+60(SB)/4, $0.3989422804014327
// V28: 1 / ln 2, the two parts of ln 2, and the word that an exponent's bits begin with, less one.
DATA constants<>+64(SB)/4, $1.44269504088896341
DATA constants<>+68(SB)/4, $0.693359375
DATA constants<>+72(SB)/4, $-2.12194440e-4
DATA constants<>+76(SB)/4, $126
// V29: expPoly, but for its last.
DATA constants<>+80(SB)/4, $0.49999994
DATA constants<>+84(SB)/4, $0.166665196
DATA constants<>+88(SB)/4, $0.0416683927
DATA constants<>+92(SB)/4, $0.00836878084
// V30: the last of expPoly; where exp becomes infinite, where zero, and where expm1 stays.
DATA constants<>+96(SB)/4, $0.00138144637
DATA constants<>+100(SB)/4, $88.8
DATA constants<>+104(SB)/4, $-86.9
DATA constants<>+108(SB)/4, $-86.0
// V31: λ and λα of SELU.
DATA constants<>+112(SB)/4, $1.0507009873554804934
DATA constants<>+116(SB)/4, $1.7580993408473768600
DATA constants<>+120(SB)/4, $0.0
DATA constants<>+124(SB)/4, $0.0
GLOBL constants<>(SB), RODATA|NOPTR, $128

// CONSTANTS loads them.
#define CONSTANTS \
	MOVD  $constants<>(SB), R26 \
	FLDPQ (R26), (F24, F25)     \
	FLDPQ 32(R26), (F26, F27)   \
	FLDPQ 64(R26), (F28, F29)   \
	FLDPQ 96(R26), (F30, F31)

// REDUCE splits V16 into n ln 2 + r: V17 becomes 2ⁿ⁻¹ and V18 eʳ - 1.
#define REDUCE \
	FMULBY(28, 0, 16, 17)   \
	FROUND(17, 17)          \
	COPY(16, 18)            \
	FMLSBY(28, 1, 17, 18)   \
	FMLSBY(28, 2, 17, 18)   \
	SPREAD(29, 3, 19)       \
	FMLABY(30, 0, 18, 19)   \
	NEXT(29, 2, 18, 19, 20) \
	NEXT(29, 1, 18, 20, 19) \
	NEXT(29, 0, 18, 19, 20) \
	FMUL(18, 18, 19)        \
	FMLA(19, 20, 18)        \
	FTOINT(17, 17)          \
	SPREAD(28, 3, 19)       \
	IADD(19, 17, 17)        \
	SHIFTUP(23, 17, 17)

// EXP is eˣ, zero below -86.9. It uses V16 to V20.
#define EXP(x, d) \
	SPREAD(30, 1, 16)  \
	FMIN(16, x, 16)    \
	REDUCE             \
	COPY(17, 19)       \
	FMLA(18, 17, 19)   \
	FADD(19, 19, 19)   \
	SPREAD(30, 2, 20)  \
	FABOVE(16, 20, 20) \
	CLEAR(20, 19, d)

// EXPM1 is eˣ - 1 for x ≤ 0, and zero above. It uses V16 to V20.
#define EXPM1(x, d) \
	ZERO(V16)         \
	FMIN(16, x, 16)   \
	SPREAD(30, 3, 17) \
	FMAX(17, 16, 16)  \
	REDUCE            \
	FADD(17, 17, 17)  \
	SET1(19)          \
	FSUB(19, 17, 19)  \
	FMLA(18, 17, 19)  \
	COPY(19, d)

// SIGMA is 1/(1 + e⁻ˣ). It uses V16 to V22.
#define SIGMA(x, d) \
	FNEG(x, 21)      \
	EXP(21, 21)      \
	SET1(22)         \
	FADD(21, 22, 21) \
	FDIV(21, 22, d)

// The activations: V1 = f(V0) and V2 = f'(V0).

#define RELU \
	ZERO(V16)           \
	FMAX(16, 0, 1)      \
	FNOTPOSITIVE(0, 16) \
	SET1(2)             \
	CLEAR(16, 2, 2)

#define GELU \
	FABS(0, 6)              \
	SET05(7)                \
	FMUL(6, 7, 7)           \
	FMUL(6, 7, 7)           \
	FNEG(7, 7)              \
	EXP(7, 7)               \
	SET1(21)                \
	COPY(21, 16)            \
	FMLABY(27, 2, 6, 16)    \
	FDIV(16, 21, 16)        \
	SPREAD(25, 3, 17)       \
	FMLABY(27, 1, 16, 17)   \
	NEXT(25, 2, 16, 17, 18) \
	NEXT(25, 1, 16, 18, 17) \
	NEXT(25, 0, 16, 17, 18) \
	NEXT(24, 3, 16, 18, 17) \
	NEXT(24, 2, 16, 17, 18) \
	NEXT(24, 1, 16, 18, 17) \
	NEXT(24, 0, 16, 17, 18) \
	FMUL(16, 18, 18)        \
	FMUL(7, 18, 18)         \
	FSUB(18, 21, 17)        \
	ZERO(V19)               \
	FABOVE(19, 0, 19)       \
	UNLESS(19, 18, 17)      \
	FMULBY(27, 3, 7, 20)    \
	FMUL(0, 17, 1)          \
	COPY(17, 2)             \
	FMLA(0, 20, 2)

#define SILU \
	SIGMA(0, 6)     \
	FMUL(0, 6, 1)   \
	SET1(16)        \
	FSUB(6, 16, 17) \
	FMLA(0, 17, 16) \
	FMUL(6, 16, 2)

#define SELU \
	EXPM1(0, 6)         \
	FMULBY(31, 1, 6, 6) \
	SPREAD(31, 1, 7)    \
	FADD(6, 7, 7)       \
	ZERO(V16)           \
	FABOVE(16, 0, 16)   \
	FMULBY(31, 0, 0, 1) \
	UNLESS(16, 6, 1)    \
	SPREAD(31, 0, 2)    \
	UNLESS(16, 7, 2)

#define MISH \
	SET20(6)         \
	FMIN(6, 0, 6)    \
	EXP(6, 6)        \
	SET2(16)         \
	FADD(6, 16, 17)  \
	FMUL(6, 17, 17)  \
	FADD(16, 17, 18) \
	SET1(19)         \
	FDIV(18, 19, 18) \
	FMUL(17, 18, 17) \
	FMUL(0, 17, 1)   \
	SET4(20)         \
	FMUL(0, 20, 20)  \
	FMUL(6, 20, 20)  \
	FADD(6, 19, 19)  \
	FMUL(19, 20, 20) \
	FMUL(18, 20, 20) \
	COPY(17, 2)      \
	FMLA(18, 20, 2)

#define TANH \
	FABS(0, 6)              \
	FADD(6, 6, 7)           \
	EXP(7, 7)               \
	SET1(16)                \
	FADD(16, 7, 7)          \
	SET2(17)                \
	FDIV(7, 17, 7)          \
	FSUB(7, 16, 7)          \
	FMUL(6, 6, 17)          \
	SPREAD(26, 3, 18)       \
	FMLABY(27, 0, 17, 18)   \
	NEXT(26, 2, 17, 18, 19) \
	NEXT(26, 1, 17, 19, 18) \
	NEXT(26, 0, 17, 18, 19) \
	FMUL(6, 17, 18)         \
	COPY(6, 1)              \
	FMLA(18, 19, 1)         \
	SET0625(20)             \
	FABOVE(6, 20, 20)       \
	UNLESS(20, 7, 1)        \
	SETSIGN(16)             \
	INSERT(16, 0, 1)        \
	SET1(2)                 \
	FMLS(1, 1, 2)

#define SIGMOID \
	SIGMA(0, 1)     \
	SET1(16)        \
	FSUB(1, 16, 16) \
	FMUL(1, 16, 2)

// VALUE, GRAD, PARAMETRIC and PARAMETRICGRAD are the four loops over an activation; OF is what each does with a register.

#define OFVALUE(f, fetch, put) \
	fetch(R1, F0, V0)      \
	f                      \
	put(R0, F1, V1)

#define VALUE(f) \
	MOVD dst+0(FP), R0     \
	MOVD x+8(FP), R1       \
	MOVD n+16(FP), R8      \
	CONSTANTS              \
	LOOP(OFVALUE, f, STEP2)

#define OFGRAD(f, fetch, put) \
	fetch(R2, F0, V0)      \
	f                      \
	fetch(R1, F3, V3)      \
	FMUL(3, 2, 2)          \
	put(R0, F2, V2)

#define GRAD(f) \
	MOVD dst+0(FP), R0     \
	MOVD dy+8(FP), R1      \
	MOVD x+16(FP), R2      \
	MOVD n+24(FP), R8      \
	CONSTANTS              \
	LOOP(OFGRAD, f, STEP3)

#define OFPARAMETRIC(f, fetch, put) \
	fetch(R1, F0, V0)      \
	f                      \
	fetch(R2, F4, V4)      \
	FSUB(0, 1, 1)          \
	FMLA(1, 4, 0)          \
	put(R0, F0, V0)

#define PARAMETRIC(f) \
	MOVD dst+0(FP), R0     \
	MOVD x+8(FP), R1       \
	MOVD a+16(FP), R2      \
	MOVD n+24(FP), R8      \
	CONSTANTS              \
	LOOP(OFPARAMETRIC, f, STEP3)

#define OFPARAMETRICGRAD(f, fetch, put) \
	fetch(R3, F0, V0)      \
	f                      \
	fetch(R2, F3, V3)      \
	fetch(R4, F4, V4)      \
	fetch(R1, F5, V5)      \
	FSUB(0, 1, 1)          \
	FMLA(1, 3, 5)          \
	SET1(6)                \
	FSUB(6, 2, 2)          \
	FMLA(2, 4, 6)          \
	FMUL(3, 6, 6)          \
	put(R0, F6, V6)        \
	put(R1, F5, V5)

#define PARAMETRICGRAD(f) \
	MOVD dx+0(FP), R0      \
	MOVD da+8(FP), R1      \
	MOVD dy+16(FP), R2     \
	MOVD x+24(FP), R3      \
	MOVD a+32(FP), R4      \
	MOVD n+40(FP), R8      \
	CONSTANTS              \
	LOOP(OFPARAMETRICGRAD, f, STEP5)

// func reluNEON(dst, x *float32, n int)
TEXT ·reluNEON(SB), NOSPLIT, $0-24
	VALUE(RELU)

// func reluGradNEON(dst, dy, x *float32, n int)
TEXT ·reluGradNEON(SB), NOSPLIT, $0-32
	GRAD(RELU)

// func reluParametricNEON(dst, x, a *float32, n int)
TEXT ·reluParametricNEON(SB), NOSPLIT, $0-32
	PARAMETRIC(RELU)

// func reluParametricGradNEON(dx, da, dy, x, a *float32, n int)
TEXT ·reluParametricGradNEON(SB), NOSPLIT, $0-48
	PARAMETRICGRAD(RELU)

// func geluNEON(dst, x *float32, n int)
TEXT ·geluNEON(SB), NOSPLIT, $0-24
	VALUE(GELU)

// func geluGradNEON(dst, dy, x *float32, n int)
TEXT ·geluGradNEON(SB), NOSPLIT, $0-32
	GRAD(GELU)

// func geluParametricNEON(dst, x, a *float32, n int)
TEXT ·geluParametricNEON(SB), NOSPLIT, $0-32
	PARAMETRIC(GELU)

// func geluParametricGradNEON(dx, da, dy, x, a *float32, n int)
TEXT ·geluParametricGradNEON(SB), NOSPLIT, $0-48
	PARAMETRICGRAD(GELU)

// func siluNEON(dst, x *float32, n int)
TEXT ·siluNEON(SB), NOSPLIT, $0-24
	VALUE(SILU)

// func siluGradNEON(dst, dy, x *float32, n int)
TEXT ·siluGradNEON(SB), NOSPLIT, $0-32
	GRAD(SILU)

// func siluParametricNEON(dst, x, a *float32, n int)
TEXT ·siluParametricNEON(SB), NOSPLIT, $0-32
	PARAMETRIC(SILU)

// func siluParametricGradNEON(dx, da, dy, x, a *float32, n int)
TEXT ·siluParametricGradNEON(SB), NOSPLIT, $0-48
	PARAMETRICGRAD(SILU)

// func seluNEON(dst, x *float32, n int)
TEXT ·seluNEON(SB), NOSPLIT, $0-24
	VALUE(SELU)

// func seluGradNEON(dst, dy, x *float32, n int)
TEXT ·seluGradNEON(SB), NOSPLIT, $0-32
	GRAD(SELU)

// func seluParametricNEON(dst, x, a *float32, n int)
TEXT ·seluParametricNEON(SB), NOSPLIT, $0-32
	PARAMETRIC(SELU)

// func seluParametricGradNEON(dx, da, dy, x, a *float32, n int)
TEXT ·seluParametricGradNEON(SB), NOSPLIT, $0-48
	PARAMETRICGRAD(SELU)

// func mishNEON(dst, x *float32, n int)
TEXT ·mishNEON(SB), NOSPLIT, $0-24
	VALUE(MISH)

// func mishGradNEON(dst, dy, x *float32, n int)
TEXT ·mishGradNEON(SB), NOSPLIT, $0-32
	GRAD(MISH)

// func mishParametricNEON(dst, x, a *float32, n int)
TEXT ·mishParametricNEON(SB), NOSPLIT, $0-32
	PARAMETRIC(MISH)

// func mishParametricGradNEON(dx, da, dy, x, a *float32, n int)
TEXT ·mishParametricGradNEON(SB), NOSPLIT, $0-48
	PARAMETRICGRAD(MISH)

// func tanhNEON(dst, x *float32, n int)
TEXT ·tanhNEON(SB), NOSPLIT, $0-24
	VALUE(TANH)

// func tanhGradNEON(dst, dy, x *float32, n int)
TEXT ·tanhGradNEON(SB), NOSPLIT, $0-32
	GRAD(TANH)

// func tanhParametricNEON(dst, x, a *float32, n int)
TEXT ·tanhParametricNEON(SB), NOSPLIT, $0-32
	PARAMETRIC(TANH)

// func tanhParametricGradNEON(dx, da, dy, x, a *float32, n int)
TEXT ·tanhParametricGradNEON(SB), NOSPLIT, $0-48
	PARAMETRICGRAD(TANH)

// func sigmoidNEON(dst, x *float32, n int)
TEXT ·sigmoidNEON(SB), NOSPLIT, $0-24
	VALUE(SIGMOID)

// func sigmoidGradNEON(dst, dy, x *float32, n int)
TEXT ·sigmoidGradNEON(SB), NOSPLIT, $0-32
	GRAD(SIGMOID)

// func sigmoidParametricNEON(dst, x, a *float32, n int)
TEXT ·sigmoidParametricNEON(SB), NOSPLIT, $0-32
	PARAMETRIC(SIGMOID)

// func sigmoidParametricGradNEON(dx, da, dy, x, a *float32, n int)
TEXT ·sigmoidParametricGradNEON(SB), NOSPLIT, $0-48
	PARAMETRICGRAD(SIGMOID)

// The bit of each lane in R22.
DATA lanes<>+0(SB)/4, $1
DATA lanes<>+4(SB)/4, $2
DATA lanes<>+8(SB)/4, $4
DATA lanes<>+12(SB)/4, $8
GLOBL lanes<>(SB), RODATA|NOPTR, $16

// The exponential function alone.
#define POWER EXP(0, 1)

// func expNEON(dst, x *float32, n int)
TEXT ·expNEON(SB), NOSPLIT, $0-24
	VALUE(POWER)

// LANES sets the lanes of V5 whose bits are set in R22. V24 holds the bits of all.
#define LANES \
	VDUP R22, V5.S4 \
	AND(24, 5, 5)   \
	ZERO(V4)        \
	IABOVE(4, 5, 5)

// R0 dst, R1 z, R8 elements left; V5 the lanes that are there, V6 the greatest logit, V7 the sum.
//
// func rowExpNEON(dst, z *float32, n int) (top, total float32)
TEXT ·rowExpNEON(SB), NOSPLIT, $0-32
	MOVD  z+8(FP), R1
	MOVD  n+16(FP), R8
	CONSTANTS
	MOVD  $lanes<>(SB), R16
	FMOVQ (R16), F24
	VLD1R (R1), [V6.S4]
	MOVD  $15, R22
greatest:
	CMP   $4, R8
	BLT   rest
compare:
	FETCH(R1, F0, V0)
	LANES
	COPY(6, 1)
	INSERT(5, 0, 1)
	FMAX(1, 6, 6)
	ADD   $16, R1
	SUBS  $4, R8
	BGT   greatest
	FMAXV(6, 6)
	SPREAD(6, 0, 6)
	FMOVS F6, top+24(FP)
	MOVD  dst+0(FP), R0
	MOVD  z+8(FP), R1
	MOVD  n+16(FP), R8
	ZERO(V7)
	MOVD  $15, R22
exponentials:
	CMP   $4, R8
	BLT   lastRest
exponential:
	FETCH(R1, F0, V0)
	FSUB(6, 0, 0)
	EXP(0, 0)
	PUT(R0, F0, V0)
	LANES
	AND(5, 0, 0)
	FADD(0, 7, 7)
	ADD   $16, R0
	ADD   $16, R1
	SUBS  $4, R8
	BGT   exponentials
	FADDP(7, 7, 7)
	FADDP(7, 7, 7)
	FMOVS F7, total+28(FP)
	RET
rest:
	COUNT
	B     compare
lastRest:
	COUNT
	B     exponential
