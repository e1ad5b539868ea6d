package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"tuned/job"
)

// TestFlagsThatDoNotGoTogether: the message names both, and the exit code is that of bad input.
func TestFlagsThatDoNotGoTogether(t *testing.T) {
	t.Chdir(t.TempDir())
	for line, both := range map[string]string{
		"submit x.toml --rooted --sheet s":            "--rooted and --sheet",
		"submit x.toml --sheet= --rooted":             "--rooted and --sheet",
		"submit t.csv --rooted --target y":            "--rooted and --target",
		"submit t.csv --rooted --metric mae":          "--rooted and --metric",
		"submit x.toml --json --quiet":                "--json and --quiet",
		"run x.toml --json --quiet":                   "--json and --quiet",
		"run x.toml --plan p.json --rules r.toml":     "--plan and --rules",
		"watch 3 --json --quiet":                      "--json and --quiet",
		"serve --alert-webhook u --alert-command cat": "--alert-webhook and --alert-command",
	} {
		var out, err bytes.Buffer
		code := execute(strings.Fields(line), streams{in: strings.NewReader(""), out: &out, err: &err})
		if want := "tuned: " + both + " do not go together"; code != exitBadInput || !strings.HasPrefix(err.String(), want) || out.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q", line, code, err.String(), out.String())
		}
	}
}

// TestExitCodeOfWhatWasBegun: a cause that is bad input before anything is written ends a run that has a directory as any other does.
func TestExitCodeOfWhatWasBegun(t *testing.T) {
	full := fmt.Errorf("write plan.json: %w", syscall.ENOSPC)
	if code := exitCode(full); code != exitBadInput {
		t.Errorf("nothing was written: %d", code)
	}
	if code := exitCode(&told{&job.Unfinished{Dir: "runs/x", Err: full}}); code != exitFailed {
		t.Errorf("what was done is kept: %d", code)
	}
	if code := exitCode(fmt.Errorf("read: %w", context.Canceled)); code != exitInterrupted {
		t.Errorf("interrupted before anything was written: %d", code)
	}
	if code := exitCode(&job.Unfinished{Dir: "runs/x", Err: job.ErrInterrupted}); code != exitInterrupted {
		t.Errorf("interrupted: %d", code)
	}
}

// TestServeRefusesAlarmsThatCannotSound before it serves: the first alert would be too late to say it.
func TestServeRefusesAlarmsThatCannotSound(t *testing.T) {
	t.Chdir(t.TempDir())
	for line, want := range map[string]string{
		"--alert-webhook lab.example.org/hook": "--alert-webhook \"lab.example.org/hook\" is not an address",
		"--alert-command ./nothing":            "--alert-command: ",
		"--gpus -1":                            "--gpus ",
	} {
		var out, err bytes.Buffer
		code := execute(append([]string{"serve", "--state", "state"}, strings.Fields(line)...), streams{in: strings.NewReader(""), out: &out, err: &err})
		if code != exitBadInput || !strings.HasPrefix(err.String(), "tuned: "+want) || out.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q", line, code, err.String(), out.String())
		}
	}
}

// TestInterruptAtTheKeyboard: an interrupt is heard while a table is waited for at the standard input, and nothing is left of it.
func TestInterruptAtTheKeyboard(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	nothing, typed := io.Pipe()
	defer typed.Close()
	time.AfterFunc(10*time.Millisecond, stop)
	_, _, err := onDisk(ctx, "-", nothing)
	left, _ := os.ReadDir(os.TempDir())
	if exitCode(err) != exitInterrupted || len(left) > 0 {
		t.Errorf("it ends with %v and leaves %v", err, left)
	}
}
