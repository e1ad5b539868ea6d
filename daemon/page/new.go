package page

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/words"
)

// blank shows the form: empty, or filled with the file of the job that ?from= names.
func (s *Site) blank(w http.ResponseWriter, r *http.Request) error {
	f := newForm(s.frame("new"))
	if from := r.FormValue("from"); from != "" {
		if err := s.begin(r.Context(), f, from); err != nil {
			return err
		}
	}
	s.look(r.Context(), f)
	return show(w, http.StatusOK, "new.html", f)
}

// begin fills the form with a job's file.
func (s *Site) begin(ctx context.Context, f *form, from string) error {
	j, err := s.named(ctx, from)
	if err != nil {
		return err
	}
	return f.fill(j)
}

// create takes a table and what is said about it, and makes a job of them. A mistake is shown with the form as it was; so are the
// table's columns, where that is all that is wanted.
func (s *Site) create(w http.ResponseWriter, r *http.Request) error {
	f := newForm(s.frame("new"))
	err := readForm(r, f.set, func(name string, table io.Reader) (err error) {
		f.Data, err = s.api.Queue.Receive(name, table)
		return err
	})
	if errors.Is(err, errNoFile) && f.Table() != "" {
		err = nil // it is there already
	}
	var id int64
	if err == nil {
		id, err = s.submit(r.Context(), f)
	}
	if err == nil && !f.looking {
		http.Redirect(w, r, fmt.Sprintf("/jobs/%d", id), http.StatusSeeOther)
		return nil
	}
	return s.again(w, r, f, err)
}

// again shows the form as it was, with what is wrong.
func (s *Site) again(w http.ResponseWriter, r *http.Request, f *form, err error) error {
	status := http.StatusOK
	if err != nil {
		status = http.StatusUnprocessableEntity
		f.blame(err)
	}
	if base, found := s.base(r.Context(), f); found == nil && f.From > 0 {
		kept := newForm(f.Frame)
		_ = kept.fill(base) // it was read when it was handed in
		f.Kept = kept.Kept
	}
	s.look(r.Context(), f)
	return show(w, status, "new.html", f)
}

// submit hands in the job that the form asks for, with the rules and the seed of the one that it began as.
func (s *Site) submit(ctx context.Context, f *form) (int64, error) {
	if s.look(ctx, f); f.unread != nil || f.looking {
		return 0, f.unread
	}
	base, err := s.base(ctx, f)
	if err != nil {
		return 0, err
	}
	spec, err := f.spec(base)
	if err != nil {
		return 0, err
	}
	if _, err := job.Parse("job.toml", spec); err != nil {
		return 0, err
	}
	if err := f.checkNames(); err != nil {
		return 0, err
	}
	j, err := s.api.Queue.Submit(ctx, queue.Submission{Key: rand.Text(), Spec: spec, Data: f.Data, Rules: base.Rules, Seed: base.Seed})
	return j.ID, err
}

// base is the job that the form began as, if there is one.
func (s *Site) base(ctx context.Context, f *form) (store.Job, error) {
	if f.From == 0 {
		return store.Job{}, nil
	}
	return s.api.Queue.Store().Job(ctx, f.From)
}

// look reads the columns of the table that is there. One that cannot be used is as good as none.
func (s *Site) look(ctx context.Context, f *form) {
	if f.Header != nil || f.Table() == "" {
		return
	}
	path, err := s.api.Queue.Table(f.Data)
	if err != nil {
		f.Data, f.unread = store.Data{}, errNoFile
		return
	}
	f.Header, f.unread = job.Header(ctx, path, f.values["data.sheet"])
}

// checkNames compares the columns that are named with those that there are, where these are known.
func (f *form) checkNames() error {
	named := map[string][]string{"data.ignore": f.ignore, "data.slices": f.slices}
	for _, q := range questions {
		if v := f.values[q.Key]; q.Column && v != "" {
			named[q.Key] = []string{v}
		}
	}
	for column := range f.types {
		named["data.types"] = append(named["data.types"], column)
	}
	for _, key := range append(keys(questions), lists...) {
		for _, name := range named[key] {
			if f.Header != nil && !slices.Contains(f.Header, name) {
				return &job.Error{Key: key, Problem: fmt.Sprintf("there is no column %q", name), Hint: words.DidYouMean(name, f.Header)}
			}
		}
	}
	return nil
}

// columns answers the form, with the beginning of a table in the place of the table, with its part about columns as that table has
// them. Nothing is kept.
func (s *Site) columns(w http.ResponseWriter, r *http.Request) error {
	f := newForm(s.frame("new"))
	err := readForm(r, f.set, func(name string, table io.Reader) (err error) {
		f.Header, err = s.header(r.Context(), name, f.values["data.sheet"], io.LimitReader(table, beginning(name)))
		return err
	})
	if err != nil {
		return err
	}
	f.looking = true
	return show(w, http.StatusOK, "columns", f)
}

// beginning is how many bytes of a table tell its columns; a workbook does so only whole. page.js sends as many.
func beginning(name string) int64 {
	if ending := strings.ToLower(filepath.Ext(name)); ending == ".xlsx" || ending == ".xlsm" {
		return 16 << 20
	}
	return 1 << 20
}

// header reads the columns of a table's beginning, or of a workbook's sheet; nil where that does not tell them, as of Parquet.
func (s *Site) header(ctx context.Context, name, sheet string, table io.Reader) ([]string, error) {
	text, err := io.ReadAll(table)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(s.api.Queue.Place.Temporary(), "columns-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "in-"+queue.CleanName(name))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	names, _ := job.Header(ctx, path, sheet) // the job will complain of a table that cannot be read
	return names, nil
}
