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

// command is the first argument that has Main take over.
const command = "architecture"

// ready: Main was called, so that the executable can be started again.
var ready bool

// Main makes the executable able to start itself again, as a built-in architecture and as the small step that comes
// before a program: it limits it, or sees to it that the program ends with the host. It must be the first call of main, and of TestMain in tests:
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

// become takes the steps that come before, and turns the process into what args name: NAME, or -- PROGRAM ARGUMENT….
func become(args []string, builtin func(string) (model.Architecture, bool)) error {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	take := stepFlags(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errByHand
	}
	foreign := len(args) > flags.NArg() && args[len(args)-flags.NArg()-1] == "--"
	if err := take(flags.Arg(0), foreign); err != nil {
		return err
	}
	if foreign {
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
