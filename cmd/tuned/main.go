// Command tuned trains a model in one run, with every hyperparameter set by a rule from something that it measured, and
// says why in plain words.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"tuned/plugins/builtin"
	"tuned/plugins/host"
)

func main() {
	host.Main(builtin.Lookup)
	os.Exit(execute(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// execute runs one command line and gives its exit code. The first interrupt lets the command stop cleanly; a second one
// ends the process at once.
func execute(args []string, s streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	root := newRoot(s)
	root.SetArgs(args)
	return fail(s.err, root.ExecuteContext(ctx))
}
