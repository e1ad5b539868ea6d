package job_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tuned/job"
	"tuned/plugins/builtin"
	"tuned/plugins/host"
	"tuned/trainer/metric"
	"tuned/trainer/model"
)

// inProcess opens the built-in architectures in the test's process.
type inProcess struct {
	broken error // starting fails with it
}

func (p inProcess) Names() []string { return builtin.Names() }

func (p inProcess) Start(_ context.Context, name string, _ int64) (job.Architecture, error) {
	a, ok := builtin.Lookup(name)
	if !ok || p.broken != nil {
		return nil, errors.Join(p.broken, fmt.Errorf("no %s", name))
	}
	return &here{Architecture: a}, nil
}

// here is an architecture without a process.
type here struct{ model.Architecture }

func (*here) Usage() (float64, int64) { return 0, 0 }
func (*here) Enforcement() string     { return "none" }
func (*here) Program() host.Program   { return host.Self("mlp") }
func (*here) Hash() string            { return "" }
func (*here) Close() error            { return nil }

// given writes a table that can be learned, and parses a job for it.
func given(t *testing.T, more string) *job.Job {
	t.Helper()
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("size,weight,sex,y\n")
	r := rand.New(rand.NewPCG(1, 2))
	for range 80 {
		size, weight := r.NormFloat64(), r.NormFloat64()
		fmt.Fprintf(&b, "%.3f,%.3f,%s,%s\n", size, weight, []string{"f", "m"}[r.IntN(2)], map[bool]string{true: "yes", false: "no"}[size*size > weight])
	}
	path := filepath.Join(dir, "table.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("[data]\npath = %q\ntarget = \"y\"\nslices = [\"sex\"]\n%s\n[limits]\nthreads = 1\n[model]\narchitecture = \"mlp\"\n[pin]\nepochs = 5\nmlp.width = 8\n", path, more)
	j, err := job.Parse(filepath.Join(dir, "job.toml"), text)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func options(t *testing.T) job.Options {
	return job.Options{Out: filepath.Join(t.TempDir(), "runs", "out"), Version: "test", Architectures: inProcess{}}
}

func TestRunLeavesWhatItSays(t *testing.T) {
	o := options(t)
	var seen []job.Entry
	o.Observe = func(e job.Entry) {
		if _, passing := e.Event.(job.Progress); !passing {
			seen = append(seen, e)
		}
	}
	result, err := job.Run(t.Context(), given(t, ""), o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.ReadRecord(o.Out)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(o.Out); err != nil {
		t.Error(err)
	}
	if r.State != job.StateFinished || len(r.Files) != 9 || r.Model.Architecture != "mlp" {
		t.Errorf("the record is %+v", r)
	}
	if b := result.Metrics.Baseline; b == nil || b.Metrics["accuracy"] <= 0 || b.Chance <= 0 || b.Common == b.Rare {
		t.Errorf("without a model: %+v", b)
	}
	checkLedger(t, result.Ledger)
	checkPromise(t, seen)
	checkMistakes(t, o.Out)
	entries, err := job.ReadJournal(filepath.Join(o.Out, job.JournalFile))
	if err != nil || len(entries) != len(seen) {
		t.Fatalf("%d events are kept, %d were seen, %v", len(entries), len(seen), err)
	}
	for i := range entries {
		if entries[i].Seq != seen[i].Seq || entries[i].Event.Kind() != seen[i].Event.Kind() {
			t.Errorf("entry %d is %v, seen was %v", i, entries[i].Event.Kind(), seen[i].Event.Kind())
		}
	}
}

// checkMistakes: the worst mistakes are kept with what their rows say.
func checkMistakes(t *testing.T, dir string) {
	t.Helper()
	mistakes, err := job.ReadMistakes(dir)
	if err != nil || len(mistakes) == 0 {
		t.Fatalf("%d mistakes, %v", len(mistakes), err)
	}
	for _, m := range mistakes {
		var columns []string
		for _, c := range m.Cells {
			columns = append(columns, c.Column)
		}
		slices.Sort(columns)
		if want := []string{"sex", "size", "weight"}; !slices.Equal(columns, want) || m.PNG != nil {
			t.Errorf("row %d shows %v, want %v", m.Row, columns, want)
		}
	}
}

func checkLedger(t *testing.T, l job.Ledger) {
	t.Helper()
	var names []string
	for _, p := range l.Phases {
		names = append(names, p.Phase)
		if p.Phase != "read" && p.FLOPs <= 0 {
			t.Errorf("%s cost no FLOPs", p.Phase)
		}
	}
	for _, want := range []string{"read", "probe.memory", "train", "evaluate"} {
		if !slices.Contains(names, want) {
			t.Errorf("%v lacks %s", names, want)
		}
	}
}

// checkPromise: the seconds come from the pace of steps, and not from how long a process took to start.
func checkPromise(t *testing.T, entries []job.Entry) {
	t.Helper()
	pace := 0.0
	for _, entry := range entries {
		switch e := entry.Event.(type) {
		case job.Measured:
			pace = max(pace, e.Pace)
		case job.Planned:
			if foretold := float64(e.Promise.FLOPs) / pace; math.Abs(e.Promise.Seconds-foretold) > 1e-9*foretold {
				t.Errorf("%v s are promised, where steps at %.3g FLOP/s take %v s", e.Promise.Seconds, pace, foretold)
			}
		}
	}
	if pace == 0 {
		t.Error("no probe told a pace")
	}
}

// A column that decides is worth more than one that does not matter, and what it is worth is the same each time.
func TestRunWeighsTheColumns(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("noise,kind,y\n")
	r := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		kind := r.IntN(4)
		fmt.Fprintf(&b, "%.3f,%s,%s\n", r.NormFloat64(), []string{"a", "b", "c", ""}[kind], []string{"no", "yes", "no", "yes"}[kind])
	}
	if err := os.WriteFile(filepath.Join(dir, "table.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := job.Parse(filepath.Join(dir, "job.toml"), "[data]\npath = \"table.csv\"\ntarget = \"y\"\n[limits]\nthreads = 1\n[model]\narchitecture = \"mlp\"\n[pin]\nepochs = 10\n")
	if err != nil {
		t.Fatal(err)
	}
	var before []job.Reliance
	for range 2 {
		result, err := job.Run(t.Context(), j, options(t))
		if err != nil {
			t.Fatal(err)
		}
		c := result.Metrics.Columns
		if len(c) != 2 || c[0].Column != "kind" || c[0].Moves < 0.3 || c[1].Moves > 0.1 {
			t.Fatalf("the columns move answers by %+v", c)
		}
		if before != nil && !slices.Equal(before, c) {
			t.Errorf("%+v, and then %+v", before, c)
		}
		before = c
		if !slices.ContainsFunc(result.Ledger.Phases, func(p job.Entered) bool { return p.Phase == "weigh" && p.FLOPs > 0 }) {
			t.Error("what it cost is not on the ledger")
		}
	}
}

// A trial of a search is asked for its score alone, and costs no more than that.
func TestRunUnweighed(t *testing.T) {
	o := options(t)
	o.Unweighed = true
	result, err := job.Run(t.Context(), given(t, ""), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Metrics.Test == nil || result.Metrics.Columns != nil || result.Metrics.Effects != nil {
		t.Errorf("the score is %v, the columns are worth %v", result.Metrics.Test, result.Metrics.Columns)
	}
	if slices.ContainsFunc(result.Ledger.Phases, func(p job.Entered) bool { return p.Phase == "weigh" || p.Phase == "effects" }) {
		t.Error("weighing is on the ledger")
	}
}

func TestRunWithoutHoldoutMeasuresNothing(t *testing.T) {
	o := options(t)
	result, err := job.Run(t.Context(), given(t, "holdout = 0"), o)
	if err != nil {
		t.Fatal(err)
	}
	if result.Metrics.Test != nil {
		t.Errorf("the test score is %v", result.Metrics.Test)
	}
	text, err := os.ReadFile(filepath.Join(o.Out, job.MetricsFile))
	if err != nil {
		t.Fatal(err)
	}
	var metrics map[string]any
	if err := json.Unmarshal(text, &metrics); err != nil || metrics["test"] != nil {
		t.Errorf("metrics.json is %s, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(o.Out, job.PredictionsFile)); err == nil {
		t.Error("there are predictions of a holdout that there is not")
	}
}

// TestRunOfAModelThatIsSolved: where no steps are taken, nothing is looked at that would need some, however many rows there are.
func TestRunOfAModelThatIsSolved(t *testing.T) {
	j := given(t, "")
	j.Model.Architecture, j.Pin = "linear", map[string]any{"epochs": int64(1100)}
	result, err := job.Run(t.Context(), j, options(t))
	if err != nil {
		t.Fatal(err)
	}
	if result.Metrics.Test.Get(metric.Accuracy) < 0.5 {
		t.Errorf("the scores are %v", result.Metrics.Test)
	}
}

func TestRunScoresSlices(t *testing.T) {
	var sliced []job.Sliced
	o := options(t)
	o.Observe = func(e job.Entry) {
		if s, ok := e.Event.(job.Sliced); ok {
			sliced = append(sliced, s)
		}
	}
	if _, err := job.Run(t.Context(), given(t, ""), o); err != nil {
		t.Fatal(err)
	}
	if len(sliced) != 1 || sliced[0].Column != "sex" || len(sliced[0].Slices) != 2 {
		t.Fatalf("slices are %+v", sliced)
	}
	if n := sliced[0].Slices[0].N + sliced[0].Slices[1].N; n != 16 {
		t.Errorf("slices have %d rows of 16", n)
	}
}

// TestPredictionsNameTheFilesRows: though rows without a target are left out, and max_rows leaves out others.
func TestPredictionsNameTheFilesRows(t *testing.T) {
	j := given(t, "task = \"regression\"\nmax_rows = 90")
	text := "size,sex,y\n"
	for i := range 200 {
		text += fmt.Sprintf("%d,%s,%s\n", i*i%37, "fm"[i%2:i%2+1], []string{"", fmt.Sprint(i), "?", fmt.Sprint(i)}[i%4])
	}
	if err := os.WriteFile(j.Data.Path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := options(t)
	if _, err := job.Run(t.Context(), j, o); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(read(t, o, job.PredictionsFile)), "\n")
	for _, line := range lines[1:] {
		if cells := strings.Split(line, ","); cells[0] != cells[1] {
			t.Errorf("the target of row %s is %s", cells[0], cells[1])
		}
	}
	if len(lines) != 19 {
		t.Errorf("%d rows are held out", len(lines)-1)
	}
}

func TestRunThatCannotStartAnArchitectureWritesNothing(t *testing.T) {
	o := options(t)
	o.Architectures = inProcess{broken: errors.New("no such luck")}
	_, err := job.Run(t.Context(), given(t, ""), o)
	if !job.BadInput(err) || !strings.Contains(err.Error(), `the architecture "mlp" cannot start`) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Dir(o.Out)); err == nil {
		t.Error("something was written")
	}
}

// What only the training rows show to be wrong with a table is told as all else is.
func TestRunOfColumnsWithoutValuesSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte("a,b,y\n"+strings.Repeat(",,yes\n,,no\n", 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := job.Parse("job.toml", fmt.Sprintf("[data]\npath = %q\ntarget = \"y\"\n", path))
	if err != nil {
		t.Fatal(err)
	}
	o := options(t)
	_, err = job.Run(t.Context(), j, o)
	want := path + ": no column is left to learn from\n | \"a\" is empty in all training rows; \"b\" is empty in all training rows"
	if !job.BadInput(err) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := os.Stat(o.Out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was left: %v", err)
	}
}

// A plan that somebody edited is not taken at its word: not where that would take the machine, and not with values that no rule
// could have given, some of which would be passed over without a word.
func TestReplayRefusesWhatNoPlanSays(t *testing.T) {
	j, o := given(t, ""), options(t)
	if _, err := job.Run(t.Context(), j, o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(o.Out, job.PlanFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ was, is, problem string }{
		{`"threads": 1`, `"threads": 1`, ""},
		{`"threads": 1`, `"threads": 0`, "0 threads"},
		{`"threads": 1`, `"threads": -2`, "-2 threads"},
		{`"threads": 1`, `"threads": 100000000`, "100000000 threads"},
		{`"value": "adamw"`, `"value": "rmsprop"`, `the plan's "optimizer": `},
		{`"value": "adamw"`, `"value": 0`, `the plan's "optimizer": `},
	} {
		o := options(t)
		o.Plan = filepath.Join(t.TempDir(), "plan.json")
		if !strings.Contains(string(text), test.was) {
			t.Fatalf("the plan has no %s", test.was)
		}
		if err := os.WriteFile(o.Plan, []byte(strings.Replace(string(text), test.was, test.is, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := job.Run(t.Context(), j, o)
		if refused := test.problem != ""; (err != nil) != refused || refused && (!job.BadInput(err) || !strings.Contains(err.Error(), test.problem)) {
			t.Errorf("%s: %v", test.is, err)
		}
	}
}

func TestRunIsStoppedByACheck(t *testing.T) {
	o := options(t)
	o.Rules = filepath.Join(t.TempDir(), "mine.toml")
	rule := "[[check]]\nid = \"mine.no\"\nwhen = \"data.rows > 3\"\ndo = \"stop\"\nwhy = \"There are {data.rows} rows.\"\nsource = \"a test\"\n"
	if err := os.WriteFile(o.Rules, []byte(rule), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := job.Run(t.Context(), given(t, ""), o)
	if !errors.Is(err, job.ErrStopped) || !strings.Contains(err.Error(), "There are 80 rows.") {
		t.Fatalf("got %v", err)
	}
	if r, err := job.ReadRecord(o.Out); err != nil || r.State != job.StateFailed {
		t.Errorf("the record is %+v, %v", r, err)
	}
}

// A watch reads what was measured before the training, which the plan keeps, and what was decided: a replay measures nothing.
func TestWatchesReadWhatWasMeasuredAndDecided(t *testing.T) {
	j, o := given(t, ""), options(t)
	o.Rules = filepath.Join(t.TempDir(), "mine.toml")
	rule := "[[watch]]\nid = \"mine\"\nwhen = \"train.grad_norm < 1000 * noise.grad_norm_p90 && mlp.width < batch_size\"\ndo = \"lower\"\n" +
		"set = { lr = \"lr * 0.9\" }\nlimit = 1\nwhy = \"There are {data.rows} rows.\"\nsource = \"a test\"\n"
	if err := os.WriteFile(o.Rules, []byte(rule), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := job.Run(t.Context(), j, o); err != nil {
		t.Fatal(err)
	}
	if events := read(t, o, job.JournalFile); !strings.Contains(events, "There are 80 rows.") {
		t.Error("the watch did not react")
	}
	again := options(t)
	again.Rules, again.Plan = o.Rules, filepath.Join(o.Out, job.PlanFile)
	if _, err := job.Run(t.Context(), j, again); err != nil {
		t.Fatal(err)
	}
	if read(t, again, job.ModelFile) != read(t, o, job.ModelFile) {
		t.Error("the replay's model is another")
	}
}

// A run that was stopped anywhere goes on to the bits of one that was not, and measures nothing twice.
func TestRunGoesOnFromAnywhere(t *testing.T) {
	j := given(t, "")
	whole := options(t)
	if _, err := job.Run(t.Context(), j, whole); err != nil {
		t.Fatal(err)
	}
	want := read(t, whole, job.ModelFile)
	for _, kind := range []string{"columns", "measured", "decided", "planned", "trained", "evaluated"} {
		t.Run(kind, func(t *testing.T) {
			o := options(t)
			interruptAt(t, j, o, kind)
			began := map[string]int{}
			o.Observe = func(e job.Entry) {
				if p, ok := e.Event.(job.PhaseBegan); ok {
					began[p.Phase]++
				}
			}
			if _, err := job.Run(t.Context(), j, o); err != nil {
				t.Fatal(err)
			}
			if got := read(t, o, job.ModelFile); got != want {
				t.Error("the weights differ")
			}
			if kind == "planned" && began["probe.memory"] > 0 {
				t.Error("the memory was measured again")
			}
		})
	}
}

// interruptAt runs a job until the first event of a kind.
func interruptAt(t *testing.T, j *job.Job, o job.Options, kind string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	o.Observe = func(e job.Entry) {
		if e.Event.Kind() == kind {
			cancel()
		}
	}
	_, err := job.Run(ctx, j, o)
	if !errors.Is(err, job.ErrInterrupted) {
		t.Fatalf("got %v", err)
	}
	if r, err := job.ReadRecord(o.Out); err != nil || r.State != job.StateInterrupted {
		t.Errorf("the record is %+v, %v", r, err)
	}
}

func read(t *testing.T, o job.Options, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(o.Out, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestRunLeansToRarerClasses: of three classes judged by F1, in the run's own predictions and those of the model it leaves. What the
// table tells of them is mostly noise, so that the most probable class is nearly always the common one.
func TestRunLeansToRarerClasses(t *testing.T) {
	o := options(t)
	j := given(t, "metric = \"f1\"")
	r, table := rand.New(rand.NewPCG(3, 4)), "x,y\n"
	for range 200 {
		x := r.NormFloat64()
		table += fmt.Sprintf("%.3f,%s\n", x, []string{"common", "common", "rare", "rarer"}[min(3, int(math.Abs(x+1.2*r.NormFloat64())*1.2))])
	}
	if err := os.WriteFile(j.Data.Path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	j.Data.Slices = nil
	if _, err := job.Run(t.Context(), j, o); err != nil {
		t.Fatal(err)
	}
	var again strings.Builder
	if _, err := job.Predict(t.Context(), o.Out, j.Data.Path, &again, inProcess{}); err != nil {
		t.Fatal(err)
	}
	shares := sharesOf(t, o)
	for name, table := range map[string]string{"the run": read(t, o, job.PredictionsFile), "the model": again.String()} {
		if rarer := leaning(t, name, table, shares); rarer == 0 {
			t.Errorf("%s answers no row with another class than the most probable one", name)
		}
	}
}

// A file of a header alone gets one: no new rows are no mistake.
func TestPredictNoRows(t *testing.T) {
	o, j := options(t), given(t, "")
	if _, err := job.Run(t.Context(), j, o); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "new.csv")
	if err := os.WriteFile(empty, []byte("size,weight,sex\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	p, err := job.Predict(t.Context(), o.Out, empty, &out, inProcess{})
	if err != nil || p.Rows != 0 || len(p.Lost) > 0 || out.String() != "prediction,p_no,p_yes\n" {
		t.Errorf("%q, %+v, %v", out.String(), p, err)
	}
}

// sharesOf are the classes' shares of the rows that a run learned from, by name.
func sharesOf(t *testing.T, o job.Options) map[string]float64 {
	t.Helper()
	var p struct {
		Classes []string
		Priors  []float64
	}
	if err := json.Unmarshal([]byte(read(t, o, job.PreprocessFile)), &p); err != nil {
		t.Fatal(err)
	}
	shares := map[string]float64{}
	for i, c := range p.Classes {
		shares[c] = 0.9*p.Priors[i] + 0.1/float64(len(p.Classes))
	}
	return shares
}

// leaning checks that each row of predictions is answered with the class whose probability is the most multiples of its share's
// root, and counts those whose most probable class is another one.
func leaning(t *testing.T, name, table string, shares map[string]float64) (rarer int) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	answer := slices.Index(rows[0], "prediction")
	for _, row := range rows[1:] {
		probability := func(class string) float64 {
			p, err := strconv.ParseFloat(row[slices.Index(rows[0], "p_"+class)], 64)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		said := row[answer]
		for class, share := range shares {
			if probability(class)/math.Sqrt(share) > probability(said)/math.Sqrt(shares[said])+1e-5 {
				t.Errorf("%s answers %q, though %q is further above its share: %v", name, said, class, row)
			}
			if probability(class) > probability(said) {
				rarer++
			}
		}
	}
	return rarer
}

// TestRunAnswersFromTheThresholdOn: the rarer of two classes, in the run's own predictions, its scores and those of the model it leaves.
func TestRunAnswersFromTheThresholdOn(t *testing.T) {
	o := options(t)
	j := given(t, "metric = \"f1\"")
	j.Pin["threshold"] = 0.2
	result, err := job.Run(t.Context(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	var again strings.Builder
	predicted, err := job.Predict(t.Context(), o.Out, j.Data.Path, &again, inProcess{})
	if err != nil {
		t.Fatal(err)
	}
	low := 0 // answered with the rarer class, though the other is the more probable one
	for name, table := range map[string]string{"the run": read(t, o, job.PredictionsFile), "the model": again.String()} {
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		answer, no := slices.Index(rows[0], "prediction"), slices.Index(rows[0], "p_no")
		for _, row := range rows[1:] {
			p, err := strconv.ParseFloat(row[no], 64)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]string{true: "no", false: "yes"}[p >= 0.2]; row[answer] != want {
				t.Errorf("%s answers %q where no has a probability of %v", name, row[answer], p)
			}
			if p >= 0.2 && p < 0.5 {
				low++
			}
		}
	}
	if low == 0 {
		t.Error("no row tells the threshold from a half")
	}
	if result.Metrics.Test.Get(metric.F1) == 0 || predicted.Metrics.Get(metric.F1) == 0 {
		t.Errorf("F1 %v, of the model %v", result.Metrics.Test, predicted.Metrics)
	}
}
