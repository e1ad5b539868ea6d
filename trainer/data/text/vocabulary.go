package text

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/npy"
)

// vocabulary is what terms there are, by their hashes.
type vocabulary struct {
	Terms  terms   `json:"terms"`  // ascending
	Rarity weights `json:"rarity"` // of each term: 1 + log((1 + texts) / (1 + texts with it))

	places map[int32]int32 // of each term
}

// terms and weights are binary numbers, in base64 where they are written as JSON.
type (
	terms   []int32
	weights []float32
)

// MarshalJSON writes little-endian numbers.
func (t terms) MarshalJSON() ([]byte, error) { return json.Marshal(npy.Bytes([]int32(t))) }

// MarshalJSON writes little-endian numbers.
func (w weights) MarshalJSON() ([]byte, error) { return json.Marshal(npy.Bytes([]float32(w))) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *terms) UnmarshalJSON(text []byte) error { return numbersOf(text, (*[]int32)(t)) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (w *weights) UnmarshalJSON(text []byte) error { return numbersOf(text, (*[]float32)(w)) }

func numbersOf[T npy.Element](text []byte, out *[]T) error {
	var numbers []byte
	if err := json.Unmarshal(text, &numbers); err != nil {
		return err
	}
	*out = make([]T, len(numbers)/4)
	if copy(npy.Bytes(*out), numbers) != len(numbers) {
		return fmt.Errorf("%w: %d bytes are no numbers of four", model.ErrCorrupt, len(numbers))
	}
	return nil
}

func (v *vocabulary) place() {
	v.places = make(map[int32]int32, len(v.Terms))
	for i, term := range v.Terms {
		v.places[term] = int32(i)
	}
}

// reader hands f the terms of a plain text: eachTerm or eachPiece.
type reader func(text []byte, f func(term int32))

// newVocabulary chooses the terms that occur in most rows.
func newVocabulary(t *Column, rows []int32, each reader, most int) (v vocabulary) {
	counts := countRows(t, rows, each)
	for term, n := range counts {
		if n >= leastRows {
			v.Terms = append(v.Terms, term)
		}
	}
	slices.SortFunc(v.Terms, func(a, b int32) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	v.Terms = v.Terms[:min(most, len(v.Terms))]
	slices.Sort(v.Terms)
	for _, term := range v.Terms {
		v.Rarity = append(v.Rarity, float32(1+math.Log(float64(1+len(rows))/float64(1+counts[term]))))
	}
	v.place()
	return v
}

// countRows tells of each term in how many rows it is.
func countRows(t *Column, rows []int32, each reader) map[int32]int32 {
	type seen struct{ rows, last int32 } // last: one more than the last row
	found := map[int32]seen{}
	for _, row := range rows {
		each(t.Row(int(row)), func(term int32) {
			if s := found[term]; s.last != row+1 {
				found[term] = seen{s.rows + 1, row + 1}
			}
		})
	}
	counts := make(map[int32]int32, len(found))
	for term, s := range found {
		counts[term] = s.rows
	}
	return counts
}

// document is a text as weighted terms, by their places in the model: a vector of length 1.
type document struct {
	terms   []int32
	weights []float32
}

// weigh gives each known term (1 + log count) × rarity, and brings all to length 1.
func (v *vocabulary) weigh(text []byte, each reader) (d document) {
	each(text, func(term int32) {
		if at, known := v.places[term]; known {
			d.terms = append(d.terms, at)
		}
	})
	slices.Sort(d.terms)
	kept, squares := d.terms[:0], 0.0
	for i := 0; i < len(d.terms); {
		next := i
		for next < len(d.terms) && d.terms[next] == d.terms[i] {
			next++
		}
		w := (1 + math.Log(float64(next-i))) * float64(v.Rarity[d.terms[i]])
		squares += w * w
		kept, d.weights = append(kept, d.terms[i]), append(d.weights, float32(w))
		i = next
	}
	d.terms = kept
	for i := range d.weights {
		d.weights[i] /= float32(math.Sqrt(squares))
	}
	return d
}
