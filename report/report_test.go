package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tuned/heuristics"
	"tuned/heuristics/probe"
	"tuned/job"
	"tuned/trainer"
	"tuned/trainer/data"
	"tuned/trainer/metric"
	"tuned/words"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t *testing.T, r *Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Render(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Each directory in testdata is what a real run left, its journal thinned.
func TestGoldenReports(t *testing.T) {
	for _, name := range []string{"iris", "diabetes", "images", "credit"} {
		t.Run(name, func(t *testing.T) {
			r, err := Read(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			got := render(t, r)
			golden := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("run the test with -update and look at the page; it differs:\n%s", diff)
			}
		})
	}
}

func TestTheReportNeedsNoNetwork(t *testing.T) {
	for _, name := range []string{"iris", "diabetes", "images", "credit"} {
		r, err := Read(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		html := render(t, r)
		html = strings.ReplaceAll(html, `src="data:image/png;base64,`, "")
		for _, forbidden := range []string{"src=", "<link", "<script", "@import", "url("} {
			if strings.Contains(html, forbidden) {
				t.Errorf("%s: the page holds %q", name, forbidden)
			}
		}
	}
}

func TestWriteLeavesOneFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/iris")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it replaces the first
		if err := Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	html, err := os.ReadFile(filepath.Join(dir, job.ReportFile))
	if err != nil || !bytes.HasPrefix(html, []byte("<!doctype html>")) {
		t.Errorf("got %.40q, %v", html, err)
	}
	if err := Write(t.TempDir()); err == nil {
		t.Error("a directory without a run got a report")
	}
}

// What comes from the data reaches the page as text, never as markup.
func TestNamesAreEscaped(t *testing.T) {
	const evil = `<script>alert("x")</script>`
	r := &Run{
		Attempt: job.Started{Name: evil, Target: evil}, Facts: heuristics.Facts{evil: evil}, Finished: true,
		Columns:   job.Columns{Rows: 4, Columns: []data.Summary{{Name: evil, Type: evil, Used: true}}, Classes: []string{evil, "b"}, Counts: []int{1, 2}},
		Decisions: []heuristics.Decision{{Setting: evil, Value: evil, Why: evil, Source: evil, Facts: heuristics.Facts{evil: 1.0}}},
		Findings:  []heuristics.Finding{{Check: evil, Why: evil}},
		Notes:     []string{evil},
		Plots:     []Plot{{Plot: probe.Plot{Title: evil, XLabel: evil, YLabel: evil, Curves: []probe.Curve{{Name: evil, X: []float64{1, 2}, Y: []float64{1, 2}}, {Name: evil, X: []float64{1}, Y: []float64{1}}}}}},
		Metrics: job.Metrics{Effects: []job.Effect{
			{Column: evil, Class: evil, Levels: []string{evil, "b"}, Shares: []float64{0.5, 0.5}, Means: []float64{0.5, 0.1}},
			{Column: evil, Class: evil, Numbers: []float64{1, 2}, Shares: []float64{0.5, 0.5}, Means: []float64{0.5, 0.1}},
		}, Words: []data.Wording{{Column: evil, For: []data.Speaker{{Answer: evil, Words: []string{evil}}}}}},
		Slices:      []job.Sliced{{Column: evil, Slices: []job.Slice{{Name: evil, N: 3}}}},
		Predictions: &Predictions{Rows: []int{0, 1}, Classes: []string{evil, "b"}, Truth: []int32{0, 1}, Predicted: []int32{1, 1}, Probabilities: [][]float64{{0.2, 0.8}, {0.1, 0.9}}},
	}
	if html := render(t, r); strings.Contains(html, "<script") {
		t.Error("a name became markup")
	}
}

func TestAnUnfinishedRunHasAReport(t *testing.T) {
	journal, err := os.ReadFile("testdata/iris/events.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []float64{0, 0.1, 0.5, 0.9} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "events.jsonl"), journal[:int(share*float64(len(journal)))], 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if html := render(t, r); !strings.Contains(html, "not finished") {
			t.Errorf("at %g of the journal: %.300s", share, html)
		}
	}
}

// A line that does not match its checksum is never shown, nor is what follows it; what the run spent until then is.
func TestADamagedJournalEndsWhereTheDamageIs(t *testing.T) {
	journal, err := os.ReadFile("testdata/iris/events.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	damaged := bytes.Replace(journal, []byte(`"setting":"epochs"`), []byte(`"setting":"epoch!"`), 1)
	if err := os.WriteFile(filepath.Join(dir, job.JournalFile), damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Decisions); n == 0 || strings.Contains(render(t, r), "epoch!") || len(r.Training.Progress) > 0 {
		t.Errorf("%d decisions and %d steps of a training that follows the damage", n, len(r.Training.Progress))
	}
	if r.Finished || len(r.Ledger.Phases) == 0 {
		t.Errorf("finished %v, the costs so far are %+v", r.Finished, r.Ledger)
	}
}

func TestHeadlines(t *testing.T) {
	classes := &Predictions{Rows: make([]int, 4), Classes: []string{"a", "b"}, Truth: []int32{0, 0, 1, 1}, Predicted: []int32{0, 0, 1, 0}}
	values := &Predictions{Rows: make([]int, 2), Actual: []float64{1, 2}, Value: []float64{1, 3}}
	judged := func(name string, value float64, rare string, p *Predictions) Run {
		return Run{
			Attempt: job.Started{Target: "sort"}, Finished: true, Predictions: p,
			Metrics: job.Metrics{Metric: name, Test: metric.Metrics{name: value, "mae": 0.5}, Baseline: &job.Baseline{Rare: rare}},
		}
	}
	beaten := judged("accuracy", 0.75, "b", classes)
	beaten.Metrics.Baseline.Common, beaten.Metrics.Baseline.Metrics = "a", metric.Metrics{"accuracy": 0.75}
	tests := map[string]struct {
		run  Run
		want string
	}{
		"classes":    {Run{Attempt: job.Started{Target: "sort"}, Finished: true, Predictions: classes}, "On 4 rows that it had never seen, the model gets sort right in 75 of 100 cases."},
		"no better":  {beaten, "On 4 rows that it had never seen, the model gets sort right in 75 of 100 cases. That is no better than always saying “a”, the most frequent class."},
		"mae":        {judged("mae", 0.5, "", values), "On 2 rows that it had never seen, the model is off by 0.5 on average in sort."},
		"rmse":       {judged("rmse", 0.7, "", values), "On 2 rows that it had never seen, the model is off by 0.5 on average in sort, and typically by 0.7 where large errors count more (RMSE)."},
		"r2":         {judged("r2", 0.25, "", values), "On 2 rows that it had never seen, the model explains 25 % of how sort differs: R² is 0.25."},
		"f1":         {judged("f1", 0.6667, "b", classes), "On 4 rows that it had never seen, the model finds 50 of 100 rows whose sort is “b”, and is right in 100 of 100 cases where it says so: an F1 of 0.6667."},
		"mean f1":    {judged("f1", 0.6, "", classes), "On 4 rows that it had never seen, the model reaches an F1 of 0.6 in the mean over the classes of sort, and gets 75 of 100 cases right."},
		"auc":        {judged("auc", 0.9, "b", classes), "On 4 rows that it had never seen, the model ranks a row whose sort is “b” above another in 90 of 100 cases: an AUC of 0.9."},
		"log loss":   {judged("log_loss", 0.6931, "b", classes), "On 4 rows that it had never seen, the model gives what sort turns out to be a probability of 50 % in the geometric mean: a log loss of 0.6931."},
		"no holdout": {Run{Finished: true}, "The model is trained. How good it is was not measured, since no rows were held out."},
		"unfinished": {Run{}, "This run is not finished: the report shows what is known so far."},
	}
	for name, test := range tests {
		if got := test.run.headline(); got != test.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestResumedTrainingIsToldOnce(t *testing.T) {
	var training Training
	for _, e := range []string{
		`{"event":"train.started","steps":100}`,
		`{"event":"train.progress","step":10,"loss":3}`, `{"event":"train.progress","step":20,"loss":"NaN"}`,
		`{"event":"train.evaluated","step":20,"weights":"raw","metrics":{"accuracy":0.5}}`,
		`{"event":"train.resumed","step":10,"steps":100}`,
		`{"event":"train.progress","step":20,"loss":2}`,
		`{"event":"train.reacted","step":25,"reaction":{"why":"the loss shot up","watch":"diverged","count":1,"to":10}}`,
		`{"event":"train.progress","step":20,"loss":1}`,
		`{"event":"train.calibrated","step":100,"temperature":1.5}`,
		`{"event":"train.finished","step":100,"members":["raw"],"temperature":1.5}`,
		`{"event":"train.resumed","step":20,"steps":100}`, // from a checkpoint before the reaction was told
		`{"event":"train.reacted","step":25,"reaction":{"why":"the loss shot up","watch":"diverged","count":1,"to":20}}`,
		`{"event":"train.finished","step":100,"members":["raw"],"temperature":1.5}`,
		`{"event":"train.something-new"}`,
	} {
		var event trainer.Event
		if err := json.Unmarshal([]byte(e), &event); err != nil {
			t.Fatal(err)
		}
		training.take(event)
	}
	want := Training{
		Steps: 100, Progress: []trainer.Event{{Kind: trainer.Progress, Step: 10, Loss: 3}, {Kind: trainer.Progress, Step: 20, Loss: 1}}, Evaluations: []trainer.Event{},
		Reactions: []trainer.ReactionRecord{{Reaction: trainer.Reaction{Why: "the loss shot up"}, Watch: "diverged", Count: 1, To: 20}}, Members: []string{"raw"}, Temperature: 1.5,
	}
	if diff := cmp.Diff(want, training); diff != "" {
		t.Error(diff)
	}
}

func TestInterval(t *testing.T) {
	// Wilson's interval for 8 of 10 and 10 of 10, from its formula by hand.
	for _, test := range []struct {
		right, n  int
		low, high float64
	}{{8, 10, 0.4902, 0.9433}, {10, 10, 0.7225, 1}} {
		low, high := interval(test.right, test.n)
		if math.Abs(low-test.low) > 1e-4 || math.Abs(high-test.high) > 1e-4 {
			t.Errorf("%d of %d: %g to %g", test.right, test.n, low, high)
		}
	}
}

func TestMistakesAreShownInTheirOrder(t *testing.T) {
	values := &Predictions{Rows: []int{3, 5, 8}, Actual: []float64{1, 2, 4}, Value: []float64{1, 3, 9}}
	r := &Run{Predictions: values, Mistakes: []job.Mistake{{Row: 8, PNG: []byte("eight")}, {Row: 5, PNG: []byte("five")}, {Row: 99}}}
	want := &mistakeGrid{
		Caption: "The images where the model was furthest off. They are worth a look: some are wrong in the data. Rows count from 0.",
		Pictures: []picture{
			{"data:image/png;base64,ZWlnaHQ=", 8, "said 9", "is 4, off by 5"},
			{"data:image/png;base64,Zml2ZQ==", 5, "said 3", "is 2, off by 1"},
		},
	}
	if diff := cmp.Diff(want, r.mistakes()); diff != "" {
		t.Error(diff)
	}
	if g := (&Run{Predictions: values}).mistakes(); g != nil {
		t.Errorf("a table has the grid %+v", g)
	}
}

// Of a table, mistakes are shown with what they say in the columns that the model relies on most.
func TestMistakesOfATableShowTheirCells(t *testing.T) {
	cells := func(age, sex, deck string) []job.Cell {
		return []job.Cell{{Column: "deck", Text: deck}, {Column: "age", Text: age}, {Column: "sex", Text: sex}, {Column: "port"}}
	}
	r := &Run{
		Predictions: &Predictions{Rows: []int{3, 5, 8}, Actual: []float64{1, 2, 4}, Value: []float64{1, 3, 9}},
		Mistakes:    []job.Mistake{{Row: 8, Cells: cells("30", "f", "A")}, {Row: 5, Cells: cells("", "m", "B")}},
		Metrics:     job.Metrics{Columns: []job.Reliance{{Column: "sex", Moves: 0.2}, {Column: "age", Moves: 0.1}}},
	}
	got := r.worst()
	if want := []string{"row", "truth", "the model said", "off by", "sex", "age", "deck"}; !slices.Equal(got.Heads, want) {
		t.Errorf("heads %v, want %v", got.Heads, want)
	}
	want := []groupRow{
		{Name: "8", Cells: []string{"4", "9", "5", "f", "30", "A"}},
		{Name: "5", Cells: []string{"2", "3", "1", "m", "", "B"}},
		{Name: "3", Cells: []string{"1", "1", "0", "", "", ""}},
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Error(diff)
	}
	if !strings.HasSuffix(got.Caption, "Rows count from 0, below the header of the file.") {
		t.Errorf("caption %q", got.Caption)
	}
	r.Columns.FirstRow = 5
	if got := r.worst().Caption; !strings.HasSuffix(got, "Rows count from 0, below the header of the file: row 8 is row 13 of the sheet.") {
		t.Errorf("of a workbook, the caption is %q", got)
	}
	if r.mistakes() != nil {
		t.Error("a table has a grid of images")
	}
}

// A run is shown by what its job is judged by, beside what the same judge makes of no model, which the rows held out do not choose.
func TestWhatIsJudgedIsShownFirst(t *testing.T) {
	classes := &Predictions{Rows: make([]int, 4), Classes: []string{"no", "yes"}, Truth: []int32{0, 0, 1, 1}, Predicted: []int32{0, 0, 1, 0}}
	values := &Predictions{Rows: []int{0, 1}, Actual: []float64{0, 30}, Value: []float64{0, 10}}
	b := &job.Baseline{Common: "no", Rare: "yes", Mean: 12.5, Median: 11, Metrics: metric.Metrics{"accuracy": 0.5, "f1": 0.6, "auc": 0.5, "log_loss": 0.7, "rmse": 17, "mae": 15}}
	for name, want := range map[string][]tile{
		"accuracy": {{"75 %", "right", "on 4 unseen rows"}, {"50 %", "without a model", "always saying “no”, the most frequent class"}},
		"f1":       {{"0.66", "F1 of “yes”", "on 4 unseen rows"}, {"0.6", "without a model", "always saying “yes”, the rarer class"}, {"75 %", "right", "50 % without a model"}},
		"auc":      {{"0.9", "AUC", "on 4 unseen rows"}, {"0.5", "without a model", "guessing"}, {"75 %", "right", "50 % without a model"}},
		"log_loss": {{"0.5", "log loss", "on 4 unseen rows"}, {"0.7", "without a model", "giving each class its share of the rows learned from"}, {"75 %", "right", "50 % without a model"}},
		"rmse":     {{"15,892", "typical error (RMSE)", "on 2 unseen rows"}, {"17", "without a model", "always saying 12.5, the average of the rows learned from"}},
		"mae":      {{"10", "average error (MAE)", "on 2 unseen rows"}, {"15", "without a model", "always saying 11, the middle of the rows learned from"}},
	} {
		r := &Run{Finished: true, Attempt: job.Started{Target: "y"}, Predictions: classes}
		r.Metrics = job.Metrics{Metric: name, Test: metric.Metrics{"accuracy": 0.75, "f1": 0.66, "auc": 0.9, "log_loss": 0.5}, Baseline: b}
		if name == "rmse" || name == "mae" {
			r.Predictions, r.Metrics.Test = values, metric.Metrics{"mae": 10, "rmse": 15_892.3}
		}
		if diff := cmp.Diff(want, r.tiles()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if rows := r.scoreRows(); !rows[0].Judged || !strings.HasPrefix(rows[0].Name, strings.ToUpper(words.Metric(name)[:1])) {
			t.Errorf("%s: the scores begin with %+v", name, rows[0])
		}
	}
}

// What the report says of a column is what the transforms made of it, not what was expected of it before.
func TestColumnsAreWhatTheModelMakesOfThem(t *testing.T) {
	r := &Run{Columns: job.Columns{Rows: 891, Columns: []data.Summary{
		{Name: "age", Type: data.Numeric, Used: true, Leak: 0.3},
		{Name: "cabin", Type: data.ID, Note: "names rows", Missing: 0.77},
		{Name: "ticket", Type: data.ID, Note: "names rows"},
		{Name: "price", Type: data.Numeric, Note: data.Ignored, Missing: 1},
		{Name: "ship", Type: data.Categorical, Used: true},
	}}}
	r.fit(&data.Preprocess{
		Features: []data.Feature{{Name: "age", Encoding: data.Scaled}, {Name: "cabin", Encoding: data.Presence}},
		LeftOut:  []data.LeftOut{{Name: "ticket", Why: "names rows"}, {Name: "ship", Why: "has one value in all training rows"}},
	})
	want := []columnRow{
		{Name: "age", Type: "numeric", Missing: "0 %", Alone: "0.3", Share: 30},
		{Name: "cabin", Type: "id", Missing: "77 %", Instead: "only whether it is filled in"},
		{Name: "ticket", Type: "id", Missing: "0 %", Instead: "left out: names rows"},
		{Name: "price", Type: "numeric", Missing: "–", Instead: "left out: ignored by the job"},
		{Name: "ship", Type: "categorical", Missing: "0 %", Instead: "left out: has one value in all training rows"},
	}
	if diff := cmp.Diff(want, r.columnRows()); diff != "" {
		t.Error(diff)
	}
	if got := r.material(); got != "1 of 5 columns of a table with 891 rows, and from whether another one is filled in" {
		t.Errorf("got %q", got)
	}
}

// TestManyColumnsLookStrongByChance: where there are as many columns as rows, the best of them are the best by chance, and the report says so.
func TestManyColumnsLookStrongByChance(t *testing.T) {
	for _, c := range []struct {
		columns, rows int
		told          bool
	}{{3000, 60, true}, {30, 60, true}, {29, 60, false}, {19, 20, false}, {100, 5000, false}} {
		r := &Run{Columns: job.Columns{Rows: c.rows, Columns: make([]data.Summary, c.columns+5)}}
		for i := range c.columns {
			r.Columns.Columns[i].Used = true
		}
		if got := strings.Contains(r.alone(), "by chance alone"); got != c.told {
			t.Errorf("%d columns on %d rows: %q", c.columns, c.rows, r.alone())
		}
	}
}

// How much the model relies on a column is said as a probability, or in the target's unit.
func TestWhatTheModelReliesOn(t *testing.T) {
	r := &Run{
		Metrics: job.Metrics{Metric: "accuracy", Columns: []job.Reliance{{Column: "sex", Moves: 0.225}, {Column: "age", Moves: 0.045}, {Column: "deck"}}},
		Columns: job.Columns{Classes: []string{"no", "yes"}},
	}
	want := &weighed{
		Text: "Most on sex: with another row's, the probability of its answers moves by 22.5 percentage points on average.", Head: "the probability moves by",
		Rows: []relianceRow{{"sex", "22.5 %", 100}, {"age", "4.5 %", 20}, {"deck", "0 %", 0}},
	}
	if diff := cmp.Diff(want, r.weighed()); diff != "" {
		t.Error(diff)
	}
	r.Metrics.Metric, r.Columns.Classes = "rmse", nil
	want = &weighed{
		Text: "Most on sex: with another row's, its predictions move by 0.225 on average.", Head: "predictions move by",
		Rows: []relianceRow{{"sex", "0.225", 100}, {"age", "0.045", 20}, {"deck", "0", 0}},
	}
	if diff := cmp.Diff(want, r.weighed()); diff != "" {
		t.Error(diff)
	}
}
