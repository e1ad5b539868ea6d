//go:build !amd64 && !arm64

package kernel

// packA, packB and packTurned are the floats of a workspace: the portable product packs nothing.
const (
	packA      = 0
	packB      = 0
	packTurned = 0
	halfTile   = 0
)

// mulVector is never called: there is no vector path here.
func mulVector(p *Product, _ *Workspace) { mulTwin(p) }

// MultiplyAdds runs a loop of independent multiply-adds so many times, with the active instruction set, and returns the operations done.
func MultiplyAdds(loops int) int64 { return multiplyAddsTwin(loops) }
