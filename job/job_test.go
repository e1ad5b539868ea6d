package job

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tuned/trainer/model"
)

const full = `name = "income" # a comment

[data]
path    = "adult.csv.gz"
target  = "income"
task    = "classification"
metric  = "auc"
holdout = 0.25
split_seed = 3
group   = "household"
ignore  = ["id"]
slices  = ["sex"]
types   = { zip = "categorical" }
max_rows = 5000

[model]
architecture = "mlp"

[limits]
memory  = "4GiB"
time    = "10m"
threads = 2

[pin]
batch_size = 512
lr = 0.04
mlp.width = 128
"mlp.activation" = "mish"
`

func TestParseReadsEveryKey(t *testing.T) {
	got, err := Parse("jobs/job.toml", full)
	if err != nil {
		t.Fatal(err)
	}
	want := &Job{
		Path: "jobs/job.toml", Text: full, Name: "income",
		Data: Data{
			Path: "jobs/adult.csv.gz", Target: "income", Task: model.Classification, Metric: "auc", Holdout: 0.25,
			SplitSeed: 3, Group: "household", Ignore: []string{"id"}, Slices: []string{"sex"},
			Types: map[string]string{"zip": "categorical"}, MaxRows: 5000,
		},
		Model:  Model{Architecture: "mlp"},
		Limits: Limits{Memory: 4 << 30, Time: 10 * time.Minute, Threads: 2},
		Pin:    map[string]any{"batch_size": int64(512), "lr": 0.04, "mlp.width": int64(128), "mlp.activation": "mish"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("job differs (-want +got):\n%s", diff)
	}
}

func TestParseNamesARunAfterItsData(t *testing.T) {
	for path, want := range map[string]string{
		"adult.csv.gz": "adult", "digits/data.csv.gz": "digits", "über größe.csv": "-ber-gr--e", "....": "run",
	} {
		got, err := Parse("job.toml", "[data]\npath = \""+path+"\"\ntarget = \"y\"\n")
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != want {
			t.Errorf("name for %q is %q, want %q", path, got.Name, want)
		}
	}
}

func TestParseSaysWhereAMistakeIs(t *testing.T) {
	const data = "[data]\npath = \"a.csv\"\ntarget = \"y\"\n"
	for name, c := range map[string]struct{ text, want string }{
		"unknown key": {
			"[data]\npth = \"a.csv\"\n",
			"job.toml:2:1: unknown key \"data.pth\"\n | pth = \"a.csv\"\n | ^ did you mean \"path\"?",
		},
		"unknown table": {
			data + "[limit]\nmemory = 3\n",
			"job.toml:4:2: unknown key \"limit\"\n | [limit]\n |  ^ did you mean \"limits\"?",
		},
		"key of another table": {
			data + "threads = 2\n",
			"job.toml:4:1: unknown key \"data.threads\"\n | threads = 2\n | ^ it belongs under [limits]",
		},
		"wrong type": {
			"[data]\npath = 3\n",
			"job.toml:2:1: \"data.path\" must be text in quotes\n | path = 3\n | ^",
		},
		"syntax": {
			"[data]\npath = a.csv\n",
			"job.toml:2:8: not valid TOML: expected value but found \"a\" instead\n | path = a.csv\n |        ^",
		},
		"empty": {
			"",
			"job.toml: \"data.path\" is missing\n | name the table: path = \"table.csv\"",
		},
		"negative memory": {
			data + "[limits]\nmemory = -5\n",
			"job.toml:5:1: \"limits.memory\" is too little for any run\n | memory = -5\n | ^ a size such as \"4GiB\" or \"512MiB\", of 128MiB at least",
		},
		"zero memory": {
			data + "[limits]\nmemory = 0\n",
			"job.toml:5:1: \"limits.memory\" is too little for any run\n | memory = 0\n | ^ a size such as \"4GiB\" or \"512MiB\", of 128MiB at least",
		},
		"absurd memory": {
			data + "[limits]\nmemory = \"900PiB\"\n",
			"job.toml:5:1: \"limits.memory\" is more than any machine has\n | memory = \"900PiB\"\n | ^ a size such as \"4GiB\" or \"512MiB\", of 128MiB at least",
		},
		"no duration": {
			data + "[limits]\ntime = \"soon\"\n",
			"job.toml:5:1: \"limits.time\" is not a duration\n | time = \"soon\"\n | ^ a duration such as \"10m\" or \"1h30m\", of a second at least",
		},
		"no threads": {
			data + "[limits]\nthreads = 0\n",
			"job.toml:5:1: \"limits.threads\" must lie between 1 and 1024\n | threads = 0\n | ^ a number of threads such as 2; without it every core works",
		},
		"holdout": {
			data + "holdout = 1.5\n",
			"job.toml:4:1: \"data.holdout\" must lie between 0 and 0.9\n | holdout = 1.5\n | ^ a share of the rows such as 0.2; 0 trains on all rows and measures nothing",
		},
		"metric of the other task": {
			data + "task = \"regression\"\nmetric = \"auc\"\n",
			"job.toml:5:1: \"data.metric\" \"auc\" does not measure regression\n | metric = \"auc\"\n | ^ accuracy, log_loss, auc or f1 for classes; rmse, mae or r2 for numbers",
		},
		"column type": {
			data + "types = { a = \"numeric\", zip = \"categoric\" }\n",
			"job.toml:4:26: \"data.types.zip\" cannot be \"categoric\"\n | types = { a = \"numeric\", zip = \"categoric\" }\n |                          ^ did you mean \"categorical\"?",
		},
		"pinned list": {
			data + "[pin]\nlr = [1]\n",
			"job.toml:5:1: \"pin.lr\" must be a number, true, false or text\n | lr = [1]\n | ^",
		},
		"not text": {"\x00\xff", "job.toml: this is not a text file\n | a job file is a few lines of TOML that name the data; is this the data itself?"},
		"no table": {"data = 3\n", "job.toml:1:1: \"data\" must be a table\n | data = 3\n | ^ write [data] on a line of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("job.toml", c.text)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("message differs (-want +got):\n%s", diff)
			}
			if !BadInput(err) {
				t.Error("not marked as bad input")
			}
		})
	}
}

func TestLoadSuggestsTheNearestFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "table.csv"), "a,y\n1,2\n")
	path := write(t, filepath.Join(dir, "job.toml"), "[data]\npath = \"tabel.csv\"\ntarget = \"y\"\n")
	_, err := load(path)
	want := path + ":2:1: \"data.path\" names a file that does not exist: " + filepath.Join(dir, "tabel.csv") +
		"\n | path = \"tabel.csv\"\n | ^ did you mean \"table.csv\"?"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Images need no target, and what a path holds is looked at where the data is.
func TestATableNeedsATarget(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "table.csv"), "a,y\n1,2\n")
	if err := os.Mkdir(filepath.Join(dir, "images"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := write(t, filepath.Join(dir, "job.toml"), "[data]\npath = \"table.csv\"\n")
	want := path + ":1:2: \"data.target\" is missing\n | [data]\n |  ^ name the column to predict: target = \"price\""
	if _, err := load(path); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := LoadRooted(path); err != nil {
		t.Errorf("a table elsewhere: %v", err)
	}
	write(t, path, "[data]\npath = \"images\"\n")
	if j, err := load(path); err != nil || j.Data.Path != filepath.Join(dir, "images") {
		t.Errorf("a directory: %+v, %v", j, err)
	}
	if j, err := LoadRooted(path); err != nil || j.Data.Path != "images" {
		t.Errorf("a directory elsewhere: %+v, %v", j, err)
	}
}

// A mistake in a job whose table is elsewhere has its place, too.
func TestLoadRootedSaysWhereAMistakeIs(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "job.toml"), "[data]\npath = \"a.csv\"\ntarget = 3\n")
	if _, err := LoadRooted(path); !BadInput(err) || !strings.HasPrefix(err.Error(), path+":3:1: ") {
		t.Errorf("got %v", err)
	}
}

// A pipe would be read to its end for its hash, and then be waited for in vain.
func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "job.toml")
	if err := os.WriteFile(path, []byte("[data]\npath = \"pipe\"\ntarget = \"y\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(path); !BadInput(err) || !strings.Contains(err.Error(), path+":2:1: \"data.path\" is neither a file nor a directory") {
		t.Errorf("got %v", err)
	}
}

func TestFingerprintIgnoresFormattingAndPlace(t *testing.T) {
	a := parse(t, "one/job.toml", "[data]\npath = \"a.csv\"\ntarget = \"y\"\n")
	b := parse(t, "two/job.toml", "# comment\ndata = { target = 'y', path = \"a.csv\" }\n")
	c := parse(t, "one/job.toml", "[data]\npath = \"a.csv\"\ntarget = \"z\"\n")
	if fingerprint(t, a) != fingerprint(t, b) {
		t.Error("the same job written otherwise has another fingerprint")
	}
	if fingerprint(t, a) == fingerprint(t, c) {
		t.Error("another target has the same fingerprint")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(full)
	f.Add("[data]\npath = \"a\"\ntarget = \"b\"\ntypes.x = \"id\"\n[[pin]]\n")
	f.Add("data.types = { \"a b\" = 'id' }\r\n[pin.mlp]\nwidth = 1e9\n")
	f.Fuzz(func(t *testing.T, content string) {
		j, err := Parse("job.toml", content)
		if err != nil {
			if !BadInput(err) || err.Error() == "" {
				t.Errorf("error without a message for the asker: %#v", err)
			}
			return
		}
		if again, err := Parse("job.toml", j.Text); err != nil || fingerprint(t, again) != fingerprint(t, j) {
			t.Errorf("a valid job does not parse to itself: %v", err)
		}
	})
}

func parse(t *testing.T, path, content string) *Job {
	t.Helper()
	j, err := Parse(path, content)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func fingerprint(t *testing.T, j *Job) string {
	t.Helper()
	sum, err := j.fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDocumentation holds docs/jobs.md against what a job file may hold: a row for each key, in order, and an example that parses.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../docs/jobs.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, f := range Fields() {
		rows = append(rows, fmt.Sprintf("| `%s` | %s |", f.Name, strings.ReplaceAll(f.Help, "|", `\|`)))
	}
	if !strings.Contains(string(page), "|---|---|\n"+strings.Join(rows, "\n")+"\n\n") {
		t.Errorf("docs/jobs.md does not list these keys:\n%s", strings.Join(rows, "\n"))
	}
	_, example, _ := strings.Cut(string(page), "```toml\n")
	example, _, _ = strings.Cut(example, "```")
	if j, err := Parse("job.toml", example); err != nil || j.Data.Metric != "f1" || j.Pin["dropout"] != 0.2 {
		t.Errorf("the example in docs/jobs.md: %+v, %v", j, err)
	}
}
