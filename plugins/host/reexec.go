package host

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"syscall"

	"tuned/plugins"
	"tuned/trainer/model"
)

const (
	// self is the running executable, even where its file has been replaced since.
	self = "/proc/self/exe"
	// command is the first argument that has Main take over.
	command = "architecture"
	// dataFlag limits a process's data (RLIMIT_DATA), in bytes.
	dataFlag = "data"
)

// ready: Main was called, so that the executable can be started again.
var ready bool

// Main makes the executable able to start itself again, as a built-in architecture and as the small step that limits a
// program before it starts. It must be the first call of main, and of TestMain in tests:
//
//	func TestMain(m *testing.M) {
//		host.Main(builtin.Lookup)
//		os.Exit(m.Run())
//	}
//
// Where the process was started for one of these ends (`tuned architecture …`), Main does not return.
func Main(builtin func(name string) (model.Architecture, bool)) {
	ready = true
	if len(os.Args) < 2 || os.Args[1] != command {
		return
	}
	if err := become(os.Args[2:], builtin); err != nil {
		fmt.Fprintln(os.Stderr, "tuned architecture:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

// become limits the process and turns it into what args name: NAME, or -- PROGRAM ARGUMENT….
func become(args []string, builtin func(string) (model.Architecture, bool)) error {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	data := flags.Uint64(dataFlag, 0, "most `bytes` of data")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errByHand
	}
	if err := limitData(*data); err != nil {
		return err
	}
	if separated := len(args) > flags.NArg() && args[len(args)-flags.NArg()-1] == "--"; separated {
		return syscall.Exec(flags.Arg(0), flags.Args(), os.Environ())
	}
	return serve(flags.Arg(0), builtin)
}

var errByHand = errors.New("tuned starts this command itself, when a job needs an architecture")

func serve(name string, builtin func(string) (model.Architecture, bool)) error {
	a, ok := builtin(name)
	if !ok {
		return fmt.Errorf("no built-in architecture is called %q", name)
	}
	if os.Getenv(plugins.Handshake.MagicCookieKey) == "" {
		return errByHand
	}
	plugins.Serve(a)
	return nil
}

func limitData(bytes uint64) error {
	if bytes == 0 {
		return nil
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		return fmt.Errorf("limit data to %d bytes: %w", bytes, err)
	}
	return nil
}
