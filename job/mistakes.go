package job

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"tuned/trainer/metric"
)

// shownMistakes is how many of the worst mistakes a person sees as images.
const shownMistakes = 24

// Mistake is an image of the holdout that the model was wrong about. mistakes.json lists the worst, the worst first.
type Mistake struct {
	Row int32  `json:"row"` // as in predictions.csv
	PNG []byte `json:"png"`
}

// showMistakes keeps the images of the worst mistakes, which the report shows; of a table there are none.
func (r *run) showMistakes(outputs []float32, truth metric.Truth) error {
	if r.table.Picture == nil {
		return nil
	}
	mistakes := []Mistake{}
	for _, i := range metric.Worst(r.model.view.View, outputs, truth, shownMistakes) {
		row := r.table.Holdout[i]
		file, err := r.table.Thumbnail(row)
		if err != nil {
			return fmt.Errorf("write %s: %w", MistakesFile, err)
		}
		mistakes = append(mistakes, Mistake{Row: r.table.FileRow(row), PNG: file})
	}
	return writeJSON(r.dir.File(MistakesFile), mistakes)
}

// ReadMistakes reads a run's mistakes.json; none where the rows are no images, or nothing was scored yet.
func ReadMistakes(dir string) ([]Mistake, error) {
	var all []Mistake
	if err := readJSON(filepath.Join(dir, MistakesFile), &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", MistakesFile, err)
	}
	return all, nil
}
