package report

import (
	"bytes"
	"fmt"
	"html/template"
)

// Style is the report's style sheet, for a page that shows parts of a report.
func Style() string { return styleText }

// Parts are a report's pieces, of a run that need not be finished, for a page that shows them in a frame of its own and
// with [Style]. What the run did not get to is empty.
type Parts struct {
	Headline string
	Tiles    template.HTML // figures at a glance
	Training template.HTML // the curves
	Sections template.HTML // all else, each a section with an id: learned, good, whom, wrong, training, measured, why, cost
}

// NewParts makes a report's pieces.
func NewParts(r *Run) (Parts, error) {
	c := describe(r)
	p := Parts{Headline: c.Headline}
	for _, part := range []struct {
		name string
		data any
		to   *template.HTML
	}{{"tiles", c, &p.Tiles}, {"figures", c.Training, &p.Training}, {"sections", c, &p.Sections}} {
		var b bytes.Buffer
		if err := page.ExecuteTemplate(&b, part.name, part.data); err != nil {
			return Parts{}, fmt.Errorf("render report: %w", err)
		}
		*part.to = template.HTML(b.String()) //nolint:gosec // the template escaped it
	}
	return p, nil
}
