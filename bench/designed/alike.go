package designed

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
)

// Each table of columns that say nearly the same has so many rows.
const alikeRows = 1000

// alike is a table whose columns share one large part: what rows differ by most is the same in all of them.
type alike struct {
	name    string
	classes bool
	row     func(r *rand.Rand) (x []float64, y float64) // of classes, y is 0 or 1
}

// alikes are made such that what is asked lies in the little that columns differ by (spectra, walk_change, walk_turn), or in what they
// share (walk_level, copies).
func alikes() []alike {
	mixture := newSpectrum()
	return []alike{
		{"spectra_linear", false, mixture.row(0.002, func(c []float64, noise float64) float64 { return c[0] + noise })},
		{"spectra_ratio", false, mixture.row(0.002, func(c []float64, noise float64) float64 { return c[0]*c[1]/(1+c[2]) + noise })},
		{"spectra_noisy", false, mixture.row(0.02, func(c []float64, noise float64) float64 { return c[0]*c[1]/(1+c[2]) + noise })},
		{"spectra_class", true, mixture.row(0.002, func(c []float64, noise float64) float64 { return more(c[0]+noise, c[1]) })},
		{"walk_change", false, walk(func(x []float64, noise float64) float64 { return x[len(x)-1] - x[0] + noise })},
		{"walk_turn", true, walk(func(x []float64, noise float64) float64 { return more(x[len(x)-1]+noise/4, x[len(x)/2]) })},
		{"walk_level", false, walk(func(x []float64, noise float64) float64 { return x[0]*x[0] + noise })},
		{"copies", false, copies(20, 0.1, func(z, noise float64) float64 { return math.Sin(2*z) + 0.2*noise })},
		{"copies_class", true, copies(12, 0.2, func(z, noise float64) float64 { return more(math.Sin(2*z)+0.3*noise, 0) })},
	}
}

// WriteAlike writes these tables to folders of their own below dir.
func WriteAlike(dir string) error {
	for _, a := range alikes() {
		task := "regression"
		if a.classes {
			task = "classification"
		}
		source := fmt.Sprintf("name = %q\nmodality = \"tabular\"\ntask = %q\ntarget = \"y\"\n", a.name, task)
		if err := store(filepath.Join(dir, a.name), source, a.table()); err != nil {
			return err
		}
	}
	return nil
}

func (a alike) table() [][]string {
	random := rand.New(rand.NewPCG(3, uint64(len(a.name))))
	var table [][]string
	for range alikeRows {
		x, y := a.row(random)
		if table == nil {
			table = append(table, append(names(len(x)), "y"))
		}
		row := make([]string, len(x), len(x)+1)
		for i, v := range x {
			row[i] = strconv.FormatFloat(v, 'f', 5, 64)
		}
		table = append(table, append(row, strconv.FormatFloat(y, 'f', 4, 64)))
	}
	return table
}

// more is 1 where a is more than b.
func more(a, b float64) float64 {
	if a > b {
		return 1
	}
	return 0
}

// A spectrum is read at so many wavelengths, of a mixture of so many substances.
const (
	wavelengths = 100
	substances  = 5
)

// spectrum is what each substance absorbs at each wavelength: the sum of four bumps.
type spectrum [substances][wavelengths]float64

func newSpectrum() (s spectrum) {
	random := rand.New(rand.NewPCG(3, 0))
	for i := range s {
		for range 4 {
			centre, width, height := random.Float64(), 0.04+0.11*random.Float64(), 0.3+0.7*random.Float64()
			for j := range s[i] {
				d := (float64(j)/wavelengths - centre) / width
				s[i][j] += height * math.Exp(-d*d)
			}
		}
	}
	return s
}

// row is a mixture's: a tenth of what its substances absorb, on a base that is larger than all of it, as of grains that scatter light.
func (s spectrum) row(noise float64, of func(amounts []float64, noise float64) float64) func(r *rand.Rand) ([]float64, float64) {
	return func(r *rand.Rand) ([]float64, float64) {
		amounts := make([]float64, substances)
		for i := range amounts {
			amounts[i] = r.ExpFloat64() + r.ExpFloat64()
		}
		base, slope, thickness := r.NormFloat64(), 0.3*r.NormFloat64(), 1+0.1*r.NormFloat64()
		x := make([]float64, wavelengths)
		for j := range x {
			x[j] = base + slope*float64(j)/wavelengths
			for i, a := range amounts {
				x[j] += 0.1 * a * s[i][j]
			}
			x[j] = thickness*x[j] + noise*r.NormFloat64()
		}
		return x, of(amounts, 0.1*r.NormFloat64())
	}
}

// walk is 50 steps of a random walk from anywhere.
func walk(of func(x []float64, noise float64) float64) func(r *rand.Rand) ([]float64, float64) {
	return func(r *rand.Rand) ([]float64, float64) {
		x, at := make([]float64, 50), 2*r.NormFloat64()
		for j := range x {
			at += 0.1 * r.NormFloat64()
			x[j] = at
		}
		return x, of(x, 0.2*r.NormFloat64())
	}
}

// copies are n readings of one number.
func copies(n int, noise float64, of func(z, noise float64) float64) func(r *rand.Rand) ([]float64, float64) {
	return func(r *rand.Rand) ([]float64, float64) {
		z, x := r.NormFloat64(), make([]float64, n)
		for j := range x {
			x[j] = z + noise*r.NormFloat64()
		}
		return x, of(z, r.NormFloat64())
	}
}
