package report

import (
	"fmt"
	"strings"

	"tuned/trainer/data"
)

// wordingTable is what the words of a column of texts say.
type wordingTable struct {
	Column, Text, Head string
	Rows               []wordingRow
}

type wordingRow struct{ Answer, Words string }

// wordings shows, of each column of texts, which words speak for which answer.
func (r *Run) wordings() (all []wordingTable) {
	for _, w := range r.Metrics.Words {
		t := wordingTable{
			Column: w.Column, Head: r.subject(),
			Text: fmt.Sprintf("The words of %s that speak most for an answer, each by itself, the strongest first: of those that are in %d rows or more.", w.Column, w.Rows),
		}
		for _, s := range w.For {
			t.Rows = append(t.Rows, wordingRow{r.answer(s.Answer), strings.Join(s.Words, ", ")})
		}
		all = append(all, t)
	}
	return all
}

// answer is what words speak for.
func (r *Run) answer(name string) string {
	switch {
	case len(r.Columns.Classes) > 0:
		return name
	case name == data.More:
		return "higher"
	}
	return "lower"
}
