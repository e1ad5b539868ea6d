package data

import (
	"math"
	"time"
)

// encoder turns raw columns into a view's arrays: scaled columns first, then those of zeros and ones, and codes apart.
type encoder struct {
	names, flagNames, codeNames []string
	scaled, flags               []fill
	codes                       []codeFill
	cardinalities               []int
}

// fill writes rows from … to-1 of one numeric column into out, every stride-th element.
type fill func(from, to int, out []float32, stride int)

// codeFill is the same for a column of codes.
type codeFill func(from, to int, out []int32, stride int)

// encoderOf prepares the features; column i of the table is at[i]'s, in the order of the features.
func encoderOf(features []Feature, t *table, at []int) *encoder {
	e := &encoder{}
	for i := range features {
		f, c := &features[i], at[i]
		switch f.Encoding {
		case Scaled:
			e.addScaled(f.Name, numberFill(t.numbers(c), f))
		case Calendar:
			for k := range f.Parts {
				e.addScaled(f.Name+"."+f.Parts[k].Name, partFill(t.seconds(c), &f.Parts[k]))
			}
		case Scores:
			e.texts(f, t.texts[c])
		case Presence:
			e.addFlag(f.Name+" is there", flagFill(t, c, 0, 1))
		case Sign:
			e.addFlag(f.Name+"="+f.Levels[1], signFill(t.codes(c), recoding(t.columns[c].Levels, f.Levels)))
		case OneHot:
			e.oneHot(f, t, c)
		case Codes:
			e.codeNames, e.cardinalities = append(e.codeNames, f.Name), append(e.cardinalities, len(f.Levels)+1)
			e.codes = append(e.codes, codesFill(t.codes(c), recoding(t.columns[c].Levels, f.Levels)))
		}
		if f.Indicator {
			e.addFlag(f.Name+" is missing", flagFill(t, c, 1, 0))
		}
	}
	return e
}

// texts adds the parts of a text: its scores, then how long it is.
func (e *encoder) texts(f *Feature, t *texts) {
	scores, k := f.Text.Scores(&t.Column), f.Text.Outputs()
	for o := range f.Parts {
		p := &f.Parts[o]
		value := func(row int) float64 { return float64(scores[row*k+o]) }
		if p.Name == lengthPart && o == k {
			value = func(row int) float64 { return length(t.Row(row)) }
		}
		e.addScaled(f.Name+": "+p.Name, func(from, to int, out []float32, stride int) {
			for i := range to - from {
				out[i*stride] = p.Scale.apply(value(from + i))
			}
		})
	}
}

func (e *encoder) addScaled(name string, f fill) {
	e.names, e.scaled = append(e.names, name), append(e.scaled, f)
}

func (e *encoder) addFlag(name string, f fill) {
	e.flagNames, e.flags = append(e.flagNames, name), append(e.flags, f)
}

func (e *encoder) oneHot(f *Feature, t *table, c int) {
	codes, recode := t.codes(c), recoding(t.columns[c].Levels, f.Levels)
	for k, level := range f.Levels {
		want := int32(k) + 1
		e.addFlag(f.Name+"="+level, func(from, to int, out []float32, stride int) {
			for i, code := range codes[from:to] {
				out[i*stride] = 0
				if recode[code] == want {
					out[i*stride] = 1
				}
			}
		})
	}
}

// recoding maps codes of raw levels to codes of a feature's levels; those that it lacks become missing.
func recoding(from, to []string) []int32 {
	index := make(map[string]int32, len(to))
	for i, level := range to {
		index[level] = int32(i) + 1
	}
	out := make([]int32, len(from)+1)
	for i, level := range from {
		out[i+1] = index[level]
	}
	return out
}

func numberFill(stored []float32, f *Feature) fill {
	return func(from, to int, out []float32, stride int) {
		for i, v := range stored[from:to] {
			out[i*stride] = f.Scale.apply(f.Center + float64(v))
		}
	}
}

func partFill(stored []int64, p *Part) fill {
	of := partOf(p.Name)
	return func(from, to int, out []float32, stride int) {
		for i, s := range stored[from:to] {
			v := math.NaN()
			if s != noTime {
				v = of(time.Unix(s, 0).UTC())
			}
			out[i*stride] = p.Scale.apply(v)
		}
	}
}

func signFill(codes, recode []int32) fill {
	signs := [3]float32{0, -1, 1}
	return func(from, to int, out []float32, stride int) {
		for i, code := range codes[from:to] {
			out[i*stride] = signs[recode[code]]
		}
	}
}

// flagFill writes one number where a value is missing and another where it is there.
func flagFill(t *table, c int, gone, there float32) fill {
	absent := t.absent(c)
	return func(from, to int, out []float32, stride int) {
		for i := range to - from {
			out[i*stride] = there
			if absent(from + i) {
				out[i*stride] = gone
			}
		}
	}
}

// absent reports for a row whether the column has no value in it.
func (t *table) absent(c int) func(row int) bool {
	if v := t.numbers(c); v != nil {
		return func(row int) bool { return v[row] != v[row] }
	}
	if v := t.seconds(c); v != nil {
		return func(row int) bool { return v[row] == noTime }
	}
	v := t.codes(c)
	return func(row int) bool { return v[row] == 0 }
}

func codesFill(codes, recode []int32) codeFill {
	return func(from, to int, out []int32, stride int) {
		for i, code := range codes[from:to] {
			out[i*stride] = recode[code]
		}
	}
}
