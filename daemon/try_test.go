package daemon_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tuned/daemon"
	"tuned/daemon/store"
)

// try sends the form for a row of a job.
func (r *running) try(t *testing.T, id int64, fields url.Values) (int, string) {
	t.Helper()
	return r.ask(t, http.MethodPost, fmt.Sprintf("/jobs/%d/try", id), "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()))
}

// fieldOf is the form's name of a column.
func fieldOf(t *testing.T, page, column string) string {
	t.Helper()
	found := regexp.MustCompile(`<span>` + column + `</span>\s*<\w+ name="(column-\d+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("there is no field for %q in %s", column, page)
	}
	return found[1]
}

// saidOf is the answer's first sentence.
func saidOf(page string) string {
	found := regexp.MustCompile(`<h3>The answer</h3>\s*<p class="headline">(.*)</p>`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// TestARowIsTriedWithoutScript: a person without scripts asks of the typical row, of others, and makes mistakes.
func TestARowIsTriedWithoutScript(t *testing.T) {
	d := start(t, "")
	j := d.submit(t, quick, writeTable(t, "income.csv", 600))
	d.until(t, j.ID, store.Finished)
	status, page := d.ask(t, http.MethodGet, "/jobs/1", "", nil)
	age, hours, group := fieldOf(t, page, "age"), fieldOf(t, page, "hours"), fieldOf(t, page, "group")
	if status != http.StatusOK || !strings.Contains(page, "mostly ") || !strings.Contains(page, `<option value="south"`) || strings.Contains(page, `id="answer"`) {
		t.Errorf("the form: %d: %s", status, page)
	}
	var typical url.Values
	for _, c := range []struct{ age, hours, said string }{{"69", "49", "<b>high</b>"}, {"21", "11", "<b>low</b>"}} {
		typical = url.Values{age: {c.age}, hours: {c.hours}, group: {"south"}}
		status, page = d.try(t, j.ID, typical)
		if status != http.StatusOK || !strings.Contains(saidOf(page), "income: "+c.said) || !strings.Contains(page, `name="`+age+`" value="`+c.age+`"`) || !strings.Contains(page, "What would change it") {
			t.Errorf("%s years, %s hours: %d: %q", c.age, c.hours, status, saidOf(page))
		}
	}
	if status, page = d.try(t, j.ID, url.Values{age: {""}, hours: {"1000"}}); status != http.StatusOK || !strings.Contains(page, "age is empty here") || !strings.Contains(page, "hours is beyond the values") {
		t.Errorf("an odd row: %d: %s", status, page)
	}
	status, page = d.try(t, j.ID, url.Values{age: {"abc"}, group: {"south"}})
	if status != http.StatusUnprocessableEntity || saidOf(page) != "" || !regexp.MustCompile(`value="abc"[^>]*aria-invalid="true"[^>]*>\s*<small class="problem" role="alert">this is not a number`).MatchString(page) || !strings.Contains(page, `<option value="south" selected>`) {
		t.Errorf("a mistake: %d: %s", status, page)
	}
	d.checkSame(t, j.ID, typical, page)
}

// checkSame compares the answer to a row with what the table of that row is predicted.
func (r *running) checkSame(t *testing.T, id int64, row url.Values, page string) {
	t.Helper()
	text := "group,age,hours\n" + row.Get(fieldOf(t, page, "group")) + "," + row.Get(fieldOf(t, page, "age")) + "," + row.Get(fieldOf(t, page, "hours")) + "\n"
	path := filepath.Join(t.TempDir(), "row.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if _, err := r.client.Predict(t.Context(), fmt.Sprint(id), path, &table, "hours", "group"); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(table.String(), "hours,group,prediction,") {
		t.Errorf("the table begins with %.60q", table.String())
	}
	want := strings.Split(strings.Split(table.String(), "\n")[1], ",")[2:]
	_, page = r.try(t, id, row)
	var percent float64
	_, said, _ := strings.Cut(saidOf(page), "probability of ")
	if _, err := fmt.Sscanf(strings.TrimLeft(said, "over "), "%f", &percent); err != nil {
		t.Fatalf("%q: %v", saidOf(page), err)
	}
	var low float64
	if _, err := fmt.Sscan(want[2], &low); err != nil || want[0] != "low" || percent > 100*low+0.06 || percent < 100*low-0.1 {
		t.Errorf("the page says %q, the table %q", saidOf(page), table.String())
	}
}

// TestOnlyFinishedJobsAreTried: others say so.
func TestOnlyFinishedJobsAreTried(t *testing.T) {
	d := start(t, "", func(c *daemon.Config) { c.Queue.Capacity.Threads = 0 })
	j := d.submit(t, quick, writeTable(t, "income.csv", 50))
	if status, page := d.try(t, j.ID, nil); status != http.StatusConflict || !strings.Contains(page, "queued") {
		t.Errorf("a job that waits: %d: %s", status, page)
	}
	if status, _ := d.try(t, 7, nil); status != http.StatusNotFound {
		t.Errorf("no job: %d", status)
	}
	if _, page := d.ask(t, http.MethodGet, "/jobs/1", "", nil); strings.Contains(page, "Try a row") {
		t.Error("a job that waits has the form")
	}
}
