#include "textflag.h"
#include "neon_arm64.h"

// logPoly, lowest power first.
DATA log<>+0(SB)/4, $0.333333105
DATA log<>+4(SB)/4, $-0.249999866
DATA log<>+8(SB)/4, $0.200022265
DATA log<>+12(SB)/4, $-0.166692525
DATA log<>+16(SB)/4, $0.142186642
DATA log<>+20(SB)/4, $-0.12384332
DATA log<>+24(SB)/4, $0.118729159
DATA log<>+28(SB)/4, $-0.117898792
// Its last coefficient, the two parts of ln 2, and the least normal number.
DATA log<>+32(SB)/4, $0.0691558048
DATA log<>+36(SB)/4, $-2.12194440e-4
DATA log<>+40(SB)/4, $0.693359375
DATA log<>+44(SB)/4, $0x00800000
// The bits of √½, both infinities, and no number.
DATA log<>+48(SB)/4, $0x3f3504f3
DATA log<>+52(SB)/4, $0x7f800000
DATA log<>+56(SB)/4, $0xff800000
DATA log<>+60(SB)/4, $0x7fc00000
GLOBL log<>(SB), RODATA|NOPTR, $64

// LOGARITHM is V1 = log V0.
#define LOGARITHM \
	SPREAD(31, 0, 5)      \
	ISUB(5, 0, 2)         \
	SHIFTSIGNED(23, 2, 2) \
	SHIFTUP(23, 2, 3)     \
	ISUB(3, 0, 3)         \
	SET1(5)               \
	FSUB(5, 3, 3)         \
	ITOFLOAT(2, 2)        \
	FMUL(3, 3, 4)         \
	SPREAD(29, 3, 5)      \
	FMLABY(30, 0, 3, 5)   \
	NEXT(29, 2, 3, 5, 6)  \
	NEXT(29, 1, 3, 6, 5)  \
	NEXT(29, 0, 3, 5, 6)  \
	NEXT(28, 3, 3, 6, 5)  \
	NEXT(28, 2, 3, 5, 6)  \
	NEXT(28, 1, 3, 6, 5)  \
	NEXT(28, 0, 3, 5, 6)  \
	FMUL(3, 4, 1)         \
	FMUL(6, 1, 1)         \
	FMLABY(30, 1, 2, 1)   \
	SET05(5)              \
	FMLS(5, 4, 1)         \
	FADD(3, 1, 1)         \
	FMLABY(30, 2, 2, 1)   \
	SPREAD(30, 3, 5)      \
	FABOVE(0, 5, 5)       \
	SPREAD(31, 2, 6)      \
	INSERT(5, 6, 1)       \
	ZERO(V5)              \
	FABOVE(0, 5, 5)       \
	SPREAD(31, 3, 6)      \
	INSERT(5, 6, 1)       \
	SPREAD(31, 1, 6)      \
	FABOVE(0, 6, 6)       \
	UNLESS(6, 0, 1)

// OFX is what LOOP does with a register.
#define OFX(op, fetch, put) \
	fetch(R1, F0, V0) \
	op                \
	put(R0, F1, V1)

// R0 dst, R1 x, R8 and R22 as of LOOP; V0 x, V1 the result, V2 x's power of two, V3 what is left of it, less one, V4 that squared,
// V5 to V7 anything, V28 to V31 the constants.
//
// func logNEON(dst, x *float32, n int)
TEXT ·logNEON(SB), NOSPLIT, $0-24
	MOVD  dst+0(FP), R0
	MOVD  x+8(FP), R1
	MOVD  n+16(FP), R8
	MOVD  $log<>(SB), R26
	FLDPQ (R26), (F28, F29)
	FLDPQ 32(R26), (F30, F31)
	LOOP(OFX, LOGARITHM, STEP2)
