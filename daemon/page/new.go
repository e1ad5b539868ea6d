package page

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"tuned/daemon/queue"
	"tuned/daemon/store"
)

// fields are the text fields of the form for a new job.
type fields struct {
	Frame
	Problem string
	Values  map[string]string
}

func (s *Site) blank(w http.ResponseWriter, _ *http.Request) error {
	return show(w, http.StatusOK, "new.html", fields{Frame: s.frame("new"), Values: map[string]string{}})
}

// create takes an uploaded table and a few words, and makes a job of them. A mistake is shown with the form as it was.
func (s *Site) create(w http.ResponseWriter, r *http.Request) error {
	f := fields{Frame: s.frame("new"), Values: map[string]string{}}
	id, err := s.submit(w, r, f.Values)
	if err != nil {
		f.Problem = err.Error()
		return show(w, http.StatusUnprocessableEntity, "new.html", f)
	}
	http.Redirect(w, r, fmt.Sprintf("/jobs/%d", id), http.StatusSeeOther)
	return nil
}

func (s *Site) submit(w http.ResponseWriter, r *http.Request, values map[string]string) (int64, error) {
	var data store.Data
	err := s.form(w, r, func(name, value string) { values[name] = strings.TrimSpace(value) }, func(name string, table io.Reader) (err error) {
		data, err = s.api.Queue.Place.Receive(name, table)
		return err
	})
	if err != nil {
		return 0, err
	}
	j, err := s.api.Queue.Submit(r.Context(), queue.Submission{Key: rand.Text(), Spec: spec(data.Name, values), Data: data})
	return j.ID, err
}

// spec writes a job file from the form's fields.
func spec(table string, values map[string]string) string {
	var b strings.Builder
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s = %s\n", key, strconv.Quote(value))
		}
	}
	line("name", values["name"])
	b.WriteString("\n[data]\n")
	line("path", table)
	line("target", values["target"])
	line("metric", values["metric"])
	for _, t := range []struct{ table, key string }{{"limits", "time"}, {"approve", "above"}} {
		if v := values[t.key]; v != "" {
			fmt.Fprintf(&b, "\n[%s]\n", t.table)
			line(t.key, v)
		}
	}
	return b.String()
}
