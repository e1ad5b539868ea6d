// Package report turns a run's directory into report.html: one file without any network, for a person who does not
// program. It tells what was learned, how good it is and for whom, what could go wrong, why every setting has its value,
// and what the run cost.
//
// It is a function of the directory: the same files give the same bytes. What a run did not get to is left out, so that
// an unfinished run has a report too.
package report

import (
	"bytes"
	_ "embed" // for the page's template and style
	"fmt"
	"html/template"
	"io"
	"path/filepath"

	"github.com/google/renameio/v2"

	"tuned/job"
)

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	styleText string

	page = template.Must(template.New("page").Parse(pageText))
)

// Write reads the run in dir and writes its report there, durably.
func Write(dir string) error {
	r, err := Read(dir)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var b bytes.Buffer
	if err := Render(&b, r); err != nil {
		return err
	}
	if err := renameio.WriteFile(filepath.Join(dir, job.ReportFile), b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// Render writes a run's report.
func Render(w io.Writer, r *Run) error {
	if err := page.Execute(w, describe(r)); err != nil {
		return fmt.Errorf("render report: %w", err)
	}
	return nil
}
