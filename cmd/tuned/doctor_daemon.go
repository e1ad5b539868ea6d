package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tuned/daemon"
	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/words"
)

// daemonFindings look at the daemon of this user, if there is one, or at the one that the environment names.
func daemonFindings(ctx context.Context) []finding {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	d, err := dial()
	if err != nil {
		return []finding{{what: "daemon", err: err}}
	}
	defer d.Close()
	info, err := d.Info(ctx)
	switch {
	case errors.Is(err, client.ErrAbsent) && os.Getenv("TUNED_SERVER") == "":
		return []finding{{what: "daemon", how: "none runs here: start one with tuned serve", absent: true}}
	case err != nil:
		return []finding{{what: "daemon", err: err}}
	}
	findings := []finding{daemonFinding(info)}
	if os.Getenv("TUNED_SERVER") == "" {
		findings = append(findings, stateFinding())
	}
	return findings
}

// daemonFinding is what a daemon says of itself.
func daemonFinding(info api.Info) finding {
	f := finding{what: "daemon", how: fmt.Sprintf(
		"tuned %s takes jobs in; %s and %s for them, %s of disk left", info.Version, plural(info.Capacity.Threads, "thread"),
		words.Format(info.Capacity.Memory, "bytes"), words.Format(info.Free, "bytes"),
	)}
	switch {
	case info.Problem != "":
		f.err = errors.New(info.Problem)
	case info.Version != version():
		f.err = fmt.Errorf("it is tuned %s, and this is %s: start it again", info.Version, version())
	}
	return f
}

// stateFinding looks at who can read the daemon's files.
func stateFinding() finding {
	f := finding{what: "daemon's files"}
	dir, err := stateDir("")
	if err != nil {
		return finding{what: f.what, err: err}
	}
	for _, path := range []string{dir, filepath.Join(dir, daemon.TokenFile)} {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // its socket is elsewhere than its state
		case err != nil:
			f.err = err
		case info.Mode().Perm()&0o077 != 0:
			f.err = fmt.Errorf("others can reach %s (%s): close it with chmod go-rwx", path, info.Mode())
		}
	}
	f.how = dir + " is yours alone"
	return f
}
