package model

// ViewFile is the name of the description in a view's directory.
const ViewFile = "view.json"

// View describes a data set as a session sees it: encoded, row-major .npy files, little endian, that any language maps
// into memory. All arrays have Rows rows. Paths are relative to the view's directory.
type View struct {
	Rows    int     `json:"rows"`
	Task    Task    `json:"task"`
	Classes int     `json:"classes,omitempty"` // classification: number of classes
	Inputs  []Input `json:"inputs"`
	Target  *Target `json:"target,omitempty"` // absent when predicting
}

// Kind is a kind of input.
type Kind string

// The kinds of inputs.
const (
	Numeric     Kind = "numeric"     // float32, Rows × Columns: scaled numbers, one-hot columns after them
	Categorical Kind = "categorical" // int32, Rows × Columns: codes; 0 is missing or unseen
	Image       Kind = "image"       // uint8, Rows × Height × Width × Channels
)

// Input is one array of inputs.
type Input struct {
	Kind  Kind     `json:"kind"`
	File  string   `json:"file"`
	Names []string `json:"names,omitempty"` // one for each column
	// Continuous is how many of the numeric columns, the first ones, are scaled numbers; those behind are 0/1 (one-hot).
	Continuous    int       `json:"continuous,omitempty"`
	Columns       int       `json:"columns,omitempty"`
	Cardinalities []int     `json:"cardinalities,omitempty"` // categorical: codes are 0 … n-1, for each column
	Height        int       `json:"height,omitempty"`
	Width         int       `json:"width,omitempty"`
	Channels      int       `json:"channels,omitempty"`
	Mean          []float64 `json:"mean,omitempty"` // image: per channel, of the training rows, of values in 0 … 1
	Std           []float64 `json:"std,omitempty"`
}

// Target is what is to be predicted: int32 codes 0 … Classes-1, or the standardised float32 value.
type Target struct {
	File   string    `json:"file"`
	Priors []float64 `json:"priors,omitempty"` // classification: class frequencies of the training rows
	Mean   float64   `json:"mean,omitempty"`   // regression: value = Mean + Std*standardised
	Std    float64   `json:"std,omitempty"`
	Min    float64   `json:"min,omitempty"` // regression: of the training rows, in the target's own unit; predictions are clamped
	Max    float64   `json:"max,omitempty"`
	// Threshold: of two classes, the positive one is the answer where its probability is no less; 0: where it is the more probable one.
	Threshold float64 `json:"threshold,omitempty"`
	// Lean: how far the answer leans to rarer classes: from 0, the most probable one, to 1, the one that is furthest above its share.
	Lean float64 `json:"lean,omitempty"`
}

// Positive is the class that is looked for when there are two: the rarer one of the training rows, the second on a tie.
func (v View) Positive() int {
	if v.Target != nil && len(v.Target.Priors) == 2 && v.Target.Priors[0] < v.Target.Priors[1] {
		return 0
	}
	return 1
}
