#include "textflag.h"
#include "neon_arm64.h"

// The maps of Winograd's algorithm, for four channels at a time: the columns of a tile are mapped to half, the rows of that to dst.
// All share this map of registers:
//
//	R0, R1     dst and src
//	R2         tiles left
//	R3, R4     from row to row of dst, and from column to column
//	R5, R6     the same of src
//	R7         half
//	R8         channels left
//	R9, R10    the channels' places in src and dst
//	R11        lines left
//	R12        a cell
//	R13        a line of half
//	R14        a line of src or dst
//	R26        anything
//
//	V0 … V5    a line, before and after its map
//	V16 … V20  the even and odd parts of a line's values at opposite points
//	V24 … V27  the constants
DATA factors<>+0(SB)/4, $1.265625
DATA factors<>+4(SB)/4, $2.8125
DATA factors<>+8(SB)/4, $1.6875
DATA factors<>+12(SB)/4, $2.25
DATA factors<>+16(SB)/4, $0.75
DATA factors<>+20(SB)/4, $0.5625
DATA factors<>+24(SB)/4, $0.84375
DATA factors<>+28(SB)/4, $1.5
DATA factors<>+32(SB)/4, $0.7901234567901234
DATA factors<>+36(SB)/4, $0.5267489711934157
DATA factors<>+40(SB)/4, $0.2962962962962963
DATA factors<>+44(SB)/4, $0.3950617283950617
DATA factors<>+48(SB)/4, $0.13168724279835392
DATA factors<>+52(SB)/4, $0.19753086419753085
DATA factors<>+56(SB)/4, $0.421875
DATA factors<>+60(SB)/4, $3.375
GLOBL factors<>(SB), RODATA|NOPTR, $64

// CONSTANTS loads them.
#define CONSTANTS \
	MOVD  $factors<>(SB), R26 \
	FLDPQ (R26), (F24, F25)   \
	FLDPQ 32(R26), (F26, F27)

// BUTTERFLY makes values at opposite points of their even and odd parts, PARTS goes back.
#define BUTTERFLY \
	FADD(18, 17, 1) \
	FSUB(18, 17, 2) \
	FADD(20, 19, 3) \
	FSUB(20, 19, 4)

#define PARTS \
	FADD(2, 1, 17) \
	FSUB(2, 1, 18) \
	FADD(4, 3, 19) \
	FSUB(4, 3, 20)

// The maps of a line, in the order of the package's constants; see winogradMaps for their matrices.

#define INPUT \
	COPY(4, 16)          \
	FMLABY(24, 0, 0, 16) \
	FMLSBY(24, 1, 2, 16) \
	COPY(4, 17)          \
	FMLSBY(24, 3, 2, 17) \
	FMULBY(25, 0, 3, 18) \
	FMLSBY(24, 2, 1, 18) \
	COPY(4, 19)          \
	FMLSBY(25, 1, 2, 19) \
	FMULBY(25, 3, 3, 20) \
	FMLSBY(25, 2, 1, 20) \
	FMLABY(24, 0, 1, 5)  \
	FMLSBY(24, 1, 3, 5)  \
	COPY(16, 0)          \
	BUTTERFLY

#define WEIGHTS \
	FMULBY(26, 1, 0, 17) \
	FMLABY(26, 2, 2, 17) \
	FNEG(17, 17)         \
	FMULBY(26, 3, 1, 18) \
	FNEG(18, 18)         \
	FMULBY(27, 0, 0, 19) \
	FMLABY(26, 2, 2, 19) \
	FMULBY(27, 1, 1, 20) \
	FMULBY(26, 0, 0, 0)  \
	COPY(2, 5)           \
	BUTTERFLY

#define OUTPUT \
	PARTS                \
	FADD(17, 0, 0)       \
	FADD(19, 0, 0)       \
	FMULBY(25, 0, 18, 1) \
	FMLABY(25, 3, 20, 1) \
	FMULBY(25, 1, 17, 2) \
	FMLABY(24, 3, 19, 2) \
	FMULBY(27, 2, 18, 3) \
	FMLABY(27, 3, 20, 3) \
	FADD(5, 3, 3)

#define INPUTGRAD \
	PARTS                \
	FMULBY(24, 0, 5, 1)  \
	FMLSBY(24, 2, 18, 1) \
	FMLSBY(25, 2, 20, 1) \
	FMULBY(24, 1, 0, 2)  \
	FMLABY(24, 3, 17, 2) \
	FMLABY(25, 1, 19, 2) \
	FNEG(2, 2)           \
	FMULBY(25, 0, 18, 3) \
	FMLABY(25, 3, 20, 3) \
	FMLSBY(24, 1, 5, 3)  \
	FADD(17, 0, 4)       \
	FADD(19, 4, 4)       \
	FMULBY(24, 0, 0, 0)

#define WEIGHTSGRAD \
	PARTS                \
	FMULBY(26, 0, 0, 0)  \
	FMLSBY(26, 1, 17, 0) \
	FMLABY(27, 0, 19, 0) \
	FMULBY(27, 1, 20, 1) \
	FMLSBY(26, 3, 18, 1) \
	COPY(5, 2)           \
	FMLSBY(26, 2, 17, 2) \
	FMLABY(26, 2, 19, 2)

#define OUTPUTGRAD \
	COPY(0, 17)          \
	FMLABY(25, 1, 2, 17) \
	FMULBY(25, 0, 1, 18) \
	FMLABY(27, 2, 3, 18) \
	COPY(0, 19)          \
	FMLABY(24, 3, 2, 19) \
	FMULBY(25, 3, 1, 20) \
	FMLABY(27, 3, 3, 20) \
	COPY(3, 5)           \
	BUTTERFLY

// CELLS loads a column of src.
#define CELL(f) FMOVQ (R12), f; ADD R5, R12
#define CELLS3 CELL(F0); CELL(F1); CELL(F2)
#define CELLS4 CELLS3; CELL(F3)
#define CELLS6 CELLS4; CELL(F4); CELL(F5)

// KEEP stores a column of half, whose rows are pitch bytes long; ROW loads one of these.
#define KEEP3(pitch) \
	FMOVQ F0, (R13)           \
	FMOVQ F1, (1*(pitch))(R13) \
	FMOVQ F2, (2*(pitch))(R13)

#define KEEP4(pitch) KEEP3(pitch) \
	FMOVQ F3, (3*(pitch))(R13)

#define KEEP6(pitch) KEEP4(pitch) \
	FMOVQ F4, (4*(pitch))(R13) \
	FMOVQ F5, (5*(pitch))(R13)

#define ROW3 \
	FMOVQ.P 16(R13), F0 \
	FMOVQ.P 16(R13), F1 \
	FMOVQ.P 16(R13), F2

#define ROW4 ROW3 \
	FMOVQ.P 16(R13), F3

#define ROW6 ROW4 \
	FMOVQ.P 16(R13), F4 \
	FMOVQ.P 16(R13), F5

// PLACES stores a row of dst, MORE adds to it.
#define PLACE(f) FMOVQ f, (R12); ADD R4, R12
#define PLACES3 PLACE(F0); PLACE(F1); PLACE(F2)
#define PLACES4 PLACES3; PLACE(F3)
#define PLACES6 PLACES4; PLACE(F4); PLACE(F5)

#define ADDTO(i, f) FMOVQ (R12), F16; FADD(16, i, i); PLACE(f)
#define MORE6 ADDTO(0, F0); ADDTO(1, F1); ADDTO(2, F2); ADDTO(3, F3); ADDTO(4, F4); ADDTO(5, F5)

// MAP is the kernel for tiles with sides from and to.
#define MAP(from, to, cells, keep, row, places, line) \
	MOVD dst+0(FP), R0        \
	MOVD src+8(FP), R1        \
	MOVD tiles+24(FP), R2     \
	MOVD dstRow+32(FP), R3    \
	MOVD dstColumn+40(FP), R4 \
	MOVD srcRow+56(FP), R5    \
	MOVD srcColumn+64(FP), R6 \
	MOVD half+80(FP), R7      \
	CONSTANTS                 \
tile:                             \
	MOVD R1, R9               \
	MOVD R0, R10              \
	MOVD channels+16(FP), R8  \
channel:                          \
	MOVD R9, R14              \
	MOVD R7, R13              \
	MOVD $from, R11           \
column:                           \
	MOVD R14, R12             \
	cells                     \
	line                      \
	keep(16*from)             \
	ADD  R6, R14              \
	ADD  $16, R13             \
	SUBS $1, R11              \
	BNE  column               \
	MOVD R10, R14             \
	MOVD R7, R13              \
	MOVD $to, R11             \
mapped:                           \
	MOVD R14, R12             \
	row                       \
	line                      \
	places                    \
	ADD  R3, R14              \
	SUBS $1, R11              \
	BNE  mapped               \
	ADD  $16, R9              \
	ADD  $16, R10             \
	SUBS $4, R8               \
	BGT  channel              \
	MOVD srcTile+72(FP), R14  \
	ADD  R14, R1              \
	MOVD dstTile+48(FP), R14  \
	ADD  R14, R0              \
	SUBS $1, R2               \
	BNE  tile                 \
	RET

// func winogradInputNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)
TEXT ·winogradInputNEON(SB), NOSPLIT, $0-88
	MAP(6, 6, CELLS6, KEEP6, ROW6, PLACES6, INPUT)

// func winogradWeightsNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)
TEXT ·winogradWeightsNEON(SB), NOSPLIT, $0-88
	MAP(3, 6, CELLS3, KEEP6, ROW3, PLACES6, WEIGHTS)

// func winogradOutputNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)
TEXT ·winogradOutputNEON(SB), NOSPLIT, $0-88
	MAP(6, 4, CELLS6, KEEP4, ROW6, PLACES4, OUTPUT)

// func winogradInputGradNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)
TEXT ·winogradInputGradNEON(SB), NOSPLIT, $0-88
	MAP(6, 6, CELLS6, KEEP6, ROW6, MORE6, INPUTGRAD)

// func winogradWeightsGradNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)
TEXT ·winogradWeightsGradNEON(SB), NOSPLIT, $0-88
	MAP(6, 3, CELLS6, KEEP3, ROW6, PLACES3, WEIGHTSGRAD)

// func winogradOutputGradNEON(dst, src *float32, channels, tiles int, dstRow, dstColumn, dstTile, srcRow, srcColumn, srcTile int, half *float32)
TEXT ·winogradOutputGradNEON(SB), NOSPLIT, $0-88
	MAP(4, 6, CELLS4, KEEP6, ROW4, PLACES6, OUTPUTGRAD)
