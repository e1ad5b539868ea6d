package job

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"tuned/trainer/metric"
)

// How much of the worst mistakes a person sees.
const (
	shownMistakes = 24
	keptColumns   = 12 // of a table: those that say most about the target alone
)

// Mistake is a row of the holdout that the model was wrong about: an image, or some of its cells. mistakes.json lists the worst, the
// worst first.
type Mistake struct {
	Row   int32  `json:"row"` // as in predictions.csv
	PNG   []byte `json:"png,omitempty"`
	Cells []Cell `json:"cells,omitempty"`
}

// Cell is what a row says in a column; a long text's beginning.
type Cell struct {
	Column string `json:"column"`
	Text   string `json:"text"`
}

// showMistakes keeps what the report shows of the worst mistakes.
func (r *run) showMistakes(outputs []float32, truth metric.Truth) error {
	mistakes := []Mistake{}
	var features []int
	if r.table.Picture == nil {
		features = r.strongest(keptColumns)
	}
	for _, i := range metric.Worst(r.model.view.View, outputs, truth, shownMistakes) {
		m, err := r.mistake(r.table.Holdout[i], features)
		if err != nil {
			return fmt.Errorf("write %s: %w", mistakesFile, err)
		}
		mistakes = append(mistakes, m)
	}
	return writeJSON(r.dir.file(mistakesFile), mistakes)
}

// mistake is a row as a person sees it: its image, or its cells in features.
func (r *run) mistake(row int32, features []int) (m Mistake, err error) {
	m.Row = r.table.FileRow(row)
	if r.table.Picture != nil {
		m.PNG, err = r.table.Thumbnail(row)
		return m, err
	}
	for _, f := range features {
		column := r.model.view.preprocess.Features[f].Name
		m.Cells = append(m.Cells, Cell{column, r.table.CellText(column, row)})
	}
	return m, nil
}

// ReadMistakes reads a run's mistakes.json; none where nothing was scored yet, or all is right.
func ReadMistakes(dir string) ([]Mistake, error) {
	var all []Mistake
	if err := readJSON(filepath.Join(dir, mistakesFile), &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", mistakesFile, err)
	}
	return all, nil
}
