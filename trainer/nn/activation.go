package nn

// Activation is a function applied to each value.
type Activation string

// The activations. The zero value is the identity.
const (
	Identity Activation = ""
	ReLU     Activation = "relu"
	GELU     Activation = "gelu" // x Φ(x), with the error function
	SiLU     Activation = "silu" // x σ(x)
	SELU     Activation = "selu"
	Mish     Activation = "mish" // x tanh(ln(1 + eˣ))
	Tanh     Activation = "tanh"
)
