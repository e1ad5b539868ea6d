package designed

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
)

// A curve is seen at so many places, chosen at random between 0 and 10 on each axis, through noise of this standard deviation.
const (
	curveRows  = 1000
	curveNoise = 0.1
)

// curve is what someone draws to see whether a program can learn: a function of one to three numbers.
type curve struct {
	name    string
	columns int
	value   func(x []float64) float64
}

var curves = []curve{
	{"sine", 1, func(x []float64) float64 { return math.Sin(3 * x[0]) }},
	{"slow_sine", 1, func(x []float64) float64 { return math.Sin(x[0]) }},
	{"fast_sine", 1, func(x []float64) float64 { return math.Sin(6 * x[0]) }},
	{"chirp", 1, func(x []float64) float64 { return math.Sin(x[0] * x[0] / 4) }},
	{"parabola", 1, func(x []float64) float64 { return (x[0] - 5) * (x[0] - 5) / 8 }},
	{"saw", 1, func(x []float64) float64 { return math.Mod(x[0], 2) - 1 }},
	{"season", 2, func(x []float64) float64 { return math.Sin(2*x[0]) + x[1]/5 }},
	{"waves", 2, func(x []float64) float64 { return math.Sin(x[0]) * math.Cos(x[1]) }},
	{"ripple", 2, func(x []float64) float64 { return math.Sin(2 * math.Hypot(x[0]-5, x[1]-5)) }},
	{"bump", 2, func(x []float64) float64 { return 3 * math.Exp(-((x[0]-5)*(x[0]-5)+(x[1]-5)*(x[1]-5))/4) }},
	{"saddle", 2, func(x []float64) float64 { return (x[0] - 5) * (x[1] - 5) / 8 }},
	{"three_waves", 3, func(x []float64) float64 { return math.Sin(x[0]) + math.Sin(1.5*x[1])*math.Sin(x[2]) }},
}

// WriteCurves writes a table of each curve to a folder of its own below dir.
func WriteCurves(dir string) error {
	for _, c := range curves {
		source := fmt.Sprintf("name = %q\nmodality = \"tabular\"\ntask = \"regression\"\ntarget = \"y\"\n", c.name)
		if err := store(filepath.Join(dir, c.name), source, c.table()); err != nil {
			return err
		}
	}
	return nil
}

func (c curve) table() [][]string {
	random := rand.New(rand.NewPCG(2, uint64(c.columns)))
	table := [][]string{append(names(c.columns), "y")}
	for range curveRows {
		x, row := make([]float64, c.columns), []string(nil)
		for i := range x {
			x[i] = 10 * random.Float64()
			row = append(row, strconv.FormatFloat(x[i], 'f', 4, 64))
		}
		table = append(table, append(row, strconv.FormatFloat(c.value(x)+curveNoise*random.NormFloat64(), 'f', 4, 64)))
	}
	return table
}
