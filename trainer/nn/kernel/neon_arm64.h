// Instructions on four floats (or words) that Go's assembler has no name for. Operands are numbers of registers, in the order of
// Go's assembler: the destination comes last, and what is subtracted, or divides, first.

#define FADD(m, n, d) WORD $(0x4E20D400 | (m)<<16 | (n)<<5 | (d))
#define FSUB(m, n, d) WORD $(0x4EA0D400 | (m)<<16 | (n)<<5 | (d))
#define FMUL(m, n, d) WORD $(0x6E20DC00 | (m)<<16 | (n)<<5 | (d))
#define FMAX(m, n, d) WORD $(0x4E20F400 | (m)<<16 | (n)<<5 | (d))

// FNOTPOSITIVE sets the lanes that are at most zero, and clears the others and NaN.
#define FNOTPOSITIVE(n, d) WORD $(0x6EA0D800 | (n)<<5 | (d))

// CLEAR zeroes the bits of n that m has.
#define CLEAR(m, n, d) WORD $(0x4E601C00 | (m)<<16 | (n)<<5 | (d))

// FMULBY and FMLABY multiply all lanes of n by lane i of m; the latter adds.
#define FMULBY(m, i, n, d) WORD $(0x4F809000 | ((i)&1)<<21 | ((i)>>1)<<11 | (m)<<16 | (n)<<5 | (d))
#define FMLABY(m, i, n, d) WORD $(0x4F801000 | ((i)&1)<<21 | ((i)>>1)<<11 | (m)<<16 | (n)<<5 | (d))
