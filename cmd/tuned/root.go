package main

import (
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

const about = `tuned trains a model on a table with every hyperparameter set by a rule from something that it measured,
in one run, and says why in plain words.

A table and what is to be predicted are enough:

  tuned run adult.csv.gz --target income

What more there is to say goes into a job file. It has no hyperparameters:

  [data]
  path   = "adult.csv.gz"
  target = "income"

  [limits]          # optional
  memory = "4GiB"
  time   = "10m"

  [pin]             # optional: overrule a rule
  batch_size = 512

Exit codes:
  0    done
  1    the run failed; its directory says why
  2    bad input (the job, the data, the rules, a flag or a directory): nothing was written
  130  interrupted; the same command goes on with the run

"tuned help job" lists what else a job may say.`

const aboutExamples = `  tuned run examples/digits/job.toml
  tuned run adult.csv.gz --target income
  tuned explain runs/digits-1a2b3c4d lr
  tuned predict runs/digits-1a2b3c4d new.csv --out predictions.csv`

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use: "tuned", Short: "One training run, every hyperparameter set by a rule, and the reasons", Long: about, Example: aboutExamples,
		SilenceErrors: true, SilenceUsage: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage(c, err) })
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddCommand(
		newRun(s), newExplain(s), newPredict(s), newRules(s), newPlugins(s), newDoctor(s), newVersion(s), newArchitecture(),
		newServe(s), newSubmit(s), newJobs(s), newWatch(s), newLogs(s), newApprove(s), newPause(s), newResume(s), newRetry(s), newCancel(s),
		newModel(s), newReport(s), newAttempt(s), newJobTopic(),
	)
	return root
}

// newArchitecture documents the command with which tuned starts itself again; host.Main serves it before any flag is read.
func newArchitecture() *cobra.Command {
	return &cobra.Command{
		Use: "architecture NAME", Short: "Serve a built-in architecture (tuned starts this itself)", Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error { return usage(c, errOnlyItself) },
	}
}

// terminal tells whether a stream is one that a person looks at.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
