package daemon_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tuned/daemon/api"
	"tuned/daemon/chaos"
	"tuned/daemon/store"
	"tuned/job"
)

// TestDamagedResults damages every file that a finished run left: the daemon says so, whatever is asked of it, and never
// shows, sends or predicts with what the run did not write.
func TestDamagedResults(t *testing.T) {
	d := start(t, "")
	table := writeTable(t, "t.csv", 600)
	j := d.submit(t, quick, table)
	d.until(t, j.ID, store.Finished)
	dir := filepath.Join(d.state, "jobs", "1", "run-1")
	record, err := job.ReadRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{job.RunFile}
	for _, f := range record.Files {
		names = append(names, f.Path)
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for what, damaged := range chaos.Damaged(content, 100) {
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if name == job.RunFile && strings.TrimSpace(string(damaged)) == strings.TrimSpace(string(content)) {
				continue // the last newline says nothing
			}
			if problem := d.shows(t, name, i == 0); problem != "" {
				t.Errorf("%s with %s: %s", name, what, problem)
			}
			i++
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if status, text := d.get(t, "/v1/jobs/1/report"); status != http.StatusOK || !strings.Contains(text, "What was learned") {
		t.Errorf("put right again, the report is %d", status)
	}
}

// shows asks for what would show a file, and says what should not have been answered. Predictions, which take a process,
// are asked for where it is said.
func (r *running) shows(t *testing.T, name string, predictions bool) string {
	t.Helper()
	if name != job.RunFile {
		if status, _ := r.get(t, "/v1/jobs/1/files/"+name); status != http.StatusInternalServerError {
			return fmt.Sprintf("the file is sent with %d", status)
		}
	}
	if predictions && (name == job.RunFile || name == job.ModelFile || name == job.PreprocessFile || name == job.MetricsFile) {
		if _, err := r.client.Predict(t.Context(), "1", writeTable(t, "new.csv", 3), new(strings.Builder)); err == nil {
			return "it predicts"
		}
	}
	if name == job.ModelFile {
		return ""
	}
	for _, path := range []string{"/v1/jobs/1/report", "/v1/runs/1", "/v1/jobs/1/decisions"} {
		if status, text := r.get(t, path); status != http.StatusInternalServerError || !strings.Contains(text, "damaged") {
			return fmt.Sprintf("%s answers %d", path, status)
		}
	}
	if status, text := r.get(t, "/jobs/1"); status != http.StatusOK || !strings.Contains(text, "damaged") {
		return fmt.Sprintf("the page says nothing, with %d", status)
	}
	return ""
}

// TestDamagedRunIsBegunAgain: where the record of an unfinished run is damaged, the daemon sets the run aside, makes another
// and finishes the job.
func TestDamagedRunIsBegunAgain(t *testing.T) {
	d := start(t, "")
	j := d.submit(t, quick+"[approve]\nabove = \"0s\"\n", writeTable(t, "t.csv", 600))
	d.until(t, j.ID, store.Waiting)
	d.idle(t)
	path := filepath.Join(d.state, "jobs", "1", "run-1", job.RunFile)
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.client.Approve(t.Context(), "1", "a test", nil); err != nil {
		t.Fatal(err)
	}
	if got := d.until(t, j.ID, store.Finished); got.Revision != 2 || got.Score == nil {
		t.Errorf("it finished as revision %d", got.Revision)
	}
}

// TestDamagedUpload: a table that changed on the disk fails the job before anything is read of it; the same upload again
// puts it right, and a retry goes on.
func TestDamagedUpload(t *testing.T) {
	d := start(t, "")
	table := writeTable(t, "t.csv", 600)
	data, err := d.client.Upload(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(d.state, "data", data.SHA256, data.Name)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[100] ^= 4
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := d.client.Submit(t.Context(), "k", api.Submission{Spec: quick, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if failed := d.until(t, j.ID, store.Failed); !strings.Contains(failed.Reason, "t.csv is damaged") {
		t.Errorf("it failed since %s", failed.Reason)
	}
	if _, err := d.client.Upload(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	if _, err := d.client.Act(t.Context(), "1", "retry"); err != nil {
		t.Fatal(err)
	}
	d.until(t, j.ID, store.Finished)
}
