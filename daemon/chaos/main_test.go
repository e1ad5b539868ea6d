package chaos

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"go.uber.org/zap"

	"tuned/daemon"
	"tuned/daemon/attempt"
	"tuned/daemon/queue"
	"tuned/daemon/store"
	"tuned/job"
	"tuned/plugins/builtin"
	"tuned/plugins/host"
)

// version is the same in the undisturbed runs and the killed ones.
const version = "chaos"

// often has the short jobs here leave a checkpoint wherever their plan has one, however little time has passed.
const often = -1

// TestMain lets the test's own executable be a daemon, an attempt and an architecture.
func TestMain(m *testing.M) {
	host.Main(builtin.Lookup)
	var err error
	switch {
	case len(os.Args) > 1 && os.Args[1] == attempt.Argument:
		err = attempt.Main(interruptible(), os.Stdin, os.Stdout, attempt.Tools{Version: version, Architectures: architectures, Pause: often})
	case len(os.Args) > 2 && os.Args[1] == "serve":
		err = serve(interruptible(), os.Args[2])
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func interruptible() context.Context {
	ctx, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	return ctx
}

func architectures(log *zap.Logger) (job.Architectures, error) {
	return job.Hosted(host.NewCatalog(os.TempDir(), builtin.Names(), builtin.Lookup), log), nil
}

// serve runs a daemon whose state is in a directory. Kills without progress are no reason to give up here.
func serve(ctx context.Context, state string) error {
	log, err := zap.NewProduction()
	if err != nil {
		return err
	}
	return daemon.Serve(ctx, daemon.Config{
		Socket: filepath.Join(state, "tuned.sock"), Log: log,
		Queue: queue.Config{
			Place: queue.Place(state), Capacity: store.Needs{Threads: 2, Memory: 4 << 30}, Assumed: 256 << 20, Deaths: 1000, Version: version,
		},
	})
}
