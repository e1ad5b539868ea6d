package page

import (
	"bytes"
	"errors"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tuned/daemon/store"
	"tuned/job"
)

// odd are names of columns that a careless writer of TOML or HTML breaks.
var odd = []string{`say "hi"`, `back\slash`, "größe", "a.b", "a = b", "two\nlines", "<script>alert(1)</script>", "#", "'", "日本", " "}

// sent is a form as a browser sends it: each line's end is two characters.
func sent(pairs ...string) *form {
	f := newForm(Frame{})
	for i := 0; i < len(pairs); i += 2 {
		f.set(pairs[i], strings.ReplaceAll(pairs[i+1], "\n", "\r\n"))
	}
	return f
}

// parsed is the job that a form asks for.
func parsed(t *testing.T, f *form, base store.Job) *job.Job {
	t.Helper()
	text, err := f.spec(base)
	if err != nil {
		t.Fatal(err)
	}
	j, err := job.Parse("job.toml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return j
}

func TestAFormBecomesAJobFile(t *testing.T) {
	for _, target := range odd[:len(odd)-2] {
		pairs := []string{
			"file", "a.csv", "sha256", "00", "name", "", "data.target", target, "data.metric", "f1", "data.task", "classification",
			"data.holdout", "0.25", "limits.threads", "2", "limits.memory", "2GiB", "limits.time", "", "approve.above", "5m", "data.time", "größe <b>",
		}
		for _, column := range odd {
			if column != target {
				pairs = append(pairs, "column", column, "ignore", column, "slice", column, "type", "text", "column", column+"!", "type", "")
			}
		}
		j := parsed(t, sent(pairs...), store.Job{})
		others := slices.DeleteFunc(slices.Clone(odd), func(name string) bool { return name == target })
		if !slices.Equal(j.Data.Ignore, others) || !slices.Equal(j.Data.Slices, others) || len(j.Data.Types) != len(others) {
			t.Errorf("columns are %q, %q, %q", j.Data.Ignore, j.Data.Slices, j.Data.Types)
		}
		if j.Data.Target != target || j.Data.Metric != "f1" || j.Data.Holdout != 0.25 || j.Limits.Threads != 2 || j.Limits.Memory != 2<<30 || j.Data.Time != "größe <b>" || !j.Approve.Asked {
			t.Errorf("the job is %+v", j)
		}
	}
}

func TestAFormWithoutScriptTakesLines(t *testing.T) {
	j := parsed(t, sent("file", "a.csv", "data.target", "y", "ignore-lines", "a\n\n b, c \n", "slice-lines", "d", "type-lines", "zip = code = categorical\n"), store.Job{})
	if !slices.Equal(j.Data.Ignore, []string{"a", "b, c"}) || !slices.Equal(j.Data.Slices, []string{"d"}) || !maps.Equal(j.Data.Types, map[string]string{"zip = code": "categorical"}) {
		t.Errorf("columns are %q, %q, %q", j.Data.Ignore, j.Data.Slices, j.Data.Types)
	}
}

// asked is a job file with all that the form asks for, and more.
const asked = `name = "x"
[data]
path = "over/there.csv"
target = "say \"hi\""
task = "classification"
metric = "auc"
holdout = 0.3
split_seed = 7
group = "g"
time = "größe"
ignore = ["a.b", "<b>"]
slices = ["'"]
types = { "a = b" = "text", "#" = "id" }
max_rows = 500
[model]
architecture = "mlp"
[limits]
memory = 2147483648
time = "10m"
threads = 1
[approve]
above = "3 PFLOP"
[pin]
"mlp.members" = 1
dropout = 0.2
`

// sentBack is the form as it is shown and sent without a change: of its HTML, the fields.
func sentBack(f *form) *form {
	back := newForm(Frame{})
	back.From, back.Data = f.From, f.Data
	for _, one := range slices.Concat(f.First(), f.OfColumns(), f.Rest()) {
		back.set(one.Key, one.Value)
	}
	for _, row := range f.Rows() {
		back.set("column", row.Name)
		back.set("type", row.Type)
		if row.Ignore {
			back.set("ignore", row.Name)
		}
		if row.Sliced {
			back.set("slice", row.Name)
		}
	}
	if f.Rows() == nil {
		back.set("ignore-lines", f.IgnoreLines())
		back.set("slice-lines", f.SliceLines())
		back.set("type-lines", f.TypeLines())
	}
	return back
}

func TestAFilledFormSentBackIsTheSameJob(t *testing.T) {
	base := store.Job{ID: 3, Spec: asked, Rules: "[[rule]]", Data: store.Data{Name: "there.csv", SHA256: "00", Bytes: 9}}
	want, err := job.Parse("job.toml", asked)
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range [][]string{nil, {"say \"hi\"", "g", "größe", "a.b", "<b>", "'", "a = b", "#"}} {
		f := newForm(Frame{})
		if err := f.fill(base); err != nil {
			t.Fatal(err)
		}
		if f.Header = header; !slices.Equal(f.Kept, []string{"data.split_seed", "model.architecture", "pin.dropout", "pin.mlp.members", "rules"}) {
			t.Errorf("%q is kept", f.Kept)
		}
		got := parsed(t, sentBack(f), base)
		if got.Text = want.Text; !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nnot %+v", got, want)
		}
	}
}

func TestAnotherTableHasItsOwnPath(t *testing.T) {
	f := sent("from", "3", "file", "new.csv", "sha256", "11", "data.target", "y")
	if j := parsed(t, f, store.Job{Spec: asked, Data: store.Data{Name: "there.csv", SHA256: "00"}}); j.Data.Path != "new.csv" || j.Name != "new" || j.Limits.Memory != 0 || j.Pin["dropout"] != 0.2 {
		t.Errorf("the job is %+v", j)
	}
}

// TestAMistakeStandsBesideItsField: whatever the file's reader or the table complains of.
func TestAMistakeStandsBesideItsField(t *testing.T) {
	for _, c := range []struct {
		key, says string
		pairs     []string
	}{
		{"data.metric", "does not measure regression", []string{"data.metric", "auc", "data.task", "regression"}},
		{"limits.memory", `a size such as "4GiB"`, []string{"limits.memory", "much"}},
		{"limits.threads", "must be a whole number", []string{"limits.threads", "two"}},
		{"data.holdout", "must be a number", []string{"data.holdout", "0,2"}},
		{"data.ignore", "names the target", []string{"ignore-lines", "y"}},
		{"data.types", `did you mean "text"?`, []string{"type-lines", "a = txt"}},
		{"data.types", `there is no column "b"`, []string{"type-lines", "b = text"}},
		{"data.group", `did you mean "a"?`, []string{"data.group", "A"}},
		{"data.target", `there is no column "x"`, []string{"data.target", "x"}},
		{"name", "cannot name a directory", []string{"name", "a/b"}},
	} {
		f := sent(append([]string{"file", "a.csv", "data.target", "y"}, c.pairs...)...)
		f.Header = []string{"a", "y"}
		text, err := f.spec(store.Job{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = job.Parse("job.toml", text); err == nil {
			err = f.checkNames()
		}
		if err == nil {
			t.Errorf("%q is no mistake", c.pairs)
			continue
		}
		if f.blame(err); !strings.Contains(f.Problems[c.key], c.says) || f.Problem != "" {
			t.Errorf("%q: %q, %q", c.pairs, f.Problems, f.Problem)
		}
	}
}

func TestNothingInTheFormIsMarkup(t *testing.T) {
	f := newForm(Frame{})
	f.Header, f.Kept, f.From, f.Data.Name = odd, []string{`pin.<script>`}, 3, "<script>"
	f.values["data.target"], f.Problem, f.Problems["data.metric"] = `"><script>`, "<script>", "<script>"
	f.ignore = odd
	for _, known := range []bool{true, false} {
		var b bytes.Buffer
		if err := templates.ExecuteTemplate(&b, "new.html", f); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "<script"); n != 1 {
			t.Errorf("with columns %t: %d scripts", known, n)
		}
		f.Header = nil
	}
}

// TestLongForm: a form is taken with all that is filled in, or refused; nothing of it is cut off.
func TestLongForm(t *testing.T) {
	for _, c := range []struct {
		bytes int
		want  error
	}{{maxFields / 2, errNoFile}, {maxFields / 2 * 3, errLongForm}} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for _, name := range []string{"ignore-lines", "slice-lines"} {
			if err := form.WriteField(name, strings.Repeat("column\n", c.bytes/2/7)); err != nil {
				t.Fatal(err)
			}
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/new", &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		read := 0
		err := readForm(r, func(_, value string) { read += len(value) }, nil)
		if !errors.Is(err, c.want) || c.want == errNoFile && read != c.bytes/2/7*7*2 {
			t.Errorf("of %d bytes %d are read: %v, want %v", c.bytes, read, err, c.want)
		}
	}
}
