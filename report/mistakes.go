package report

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"math"
	"slices"

	"tuned/job"
)

// mistakeGrid are the worst mistakes as images, the worst first.
type mistakeGrid struct {
	Caption  string
	Pictures []picture
}

// picture is an image with what it is and what the model took it for.
type picture struct {
	Image       template.URL
	Row         int
	Said, Truth string
}

// mistakes is nil where the rows are no images, or all are right.
func (r *Run) mistakes() *mistakeGrid {
	p := r.Predictions
	if len(r.Mistakes) == 0 || r.Mistakes[0].PNG == nil {
		return nil
	}
	g := &mistakeGrid{Caption: "The images where the model was surest of a wrong answer. They are worth a look: some are wrong in the data. Rows count from 0."}
	if p.Actual != nil {
		g.Caption = "The images where the model was furthest off. They are worth a look: some are wrong in the data. Rows count from 0."
	}
	for _, m := range r.Mistakes {
		if i := slices.Index(p.Rows, int(m.Row)); i >= 0 {
			g.Pictures = append(g.Pictures, p.picture(i, m))
		}
	}
	return g
}

func (p *Predictions) picture(i int, m job.Mistake) picture {
	shown := picture{Image: dataURL(m.PNG), Row: int(m.Row)}
	if p.Actual != nil {
		shown.Said = "said " + num(p.Value[i])
		shown.Truth = fmt.Sprintf("is %s, off by %s", num(p.Actual[i]), num(math.Abs(p.Actual[i]-p.Value[i])))
		return shown
	}
	shown.Said = "said " + p.Classes[p.Predicted[i]]
	shown.Truth = fmt.Sprintf("is %s, %s sure", p.Classes[p.Truth[i]], share(p.Probabilities[i][p.Predicted[i]]))
	return shown
}

// dataURL holds an image in the page itself.
func dataURL(file []byte) template.URL {
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(file)) //nolint:gosec // base64 has no markup
}

// mostShown is how many columns of a table are shown of a mistake.
const mostShown = 3

// shownColumns are those that the model relies on most of the columns of which cells were kept with the mistakes.
func (r *Run) shownColumns() (names []string) {
	if len(r.Mistakes) == 0 {
		return nil
	}
	for _, c := range r.Mistakes[0].Cells {
		names = append(names, c.Column)
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(r.relied(b), r.relied(a)) })
	return names[:min(mostShown, len(names))]
}

// relied is how much the model relies on a column; 0 where that is not known.
func (r *Run) relied(column string) float64 {
	at := slices.IndexFunc(r.Metrics.Columns, func(c job.Reliance) bool { return c.Column == column })
	if at < 0 {
		return 0
	}
	return r.Metrics.Columns[at].Moves
}

// cells are what a row says in columns.
func (r *Run) cells(row int, columns []string) []string {
	texts := make([]string, len(columns))
	at := slices.IndexFunc(r.Mistakes, func(m job.Mistake) bool { return int(m.Row) == row })
	if at < 0 {
		return texts
	}
	for _, c := range r.Mistakes[at].Cells {
		if i := slices.Index(columns, c.Column); i >= 0 {
			texts[i] = c.Text
		}
	}
	return texts
}
