// Instructions on four floats (or words) that Go's assembler has no name for. Operands are numbers of registers, in the order of
// Go's assembler: the destination comes last, and what is subtracted, or divides, first.

#define THREE(op, m, n, d) WORD $((op) | (m)<<16 | (n)<<5 | (d))
#define TWO(op, n, d) WORD $((op) | (n)<<5 | (d))

// FMLA adds m*n to d, FMLS subtracts it.
#define FADD(m, n, d) THREE(0x4E20D400, m, n, d)
#define FSUB(m, n, d) THREE(0x4EA0D400, m, n, d)
#define FMUL(m, n, d) THREE(0x6E20DC00, m, n, d)
#define FDIV(m, n, d) THREE(0x6E20FC00, m, n, d)
#define FMAX(m, n, d) THREE(0x4E20F400, m, n, d)
#define FMIN(m, n, d) THREE(0x4EA0F400, m, n, d)
#define FMLA(m, n, d) THREE(0x4E20CC00, m, n, d)
#define FMLS(m, n, d) THREE(0x4EA0CC00, m, n, d)
#define FABS(n, d) TWO(0x4EA0F800, n, d)
#define FNEG(n, d) TWO(0x6EA0F800, n, d)
#define FSQRT(n, d) TWO(0x6EA1F800, n, d)

// FADDP adds neighbours: first those of n, then those of m. FMAXV is the greatest lane of n, or NaN.
#define FADDP(m, n, d) THREE(0x6E20D400, m, n, d)
#define FMAXV(n, d) TWO(0x6E30F800, n, d)

// FROUND rounds to the nearest integers, or else the even ones, as floats; FTOINT as words. ITOFLOAT goes back.
#define FROUND(n, d) TWO(0x4E218800, n, d)
#define FTOINT(n, d) TWO(0x4E21A800, n, d)
#define ITOFLOAT(n, d) TWO(0x4E21D800, n, d)

// Words: IABOVE sets the lanes where n > m, without sign; SHIFTSIGNED keeps the sign.
#define IADD(m, n, d) THREE(0x4EA08400, m, n, d)
#define ISUB(m, n, d) THREE(0x6EA08400, m, n, d)
#define IABOVE(m, n, d) THREE(0x6EA03400, m, n, d)
#define SHIFTUP(by, n, d) TWO(0x4F205400 | (by)<<16, n, d)
#define SHIFTDOWN(by, n, d) TWO(0x6F000400 | (64-(by))<<16, n, d)
#define SHIFTSIGNED(by, n, d) TWO(0x4F000400 | (64-(by))<<16, n, d)

// FABOVE sets the lanes where n > m, FEQUAL where they are equal, and FNOTPOSITIVE where n is at most zero; all clear them for NaN.
#define FABOVE(m, n, d) THREE(0x6EA0E400, m, n, d)
#define FEQUAL(m, n, d) THREE(0x4E20E400, m, n, d)
#define FNOTPOSITIVE(n, d) TWO(0x6EA0D800, n, d)

// Bits: CLEAR zeroes those of n that m has; INSERT copies those of n that m has, and UNLESS those of n that m has not, to d.
#define AND(m, n, d) THREE(0x4E201C00, m, n, d)
#define XOR(m, n, d) THREE(0x6E201C00, m, n, d)
#define CLEAR(m, n, d) THREE(0x4E601C00, m, n, d)
#define INSERT(m, n, d) THREE(0x6EA01C00, m, n, d)
#define UNLESS(m, n, d) THREE(0x6EE01C00, m, n, d)
#define COPY(n, d) THREE(0x4EA01C00, n, n, d)

// FMULBY, FMLABY, FMLSBY and, of words, IMULBY multiply all lanes of n by lane i of m; SPREAD copies lane i of n to all lanes.
#define LANE(op, m, i, n, d) THREE((op) | ((i)&1)<<21 | ((i)>>1)<<11, m, n, d)
#define FMULBY(m, i, n, d) LANE(0x4F809000, m, i, n, d)
#define FMLABY(m, i, n, d) LANE(0x4F801000, m, i, n, d)
#define FMLSBY(m, i, n, d) LANE(0x4F805000, m, i, n, d)
#define IMULBY(m, i, n, d) LANE(0x4F808000, m, i, n, d)
#define SPREAD(n, i, d) TWO(0x4E040400 | (i)<<19, n, d)

// SET puts a constant in all lanes.
#define SET0625(d) WORD $(0x4F03F480 | (d))
#define SET05(d) WORD $(0x4F03F400 | (d))
#define SET1(d) WORD $(0x4F03F600 | (d))
#define SET2(d) WORD $(0x4F00F400 | (d))
#define SET3(d) WORD $(0x4F00F500 | (d))
#define SET4(d) WORD $(0x4F00F600 | (d))
#define SET20(d) WORD $(0x4F01F680 | (d))
#define SETSIGN(d) WORD $(0x4F046400 | (d))

// ZERO clears a register, which it takes by its name.
#define ZERO(v) VEOR v.B16, v.B16, v.B16

// FETCH loads the lanes of a register whose bits are set in R22: the lowest one, two, three, or all. The others become zero. f and
// v are names of one register; R26 is lost.
#define FETCH(p, f, v) \
	TBZ   $3, R22, 3(PC) \
	FMOVQ (p), f         \
	B     8(PC)          \
	TBZ   $1, R22, 6(PC) \
	FMOVD (p), f         \
	TBZ   $2, R22, 5(PC) \
	ADD   $8, p, R26     \
	VLD1  (R26), v.S[2]  \
	B     2(PC)          \
	FMOVS (p), f

// PUT stores them.
#define PUT(p, f, v) \
	TBZ   $3, R22, 3(PC) \
	FMOVQ f, (p)         \
	B     8(PC)          \
	TBZ   $1, R22, 6(PC) \
	FMOVD f, (p)         \
	TBZ   $2, R22, 5(PC) \
	ADD   $8, p, R26     \
	VST1  v.S[2], (R26)  \
	B     2(PC)          \
	FMOVS f, (p)

// COUNT sets R22 for a register of R8 < 4 elements.
#define COUNT \
	MOVD $1, R22      \
	LSL  R8, R22, R22 \
	SUB  $1, R22

// TAKE and GIVE do the same with all lanes.
#define TAKE(p, f, v) FMOVQ (p), f
#define GIVE(p, f, v) FMOVQ f, (p)

// LOOP goes over R8 > 0 elements and returns. The shape loads a register of each input, does op, and stores the outputs, by the
// instructions that it is given; step moves the pointers on.
#define LOOP(shape, op, step) \
	SUBS $4, R8           \
	BLT  rest             \
whole:                        \
	shape(op, TAKE, GIVE) \
	step                  \
	SUBS $4, R8           \
	BGE  whole            \
rest:                         \
	ADDS $4, R8           \
	BEQ  done             \
	COUNT                 \
	shape(op, FETCH, PUT) \
done:                         \
	RET

// STEP2 to STEP5 move so many pointers on, from R0 on.
#define STEP2 ADD $16, R0; ADD $16, R1
#define STEP3 STEP2; ADD $16, R2
#define STEP4 STEP3; ADD $16, R3
#define STEP5 STEP4; ADD $16, R4

// NEXT is a step of Horner's rule: q = p*x + lane i of c.
#define NEXT(c, i, x, p, q) \
	SPREAD(c, i, q) \
	FMLA(p, x, q)
