package plugintest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Residue reports what architectures launched with host.Options.Dir = dir have left behind after they were closed: processes
// whose temporary directory is there, sockets, and files. Nil: nothing.
func Residue(dir string) error {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	return errors.Join(processesOf(dir), socketsIn(dir), filesIn(dir))
}

func processesOf(dir string) error {
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	var found []error
	for _, path := range paths {
		env, err := os.ReadFile(path)
		if err == nil && bytes.Contains(env, []byte("TMPDIR="+dir)) {
			name, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			found = append(found, fmt.Errorf("a process was left: %s %q", path, bytes.ReplaceAll(name, []byte{0}, []byte{' '})))
		}
	}
	return errors.Join(found...)
}

func socketsIn(dir string) error {
	table, err := os.ReadFile("/proc/net/unix")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(table)) {
		if strings.Contains(line, dir) {
			return fmt.Errorf("a socket was left: %s", strings.TrimSpace(line))
		}
	}
	return nil
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
