package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tuned/job"
	"tuned/plugins/builtin"
	"tuned/plugins/host"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

func TestMain(m *testing.M) {
	host.Main(builtin.Lookup)
	testscript.Main(m, map[string]func(){"tuned": main})
}

// TestScripts runs the command as a person does. See testdata/*.txtar.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("TUNED_HOME", e.WorkDir+"/home")
			cases, err := os.ReadFile("../../heuristics/testdata/cases.toml")
			if err != nil {
				return err
			}
			return os.WriteFile(e.WorkDir+"/cases.toml", cases, 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"table": table, "workbook": workbook, "jsonlines": asJSONLines, "stopwhen": stopWhen, "lines": lines,
			"refused": refused, "binary": binary, "images": images, "idx": idx, "waitfor": waitFor,
		},
	})
}

// table writes a CSV that can be learned: table FILE ROWS class|number.
func table(ts *testscript.TestScript, _ bool, args []string) {
	rows, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	w := csv.NewWriter(f)
	ts.Check(w.Write([]string{"size", "weight", "colour", "y"}))
	r := rand.New(rand.NewPCG(1, 2))
	for range rows {
		size, weight, colour := r.NormFloat64(), r.NormFloat64(), []string{"red", "green", "blue"}[r.IntN(3)]
		y := size*size + weight + float64(len(colour)) + 0.1*r.NormFloat64()
		target := fmt.Sprintf("%.4f", y)
		if args[2] == "class" {
			target = map[bool]string{true: "high", false: "low"}[y > 5]
		}
		ts.Check(w.Write([]string{fmt.Sprintf("%.4f", size), fmt.Sprintf("%.4f", weight), colour, target}))
	}
	w.Flush()
	ts.Check(w.Error())
	ts.Check(f.Close())
}

// stopWhen runs a command until a file holds a text, and sends it a signal then: stopwhen kill|interrupt FILE TEXT COMMAND….
func stopWhen(ts *testscript.TestScript, _ bool, args []string) {
	signal := map[string]os.Signal{"kill": os.Kill, "interrupt": os.Interrupt}[args[0]]
	path, err := exec.LookPath(args[3])
	ts.Check(err)
	c := exec.Command(path, args[4:]...)
	c.Dir, c.Env = ts.MkAbs("."), append(os.Environ(), "TUNED_HOME="+ts.Getenv("TUNED_HOME"))
	ended := make(chan error, 1)
	ts.Check(c.Start())
	go func() { ended <- c.Wait() }()
	for !holds(ts.MkAbs(args[1]), args[2]) {
		select {
		case err := <-ended:
			ts.Fatalf("it ended before %s held %q: %v", args[1], args[2], err)
		case <-time.After(2 * time.Millisecond):
		}
	}
	ts.Check(c.Process.Signal(signal))
	began := time.Now()
	<-ended
	if took := time.Since(began); took > 5*time.Second {
		ts.Fatalf("it took %s to stop", took)
	}
	if code := c.ProcessState.ExitCode(); args[0] == "interrupt" && code != exitInterrupted {
		ts.Fatalf("the exit code is %d", code)
	}
}

func holds(path, text string) bool {
	content, err := os.ReadFile(path)
	return err == nil && strings.Contains(string(content), text)
}

// refused runs a job that must end with exit code 2 and nothing written: refused JOB FLAGS…. Its message is in stderr.
func refused(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("tuned", append([]string{"run", "--out", "refused/out"}, args...)...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitBadInput {
		ts.Fatalf("%s: %v instead of exit code %d", args[0], err, exitBadInput)
	}
	if _, err := os.Stat(ts.MkAbs("refused")); err == nil {
		ts.Fatalf("%s: something was written", args[0])
	}
}

// binary writes bytes that a script cannot hold: binary FILE GO-STRING.
func binary(ts *testscript.TestScript, _ bool, args []string) {
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// waitFor waits until a file is there: waitfor FILE.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
	}
	ts.Fatalf("%s does not come", args[0])
}

// lines compares the number of lines of a file: lines FILE N.
func lines(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); got != want {
		ts.Fatalf("%s has %d lines, not %d", args[0], got, want)
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{score("auc", 0.123456), "AUC 0.1235"},
		{work(0), ""},
		{work(3_200_000_000), ", 3.2 GFLOP"},
		{seconds(0.25), "250 milliseconds"},
		{plural(1, "class"), "1 class"},
		{plural(2000, "class"), "2,000 classes"},
		{tally(map[string]int{"numeric": 2, "date": 2, "boolean": 7}), "7 boolean, 2 date, 2 numeric"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestNoSearchWhereNothingIsTrained(t *testing.T) {
	for _, c := range []struct {
		train int64
		named bool
	}{{1000, true}, {1, false}} {
		ledger := job.Ledger{Phases: []job.Entered{{Phase: "train", Cost: job.Cost{FLOPs: c.train}}}, Total: job.Cost{FLOPs: 500 + c.train}}
		var out strings.Builder
		(&narrator{out: &out}).costs(ledger)
		if named := strings.Contains(out.String(), "A search of 100 trials"); named != c.named {
			t.Errorf("training of %d FLOPs in %d: a search is named: %t", c.train, ledger.Total.FLOPs, named)
		}
	}
}
