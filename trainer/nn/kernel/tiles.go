package kernel

// tiles is what the product kernels work on: M rows of A against one panel of B. The order of its
// fields is known to internal/gen; the assembler of arm64 reads it here.
type tiles struct {
	a           *float32 // row 0, or the first packed panel
	aRows       *int     // offsets of rows in floats; nil for strided rows
	aStride     int      // bytes from row to row; with columns, from one tile's rows to the next
	aStep       int      // bytes from column to column, where A lies in columns
	b           *float32
	bStride     int // bytes
	c           *float32
	cRows       *int
	cStride     int
	m           int
	segments    int
	segment     int // terms in a segment
	segmentJump int // bytes from the end of a segment to the next one
	bias        *float32
	at          *float32
	atRows      *int
	atStride    int
	alpha       float32
	_           uint32
	flags       int
	mask        *int32   // of the last register's lanes, for AVX2
	maskBits    int      // the same for the others, a bit each
	pack        *float32 // where kernels that pack copy B
}

// The bits of tiles.flags.
const (
	flagAccumulate = 1 << iota
	flagReLU
	flagScale // by alpha, or add bias
	flagPlain // no tables
	flagAhead // fetch the next tile's rows of A early
)
