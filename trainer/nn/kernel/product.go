package kernel

// Form says which operand of a Product is transposed.
type Form uint8

const (
	// AB is C = A·B: A is M×K, B is K×N. Forward passes.
	AB Form = iota
	// ATB is C = Aᵀ·B: A is K×M, B is K×N. Gradients of weights.
	ATB
	// ABT is C = A·Bᵀ: A is M×K, B is N×K. Gradients of inputs.
	ABT
)

// Product describes C = epilogue(Alpha * op(A)·op(B) [+ C]), with C M×N and K terms in each sum. M, N or K may be zero.
//
// The epilogue runs in this order: scale by Alpha, add the old C (Accumulate), add Bias, store the result to Before,
// apply Activation, multiply by the derivative of Gradient at At. Only A may have segments. C must not overlap the others.
type Product struct {
	Form    Form
	M, N, K int
	A, B, C Matrix

	Alpha      float32 // 0 stands for 1
	Accumulate bool    // add to C instead of overwriting it

	// Half allows that A's and B's elements are rounded to bfloat16, 8 significant bits, before they are multiplied. Sums stay
	// float32. It changes something only where that is quicker: see Halves.
	Half bool

	Bias       []float32  // N values added to every row; nil for none
	Before     Matrix     // M×N: receives what the activation is applied to; nil Data for none
	Activation Activation // of the sum

	Gradient Activation // when At is set: C is multiplied by Gradient's derivative ...
	At       Matrix     // ... at these M×N pre-activations (for ReLU its outputs serve as well)
}

// alpha is the scale with its default applied.
func (p *Product) alpha() float32 {
	if p.Alpha == 0 {
		return 1
	}
	return p.Alpha
}

// FLOPs counts a multiply-add as two; epilogues are not counted.
func (p *Product) FLOPs() int64 { return 2 * int64(p.M) * int64(p.N) * int64(p.K) }

// Mul computes the product. The workspace may serve one call at a time.
func Mul(p *Product, w *Workspace) {
	p.check()
	switch {
	case p.M == 0 || p.N == 0:
	case vector():
		mulVector(p, w)
	default:
		mulTwin(p)
	}
}

// check panics when the matrices do not hold what the product reads and writes: kernels do not look again.
func (p *Product) check() {
	aRows, aColumns, bRows, bColumns := p.M, p.K, p.K, p.N
	switch p.Form {
	case ATB:
		aRows, aColumns = p.K, p.M
	case ABT:
		bRows, bColumns = p.N, p.K
	}
	p.A.check("A", aRows, aColumns)
	p.B.check("B", bRows, bColumns)
	p.C.check("C", p.M, p.N)
	if p.Before.Data != nil {
		p.Before.check("Before", p.M, p.N)
	}
	if p.At.Data != nil {
		p.At.check("At", p.M, p.N)
	}
	if p.Bias != nil && len(p.Bias) < p.N {
		panic("kernel: Bias is shorter than N")
	}
}

// Workspace holds the buffers that operands are packed into. One size serves every product; each thread needs its own.
type Workspace struct {
	a, b   []float32
	turned []float32 // a narrow product's transpose
	half   []float32 // Winograd's maps, half done
	tiles  tiles     // what the kernels work on
	part   Product   // of a whole one
}

// WorkspaceBytes is the memory of one Workspace.
const WorkspaceBytes = 4 * (packA + packB + packTurned + halfTile)

// NewWorkspace allocates the buffers, once.
func NewWorkspace() *Workspace {
	return &Workspace{
		a: make([]float32, packA), b: make([]float32, packB), turned: make([]float32, packTurned), half: make([]float32, halfTile),
	}
}
