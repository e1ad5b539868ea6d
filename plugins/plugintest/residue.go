package plugintest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tuned/machine"
)

// residue reports what architectures launched with host.Options.Dir = dir have left behind after they were closed: processes
// whose temporary directory is there, sockets, and files. Nil: nothing.
func residue(dir string) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	return errors.Join(processesOf(dir), socketsIn(dir), filesIn(dir))
}

func processesOf(dir string) error {
	var found []error
	for _, pid := range machine.Processes() {
		env := machine.Environment(pid)
		if slices.ContainsFunc(env, func(variable string) bool { return strings.HasPrefix(variable, "TMPDIR="+dir) }) {
			found = append(found, fmt.Errorf("a process was left: %d, with %q", pid, env))
		}
	}
	return errors.Join(found...)
}

func filesIn(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		return fmt.Errorf("a file was left: %s", filepath.Join(dir, e.Name()))
	}
	return nil
}
