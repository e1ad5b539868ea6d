package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"tuned/job"
)

// TestOutputAppearsAsAWholeOrNotAtAll: an error behind the first lines leaves an older file as it was, and nothing beside it.
func TestOutputAppearsAsAWholeOrNotAtAll(t *testing.T) {
	broken := errors.New("the model is damaged")
	for _, test := range []struct {
		name   string
		toFile bool
		err    error
		want   string
	}{
		{"to the standard output", false, nil, "first, second"},
		{"an error before the standard output", false, broken, ""},
		{"to a file", true, nil, "first, second"},
		{"an error before a file", true, broken, "older"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var standard bytes.Buffer
			dir, temporary := t.TempDir(), t.TempDir()
			t.Setenv("TMPDIR", temporary)
			o, place := output{what: "the predictions", standard: &standard}, filepath.Join(dir, "predictions.csv")
			if err := os.WriteFile(place, []byte("older"), 0o600); err != nil {
				t.Fatal(err)
			}
			if test.toFile {
				o.path = place
			}
			err := o.write(func(w io.Writer) error {
				fmt.Fprint(w, "first, ")
				if standard.Len() > 0 || contents(t, place) != "older" {
					t.Error("something is written before all is there")
				}
				fmt.Fprint(w, "second")
				return test.err
			})
			if !errors.Is(err, test.err) {
				t.Errorf("the error is %v", err)
			}
			got := standard.String()
			if test.toFile {
				got = contents(t, place)
			}
			if got != test.want {
				t.Errorf("it is %q, want %q", got, test.want)
			}
			for _, dir := range []string{dir, temporary} {
				if left, _ := filepath.Glob(filepath.Join(dir, "[^p]*")); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			}
		})
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestOutputIsRefusedBeforeTheWork: what cannot be written need not be made.
func TestOutputIsRefusedBeforeTheWork(t *testing.T) {
	o := output{path: filepath.Join(t.TempDir(), "none", "predictions.csv"), what: "the predictions"}
	err := o.write(func(io.Writer) error {
		t.Error("it is made")
		return nil
	})
	if e := (*job.Error)(nil); !errors.As(err, &e) || e.Path != o.path || e.Hint == "" {
		t.Errorf("the error is %v", err)
	}
}

// TestOutputToAPipe: what stands at the path is written to, where replacing it would take it from whoever reads, or a device from the machine.
func TestOutputToAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() { got <- contents(t, pipe) }()
	err := output{path: pipe, what: "the predictions"}.write(func(w io.Writer) error {
		_, err := fmt.Fprint(w, "all of it")
		return err
	})
	if read := <-got; err != nil || read != "all of it" {
		t.Errorf("read %q, error %v", read, err)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode().IsRegular() {
		t.Errorf("the pipe is %v, error %v", info, err)
	}
}

// TestOutputThroughALink: the file that a link points to is replaced, not the link, which may be /dev/stdout.
func TestOutputThroughALink(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "predictions.csv"), filepath.Join(dir, "latest.csv")
	if err := errors.Join(os.WriteFile(file, []byte("older"), 0o600), os.Symlink("predictions.csv", link)); err != nil {
		t.Fatal(err)
	}
	err := output{path: link, what: "the predictions"}.write(func(w io.Writer) error {
		_, err := fmt.Fprint(w, "newer")
		return err
	})
	if got := contents(t, file); err != nil || got != "newer" {
		t.Errorf("the file holds %q, error %v", got, err)
	}
	if to, err := os.Readlink(link); err != nil || to != "predictions.csv" {
		t.Errorf("the link points to %q, error %v", to, err)
	}
}
