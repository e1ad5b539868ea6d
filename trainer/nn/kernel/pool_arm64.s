#include "textflag.h"
#include "neon_arm64.h"

// The kernels of 2×2 max pooling. Both share this map of registers:
//
//	R0, R1     two arrays of one cell a window
//	R2, R3     the left cells of a window, above and below
//	R4, R5     the right cells
//	R6         the bytes of a cell
//	R7         windows left
//	R8, R22    channels left, as of FETCH
//	R26        anything

// BEGIN reads the arguments but for the first two, and begins the loops over windows and channels.
#define BEGIN(upper, lower) \
	MOVD upper+16(FP), R2 \
	MOVD lower+24(FP), R3 \
	MOVD n+32(FP), R6     \
	MOVD width+40(FP), R7 \
	LSL  $2, R6           \
	ADD  R6, R2, R4       \
	ADD  R6, R3, R5       \
window:                       \
	MOVD n+32(FP), R8     \
	MOVD $15, R22         \
channels:                     \
	CMP  $4, R8           \
	BLT  rest             \
cells:

// END moves on. Behind a window's channels lies the next one's cell, or the next cell of the same window; R8, below zero by then, takes
// back what lies too far.
#define END \
	ADD  $16, R0     \
	ADD  $16, R1     \
	ADD  $16, R2     \
	ADD  $16, R3     \
	ADD  $16, R4     \
	ADD  $16, R5     \
	SUBS $4, R8      \
	BGT  channels    \
	ADD  R8<<2, R0   \
	ADD  R8<<2, R1   \
	ADD  R8<<2, R4, R2 \
	ADD  R8<<2, R5, R3 \
	ADD  R6, R2, R4  \
	ADD  R6, R3, R5  \
	SUBS $1, R7      \
	BNE  window      \
	RET              \
rest:                    \
	COUNT            \
	B    cells

// HOLD lets register i hold the maximum, V0, where it is above; the number of its place is in V5.
#define HOLD(i) \
	FABOVE(0, i, 6)  \
	INSERT(6, 5, 4)  \
	FMAX(i, 0, 0)

// V0 … V3 the window, V0 its maximum, V4 where it is.
//
// func poolNEON(out, holders, top, bottom *float32, n, width int)
TEXT ·poolNEON(SB), NOSPLIT, $0-48
	MOVD out+0(FP), R0
	MOVD holders+8(FP), R1
	BEGIN(top, bottom)
	FETCH(R2, F0, V0)
	FETCH(R4, F1, V1)
	FETCH(R3, F2, V2)
	FETCH(R5, F3, V3)
	ZERO(V4)
	SET1(5)
	HOLD(1)
	SET2(5)
	HOLD(2)
	SET3(5)
	HOLD(3)
	PUT(R0, F0, V0)
	PUT(R1, F4, V4)
	END

// HAND stores the gradient at p where the place in V2 holds the maximum, and zero elsewhere.
#define HAND(p) \
	FEQUAL(2, 1, 3)  \
	AND(3, 0, 3)     \
	PUT(p, F3, V3)

// V0 the gradient, V1 where the maximum was.
//
// func poolGradNEON(dOut, holders, dTop, dBottom *float32, n, width int)
TEXT ·poolGradNEON(SB), NOSPLIT, $0-48
	MOVD dOut+0(FP), R0
	MOVD holders+8(FP), R1
	BEGIN(dTop, dBottom)
	FETCH(R0, F0, V0)
	FETCH(R1, F1, V1)
	ZERO(V2)
	HAND(R2)
	SET1(2)
	HAND(R4)
	SET2(2)
	HAND(R3)
	SET3(2)
	HAND(R5)
	END
