#include "go_asm.h"
#include "textflag.h"
#include "neon_arm64.h"

// The kernels of products. All share this map of registers:
//
//	R0         the argument
//	R1         rows of C that are left
//	R2, R3     where the next row of C lies, and its table
//	R4, R5     the same of At
//	R6, R7     the tile's first row of A, and its table
//	R8 … R15   A in rows: one pointer each; A in columns: R8 the pointer, R9 the step. The epilogue: R8 the sums, R9 a row of C,
//	           R10 its last register, R11 a row of At, R12 rows left in the tile
//	R16, R17   a row of B, and the stride
//	R19, R20   segments, and terms of one, left; the epilogue: R20 the flags
//	R21        from the end of a segment to the next one
//	R22        maskBits: what FETCH and PUT treat of a row's last register
//	R23, R24   the strides of C and At
//	R25, R26   anything
//
//	V0 … V15   sums: row r has V(2r) and V(2r+1)
//	V16 … V23  elements of A
//	V24 … V31  rows of B, two registers each; the epilogue: V24 and V25 a row of sums, V26 and V27 what is applied to it, V28
//	           alpha, V29 and V30 bias, V31 zero

// CURSOR gives the address of the next row of C or At: by the table, or by the stride.
#define CURSOR(base, table, stride, row) \
	CBZ    table, 4(PC)       \
	MOVD.P 8(table), row      \
	ADD    row<<2, base, row  \
	B      3(PC)              \
	MOVD   base, row          \
	ADD    stride, base

// TABLED and STRIDED give the address of the tile's row r > 0 of A; rows below the last stand in for missing ones.
#define TABLED(r, p) \
	SUB  $1, R1, R25        \
	MOVD $r, R26            \
	CMP  R26, R25           \
	CSEL GT, R26, R25, R25  \
	MOVD (R7)(R25<<3), R25  \
	ADD  R25<<2, R6, p

#define STRIDED(r, before, p) \
	CMP  $r, R1             \
	CSEL GT, R26, ZR, R25   \
	ADD  R25, before, p

// TABLED4 to STRIDED8 find the tile's rows of A, four or eight.
#define TABLED4 \
	MOVD (R7), R25       \
	ADD  R25<<2, R6, R8  \
	TABLED(1, R9)        \
	TABLED(2, R10)       \
	TABLED(3, R11)

#define TABLED8 TABLED4 \
	TABLED(4, R12) \
	TABLED(5, R13) \
	TABLED(6, R14) \
	TABLED(7, R15)

#define STRIDED4 \
	MOVD tiles_aStride(R0), R26 \
	MOVD R6, R8          \
	STRIDED(1, R8, R9)   \
	STRIDED(2, R9, R10)  \
	STRIDED(3, R10, R11)

#define STRIDED8 STRIDED4 \
	STRIDED(4, R11, R12) \
	STRIDED(5, R12, R13) \
	STRIDED(6, R13, R14) \
	STRIDED(7, R14, R15)

// LOAD4 and LOAD8 take the next terms of the tile's rows of A: all of a register, or one by one.
#define LOAD4(load, size) \
	load size(R8), F16  \
	load size(R9), F17  \
	load size(R10), F18 \
	load size(R11), F19

#define LOAD8(load, size) LOAD4(load, size) \
	load size(R12), F20 \
	load size(R13), F21 \
	load size(R14), F22 \
	load size(R15), F23

// JUMP4 and JUMP8 go from a segment to the next one.
#define JUMP4 \
	ADD R21, R8  \
	ADD R21, R9  \
	ADD R21, R10 \
	ADD R21, R11

#define JUMP8 JUMP4 \
	ADD R21, R12 \
	ADD R21, R13 \
	ADD R21, R14 \
	ADD R21, R15

// PANEL takes a row of B.
#define PANEL(x, y) \
	FLDPQ (R16), (x, y) \
	ADD   R17, R16

// ADD1 and ADD2 multiply one or two registers of B, from b on, by lane i of register a of A, and add to sums from d on.
#define ADD1(a, i, b, d) FMLABY(a, i, b, d)
#define ADD2(a, i, b, d) FMLABY(a, i, b, d); FMLABY(a, i, (b)+1, (d)+1)

// BYROWS4 and BYROWS8 add the products of a term whose elements of A are the lanes i of registers; BYCOLUMNS4 and BYCOLUMNS8 of
// one whose elements are the lanes of registers a and a+1.
#define BYROWS4(add, i, b) add(16, i, b, 0); add(17, i, b, 2); add(18, i, b, 4); add(19, i, b, 6)
#define BYROWS8(add, i, b) BYROWS4(add, i, b); add(20, i, b, 8); add(21, i, b, 10); add(22, i, b, 12); add(23, i, b, 14)
#define BYCOLUMNS4(add, a, b) add(a, 0, b, 0); add(a, 1, b, 2); add(a, 2, b, 4); add(a, 3, b, 6)
#define BYCOLUMNS8(add, a, b) BYCOLUMNS4(add, a, b); \
	add((a)+1, 0, b, 8); add((a)+1, 1, b, 10); add((a)+1, 2, b, 12); add((a)+1, 3, b, 14)

// ZERO16 clears the sums.
#define ZERO16 \
	ZERO(V0); ZERO(V1); ZERO(V2); ZERO(V3); ZERO(V4); ZERO(V5); ZERO(V6); ZERO(V7) \
	ZERO(V8); ZERO(V9); ZERO(V10); ZERO(V11); ZERO(V12); ZERO(V13); ZERO(V14); ZERO(V15)

// BEGIN reads the argument, and begins the loop over tiles.
#define BEGIN \
	MOVD t+0(FP), R0             \
	MOVD tiles_m(R0), R1         \
	MOVD tiles_c(R0), R2         \
	MOVD tiles_cRows(R0), R3     \
	MOVD tiles_at(R0), R4        \
	MOVD tiles_atRows(R0), R5    \
	MOVD tiles_a(R0), R6         \
	MOVD tiles_aRows(R0), R7     \
	MOVD tiles_bStride(R0), R17  \
	MOVD tiles_segmentJump(R0), R21 \
	MOVD tiles_maskBits(R0), R22 \
	MOVD tiles_cStride(R0), R23  \
	MOVD tiles_atStride(R0), R24 \
tile:                                \
	MOVD tiles_b(R0), R16        \
	MOVD tiles_segments(R0), R19 \
	ZERO16                       \
	CBZ  R19, summed

// ROWS sums up a tile whose rows of A lie anywhere.
#define ROWS(tabled, strided, load, jump, by, add) \
	CBNZ R7, table             \
	strided                    \
	B    segment               \
table:                             \
	tabled                     \
segment:                           \
	MOVD tiles_segment(R0), R20 \
	SUBS $4, R20               \
	BLT  tail                  \
four:                              \
	load(FMOVQ.P, 16)          \
	PANEL(F24, F25)            \
	PANEL(F26, F27)            \
	by(add, 0, 24)             \
	PANEL(F28, F29)            \
	by(add, 1, 26)             \
	PANEL(F30, F31)            \
	by(add, 2, 28)             \
	by(add, 3, 30)             \
	SUBS $4, R20               \
	BGE  four                  \
tail:                              \
	ADDS $4, R20               \
	BEQ  next                  \
one:                               \
	load(FMOVS.P, 4)           \
	PANEL(F24, F25)            \
	by(add, 0, 24)             \
	SUBS $1, R20               \
	BNE  one                   \
next:                              \
	jump                       \
	SUBS $1, R19               \
	BNE  segment               \
summed:

// COLUMN takes a column of the tile's part of A: the whole height, or 4 rows of it.
#define COLUMN8(x, y) \
	FLDPQ (R8), (x, y) \
	ADD   R9, R8

#define COLUMN4(x, y) \
	FMOVQ (R8), x \
	ADD   R9, R8

// COLUMNS sums up a tile whose part of A lies in columns.
#define COLUMNS(column, by, add) \
	MOVD R6, R8                \
	MOVD tiles_aStep(R0), R9   \
segment:                           \
	MOVD tiles_segment(R0), R20 \
	SUBS $4, R20               \
	BLT  tail                  \
four:                              \
	column(F16, F17)           \
	PANEL(F24, F25)            \
	column(F18, F19)           \
	PANEL(F26, F27)            \
	by(add, 16, 24)            \
	column(F20, F21)           \
	PANEL(F28, F29)            \
	by(add, 18, 26)            \
	column(F22, F23)           \
	PANEL(F30, F31)            \
	by(add, 20, 28)            \
	by(add, 22, 30)            \
	SUBS $4, R20               \
	BGE  four                  \
tail:                              \
	ADDS $4, R20               \
	BEQ  next                  \
one:                               \
	column(F16, F17)           \
	PANEL(F24, F25)            \
	by(add, 16, 24)            \
	SUBS $1, R20               \
	BNE  one                   \
next:                              \
	SUBS $1, R19               \
	BNE  segment               \
summed:

// SPILL moves the sums to the frame, where R8 points at them, and gets ready for the rows of the tile: R25 is the address of the
// bias, which is zero so far.
#define SPILL(height) \
	MOVD   $sums-256(SP), R8                 \
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R8)     \
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R8)     \
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R8)   \
	VST1.P [V12.S4, V13.S4, V14.S4, V15.S4], 64(R8) \
	MOVD   $sums-256(SP), R8                 \
	MOVD   tiles_flags(R0), R20              \
	MOVD   tiles_bias(R0), R25               \
	FMOVS  tiles_alpha(R0), F28              \
	ZERO(V29)                                \
	ZERO(V30)                                \
	ZERO(V31)                                \
	MOVD   $height, R12

// WRITE1 and WRITE2 apply the epilogue to the rows of a tile, one or two registers each, and store them. Unlike the sums these are
// loops, which can stop after any row.
#define WRITE1(height) \
	SPILL(height)         \
	CBZ R25, row          \
	FETCH(R25, F29, V29)  \
row:                          \
	FMOVQ (R8), F24       \
	ADD   $32, R8         \
	CURSOR(R2, R3, R23, R9) \
	TST   $const_flagScale, R20 \
	BEQ   scaled          \
	FMULBY(28, 0, 24, 24) \
	FADD(29, 24, 24)      \
scaled:                       \
	TST   $const_flagAccumulate, R20 \
	BEQ   added           \
	FETCH(R9, F26, V26)   \
	FADD(26, 24, 24)      \
added:                        \
	TST   $const_flagReLU, R20 \
	BEQ   limited         \
	FMAX(31, 24, 24)      \
limited:                      \
	CBZ   R4, masked      \
	CURSOR(R4, R5, R24, R11) \
	FETCH(R11, F26, V26)  \
	FNOTPOSITIVE(26, 26)  \
	CLEAR(26, 24, 24)     \
masked:                       \
	PUT(R9, F24, V24)     \
	SUBS  $1, R1          \
	BEQ   done            \
	SUBS  $1, R12         \
	BNE   row

#define WRITE2(height) \
	SPILL(height)         \
	CBZ   R25, row        \
	FMOVQ (R25), F29      \
	ADD   $16, R25        \
	FETCH(R25, F30, V30)  \
row:                          \
	FLDPQ.P 32(R8), (F24, F25) \
	CURSOR(R2, R3, R23, R9) \
	ADD   $16, R9, R10    \
	TST   $const_flagScale, R20 \
	BEQ   scaled          \
	FMULBY(28, 0, 24, 24) \
	FMULBY(28, 0, 25, 25) \
	FADD(29, 24, 24)      \
	FADD(30, 25, 25)      \
scaled:                       \
	TST   $const_flagAccumulate, R20 \
	BEQ   added           \
	FMOVQ (R9), F26       \
	FETCH(R10, F27, V27)  \
	FADD(26, 24, 24)      \
	FADD(27, 25, 25)      \
added:                        \
	TST   $const_flagReLU, R20 \
	BEQ   limited         \
	FMAX(31, 24, 24)      \
	FMAX(31, 25, 25)      \
limited:                      \
	CBZ   R4, masked      \
	CURSOR(R4, R5, R24, R11) \
	FMOVQ (R11), F26      \
	ADD   $16, R11        \
	FETCH(R11, F27, V27)  \
	FNOTPOSITIVE(26, 26)  \
	FNOTPOSITIVE(27, 27)  \
	CLEAR(26, 24, 24)     \
	CLEAR(27, 25, 25)     \
masked:                       \
	FMOVQ F24, (R9)       \
	PUT(R10, F25, V25)    \
	SUBS  $1, R1          \
	BEQ   done            \
	SUBS  $1, R12         \
	BNE   row

// AFTERROWS and AFTERCOLUMNS move on to the next tile's part of A.
#define AFTERROWS(height) \
	CBZ  R7, 3(PC)       \
	ADD  $(8*height), R7 \
	B    tile            \
	MOVD tiles_aStride(R0), R25 \
	MOVD $height, R26    \
	MUL  R26, R25        \
	ADD  R25, R6         \
	B    tile            \
done:                        \
	RET

#define AFTERCOLUMNS \
	MOVD tiles_aStride(R0), R25 \
	ADD  R25, R6         \
	B    tile            \
done:                        \
	RET

// func tilesRows2NEON(t *tiles)
TEXT ·tilesRows2NEON(SB), NOSPLIT, $256-8
	BEGIN
	ROWS(TABLED8, STRIDED8, LOAD8, JUMP8, BYROWS8, ADD2)
	WRITE2(8)
	AFTERROWS(8)

// func tilesRows1NEON(t *tiles)
TEXT ·tilesRows1NEON(SB), NOSPLIT, $256-8
	BEGIN
	ROWS(TABLED8, STRIDED8, LOAD8, JUMP8, BYROWS8, ADD1)
	WRITE1(8)
	AFTERROWS(8)

// func tilesColumns2NEON(t *tiles)
TEXT ·tilesColumns2NEON(SB), NOSPLIT, $256-8
	BEGIN
	COLUMNS(COLUMN8, BYCOLUMNS8, ADD2)
	WRITE2(8)
	AFTERCOLUMNS

// func tilesColumns1NEON(t *tiles)
TEXT ·tilesColumns1NEON(SB), NOSPLIT, $256-8
	BEGIN
	COLUMNS(COLUMN8, BYCOLUMNS8, ADD1)
	WRITE1(8)
	AFTERCOLUMNS

// func tilesShortRows2NEON(t *tiles)
TEXT ·tilesShortRows2NEON(SB), NOSPLIT, $256-8
	BEGIN
	ROWS(TABLED4, STRIDED4, LOAD4, JUMP4, BYROWS4, ADD2)
	WRITE2(4)
	AFTERROWS(4)

// func tilesShortRows1NEON(t *tiles)
TEXT ·tilesShortRows1NEON(SB), NOSPLIT, $256-8
	BEGIN
	ROWS(TABLED4, STRIDED4, LOAD4, JUMP4, BYROWS4, ADD1)
	WRITE1(4)
	AFTERROWS(4)

// func tilesShortColumns2NEON(t *tiles)
TEXT ·tilesShortColumns2NEON(SB), NOSPLIT, $256-8
	BEGIN
	COLUMNS(COLUMN4, BYCOLUMNS4, ADD2)
	WRITE2(4)
	AFTERCOLUMNS

// func tilesShortColumns1NEON(t *tiles)
TEXT ·tilesShortColumns1NEON(SB), NOSPLIT, $256-8
	BEGIN
	COLUMNS(COLUMN4, BYCOLUMNS4, ADD1)
	WRITE1(4)
	AFTERCOLUMNS

// R0 dst, R1 src, R2 rows, R3 stride, R4 rows left, R5 a row; V0 and V1 the row.
//
// func packRows8NEON(dst, src *float32, rows *int, stride, k int)
TEXT ·packRows8NEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD rows+16(FP), R2
	MOVD stride+24(FP), R3
	MOVD k+32(FP), R4
row:
	CURSOR(R1, R2, R3, R5)
	FLDPQ   (R5), (F0, F1)
	FSTPQ.P (F0, F1), 32(R0)
	SUBS    $1, R4
	BNE     row
	RET

// R0 dst, R1 … R4 the four rows, R5 blocks left, R6 pitch; V0 … V3 four terms of the rows, V4 … V7 pairs of them, V16 … V19 columns.
//
// func transpose4NEON(dst, src *float32, stride, blocks, pitch int)
TEXT ·transpose4NEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD stride+16(FP), R6
	ADD  R6, R1, R2
	ADD  R6, R2, R3
	ADD  R6, R3, R4
	MOVD blocks+24(FP), R5
	MOVD pitch+32(FP), R6
block:
	FMOVQ.P 16(R1), F0
	FMOVQ.P 16(R2), F1
	FMOVQ.P 16(R3), F2
	FMOVQ.P 16(R4), F3
	VTRN1   V1.S4, V0.S4, V4.S4
	VTRN2   V1.S4, V0.S4, V5.S4
	VTRN1   V3.S4, V2.S4, V6.S4
	VTRN2   V3.S4, V2.S4, V7.S4
	VTRN1   V6.D2, V4.D2, V16.D2
	VTRN1   V7.D2, V5.D2, V17.D2
	VTRN2   V6.D2, V4.D2, V18.D2
	VTRN2   V7.D2, V5.D2, V19.D2
	FMOVQ   F16, (R0)
	ADD     R6, R0
	FMOVQ   F17, (R0)
	ADD     R6, R0
	FMOVQ   F18, (R0)
	ADD     R6, R0
	FMOVQ   F19, (R0)
	ADD     R6, R0
	SUBS    $1, R5
	BNE     block
	RET

// R0 loops left; V0 … V23 sums, V24 and V25 factors.
//
// func peakNEON(loops int)
TEXT ·peakNEON(SB), NOSPLIT, $0-8
	MOVD loops+0(FP), R0
	ZERO16
	ZERO(V16); ZERO(V17); ZERO(V18); ZERO(V19); ZERO(V20); ZERO(V21); ZERO(V22); ZERO(V23)
	ZERO(V24)
	ZERO(V25)
loop:
	FMLABY(24, 0, 25, 0); FMLABY(24, 0, 25, 1); FMLABY(24, 0, 25, 2); FMLABY(24, 0, 25, 3)
	FMLABY(24, 0, 25, 4); FMLABY(24, 0, 25, 5); FMLABY(24, 0, 25, 6); FMLABY(24, 0, 25, 7)
	FMLABY(24, 0, 25, 8); FMLABY(24, 0, 25, 9); FMLABY(24, 0, 25, 10); FMLABY(24, 0, 25, 11)
	FMLABY(24, 0, 25, 12); FMLABY(24, 0, 25, 13); FMLABY(24, 0, 25, 14); FMLABY(24, 0, 25, 15)
	FMLABY(24, 0, 25, 16); FMLABY(24, 0, 25, 17); FMLABY(24, 0, 25, 18); FMLABY(24, 0, 25, 19)
	FMLABY(24, 0, 25, 20); FMLABY(24, 0, 25, 21); FMLABY(24, 0, 25, 22); FMLABY(24, 0, 25, 23)
	SUBS $1, R0
	BNE  loop
	RET
