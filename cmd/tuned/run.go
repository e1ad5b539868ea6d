package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tuned/job"
	"tuned/report"
	"tuned/trainer"
	"tuned/words"
)

const runHelp = `JOB is a job file (see "tuned help job"). Without one, a table and --target do, or a folder of images, of which the folders
in it are the classes: all else is then as in a job file that says no more.

Reads the table, measures what the rules want to know, decides every hyperparameter, trains once, and scores the
rows that were held out. Each decision is shown as it is made, with its reason.

The run's directory holds the plan, the model, the predictions, the report and the journal. Without --out it is
runs/NAME-HASH, where the hash stands for the job, the data, the rules, the seed and the version of tuned.

The same command goes on with an unfinished run, to the same bits as if it had never stopped. A finished run is left
alone: --again makes a new one beside it, with -2, -3, … behind its name.

A plan that is replayed (--plan) is trained as it stands, without rules and without measuring: the same bits.`

const runExamples = `  tuned run adult.csv --target income
  tuned run visits.xlsx --target outcome --group patient --ignore notes
  tuned run examples/digits/job.toml
  tuned run job.toml --seed 1 --out runs/second
  tuned run job.toml --plan runs/digits-1a2b3c4d/plan.json --out runs/replayed
  tuned run job.toml --rules mine.toml --json | jq 'select(.kind == "decided")'`

// runFlags are the flags of tuned run.
type runFlags struct {
	job.Options
	job.Wish
	json, quiet bool
}

func newRun(s streams) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use: "run JOB|DATA", Short: "Train a model: one run, every hyperparameter set by a rule", Long: runHelp, Example: runExamples,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, given []string) error { return runJob(c.Context(), s, given[0], f) },
	}
	flags := c.Flags()
	wishes(flags, &f.Wish)
	flags.StringVar(&f.Out, "out", "", "the run's `DIR`ectory")
	flags.Int64Var(&f.Seed, "seed", 0, "moves the weights and the order of the rows, not the split")
	flags.StringVar(&f.Rules, "rules", "", "a `FILE` of rules that come before the built-in ones")
	flags.StringVar(&f.Plan, "plan", "", "replay the plan.json `FILE` of another run")
	flags.BoolVar(&f.Again, "again", false, "where the run is finished, make a new one beside it")
	flags.BoolVar(&f.json, "json", false, "print one event a line, as JSON")
	flags.BoolVar(&f.quiet, "quiet", false, "print the result alone")
	apart(c, "json", "quiet")
	apart(c, "plan", "rules")
	return c
}

// wishes are the flags that say what a job file would.
func wishes(flags *pflag.FlagSet, w *job.Wish) {
	flags.StringVar(&w.Target, "target", "", "where a table is named instead of a job file, the `COLUMN` that is to be predicted")
	flags.StringVar(&w.Task, "task", "", "what is predicted, if the target does not tell: classification (classes) or regression (numbers, such as grades from 1 to 10)")
	flags.StringVar(&w.Metric, "metric", "", "then, what the run is judged by, if not accuracy or rmse: a `NAME` as in a job file")
	flags.StringVar(&w.Sheet, "sheet", "", "of an Excel workbook the `SHEET`, if not the first with two columns or more")
	flags.StringVar(&w.Group, "group", "", "the `COLUMN` that says whose a row is, such as a patient's: all of one are learned from, or judge")
	flags.StringVar(&w.Time, "time", "", "the `COLUMN` that says when: the latest rows judge")
	flags.StringArrayVar(&w.Ignore, "ignore", nil, "a `COLUMN` that is not learned from; may be repeated")
	flags.Var(types{&w.Types}, "types", "what a column holds, `COLUMN=TYPE`: numeric, boolean, categorical, date, id or text; may be repeated")
}

// types are the values of --types, by column.
type types struct{ of *map[string]string }

func (t types) String() string { return "" }

// Type names what a value is, in messages.
func (t types) Type() string { return "COLUMN=TYPE" }

// Set takes one. A column's name may hold an equals sign.
func (t types) Set(value string) error {
	at := strings.LastIndexByte(value, '=')
	if at < 1 {
		return errors.New("want COLUMN=TYPE, such as zip=categorical")
	}
	if *t.of == nil {
		*t.of = map[string]string{}
	}
	(*t.of)[value[:at]] = value[at+1:]
	return nil
}

func runJob(ctx context.Context, s streams, path string, f runFlags) error {
	j, err := job.Ask(ctx, path, f.Wish)
	if err != nil {
		return err
	}
	if f.Architectures, err = architectures(); err != nil {
		return err
	}
	d := newDisplay(s, f)
	f.Version, f.Observe, f.Report = version(), d.event, report.Write
	holdMemory(j)
	outliveReaders()
	result, err := job.Run(ctx, j, f.Options)
	d.close()
	if err != nil {
		return goOn(s, path, f, err)
	}
	return d.result(result)
}

// holdMemory has this process's garbage collector keep to its share of a job's memory.
func holdMemory(j *job.Job) {
	if j.Limits.Memory > 0 {
		debug.SetMemoryLimit(int64(job.HostMemory))
	}
}

// outliveReaders has writing to whoever left fail, where it would end the process by a signal.
func outliveReaders() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

// goOn says how an unfinished run goes on.
func goOn(s streams, path string, f runFlags, err error) error {
	var u *job.Unfinished
	if !errors.As(err, &u) {
		return err
	}
	fmt.Fprintf(s.err, "tuned: %s\n", stopped(err))
	fmt.Fprint(s.err, next(u, path, f))
	return &told{err}
}

// next is what can be done where a run ended early.
func next(u *job.Unfinished, path string, f runFlags) string {
	switch {
	case errors.Is(u, trainer.ErrDiverged):
		return fmt.Sprintf(" | the same job would end so again; half the rate may hold: write it under [pin] in a job file\n |   tuned explain %s lr\n", words.Argument(u.Dir))
	case errors.Is(u, job.ErrStopped), errors.Is(u, job.ErrUnfit):
		return " | the same job would end so again; a changed one takes another directory\n"
	}
	return fmt.Sprintf(" | what was done is kept; this goes on with it:\n |   %s\n", resumeCommand(path, f))
}

func stopped(err error) string {
	if interrupted(err) {
		return "interrupted"
	}
	return err.Error()
}

// option is a flag that was given; not, if its value is empty.
type option struct{ name, value string }

// wished are the flags that stand for a job file.
func (f runFlags) wished() []option {
	all := []option{{"target", f.Target}, {"task", f.Task}, {"metric", f.Metric}, {"sheet", f.Sheet}, {"group", f.Group}, {"time", f.Time}}
	for _, column := range f.Ignore {
		all = append(all, option{"ignore", column})
	}
	for _, column := range slices.Sorted(maps.Keys(f.Types)) {
		all = append(all, option{"types", column + "=" + f.Types[column]})
	}
	return all
}

// chosen are the others that an unfinished run has to be given again.
func (f runFlags) chosen() []option {
	seed := ""
	if f.Seed != 0 {
		seed = fmt.Sprint(f.Seed)
	}
	return []option{{"seed", seed}, {"rules", f.Rules}, {"plan", f.Plan}, {"out", f.Out}}
}

// resumeCommand is the command line that goes on with the run, as a shell takes it.
func resumeCommand(path string, f runFlags) string {
	line := "tuned run " + words.Argument(path)
	for _, flag := range append(f.wished(), f.chosen()...) {
		if flag.value != "" {
			line += " --" + flag.name + " " + words.Argument(flag.value)
		}
	}
	if f.Again {
		line += " --again"
	}
	return line
}
