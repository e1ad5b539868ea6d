package daemon_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"tuned/daemon"
)

// TestTheFormWithoutScript: a person without scripts sends a table, sees its columns, corrects a mistake without sending it again,
// and asks for another job from that one.
func TestTheFormWithoutScript(t *testing.T) {
	d := start(t, "", func(c *daemon.Config) { c.Queue.Capacity.Threads = 0 })
	table, err := os.ReadFile(writeTable(t, "income.csv", 50))
	if err != nil {
		t.Fatal(err)
	}
	status, page := d.fillIn(t, "/new", table, "look", "columns")
	if status != http.StatusOK || !strings.Contains(page, `name="ignore" value="hours"`) {
		t.Fatalf("%d: %s", status, page)
	}
	sum := regexp.MustCompile(`name="sha256" value="([0-9a-f]{64})"`).FindStringSubmatch(page)
	if sum == nil {
		t.Fatalf("the table is not kept: %s", page)
	}
	said := []string{"file", "income.csv", "sha256", sum[1], "data.target", "income", "column", "hours", "ignore", "hours", "type", "numeric"}
	status, page = d.fillIn(t, "/new", nil, append(said, "limits.memory", "much")...)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `value="hours" aria-label="Ignore hours" checked`) || !strings.Contains(page, "is not a size") {
		t.Errorf("a mistake: %d: %s", status, page)
	}
	if status, page = d.fillIn(t, "/new", nil, said...); status != http.StatusOK || !strings.Contains(page, "ignore = [&#34;hours&#34;]") {
		t.Errorf("the job: %d: %s", status, page)
	}
	status, page = d.ask(t, http.MethodGet, "/new?from=1", "", nil)
	if status != http.StatusOK || !strings.Contains(page, `value="hours" aria-label="Ignore hours" checked`) || !strings.Contains(page, `<option value="numeric" selected>`) {
		t.Errorf("another from it: %d: %s", status, page)
	}
	for from, want := range map[string]int{"7": http.StatusNotFound, "x": http.StatusNotFound, "": http.StatusOK} {
		if status, _ := d.ask(t, http.MethodGet, "/new?from="+from, "", nil); status != want {
			t.Errorf("from %q: %d", from, status)
		}
	}
	for id, want := range map[string]int{"1": http.StatusOK, "1x": http.StatusNotFound, "2": http.StatusNotFound} {
		if status, _ := d.ask(t, http.MethodGet, "/jobs/"+id, "", nil); status != want {
			t.Errorf("job %s: %d", id, status)
		}
	}
}

// TestTheColumnsOfATablesBeginning: cut short, compressed, or telling nothing.
func TestTheColumnsOfATablesBeginning(t *testing.T) {
	d := start(t, "", func(c *daemon.Config) { c.Queue.Capacity.Threads = 0 })
	text := []byte("\"a;b\";\"say \"\"hi\"\"\";y\n" + strings.Repeat("1;2;3\n", 300_000))
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := z.Write(text)
	if err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		table []byte
		known bool
	}{"whole": {text, true}, "gz": {zipped.Bytes(), true}, "parquet": {[]byte("PAR1 and so on"), false}, "empty": {nil, false}} {
		status, page := d.fillIn(t, "/new/columns", append([]byte{}, c.table...), "ignore", "y")
		known := strings.Contains(page, `name="ignore" value="say &#34;hi&#34;"`) && strings.Contains(page, `value="y" aria-label="Ignore y" checked`)
		if status != http.StatusOK || known != c.known {
			t.Errorf("%s: %d: %.1000s", name, status, page)
		}
	}
}

// fillIn sends a form with a table, unless that is nil, and follows where it leads.
func (r *running) fillIn(t *testing.T, path string, table []byte, pairs ...string) (int, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1]) // into memory
	}
	if table != nil {
		part, _ := w.CreateFormFile("table", "income.csv") // into memory
		_, _ = part.Write(table)
	}
	_ = w.Close()
	return r.ask(t, http.MethodPost, path, w.FormDataContentType(), &b)
}

func (r *running) ask(t *testing.T, method, path, kind string, body io.Reader) (int, string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+r.Token.Reveal())
	q.Header.Set("Content-Type", kind)
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// TestATableThatIsNoneIsRefusedAtOnce: the form says why, and where.
func TestATableThatIsNoneIsRefusedAtOnce(t *testing.T) {
	d := start(t, "", func(c *daemon.Config) { c.Queue.Capacity.Threads = 0 })
	for table, says := range map[string]string{`[[1, 2]]`: "the list holds something else", "1,1\n1,2\n": "a value stands where columns are named", "": "the file is empty"} {
		status, page := d.fillIn(t, "/new", []byte(table), "data.target", "a")
		if status != http.StatusUnprocessableEntity || !regexp.MustCompile(`<small class="problem"[^>]*>[^<]*`+says).MatchString(page) || strings.Contains(page, d.state) {
			t.Errorf("%q: %d: %s", table, status, page)
		}
	}
	status, page := d.fillIn(t, "/new", nil, "file", "../x", "sha256", "00", "data.target", "a")
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "no table was chosen") {
		t.Errorf("a table that is not there: %d: %s", status, page)
	}
}
