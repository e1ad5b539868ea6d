package main

import (
	"fmt"
	"io"
	"os"

	"tuned/job"
)

// display shows a run while it goes on, and its result.
type display interface {
	event(job.Entry)
	close()
	result(*job.Result) error
}

// newDisplay picks what the flags and the stream ask for: JSON, the result alone, a live screen, or plain lines.
func newDisplay(s streams, f runFlags) display {
	switch {
	case f.json:
		return jsonLines{s.out}
	case f.quiet:
		return quiet{s.out}
	}
	tty := terminal(s.out)
	n := &narrator{out: s.out, color: tty && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
	if tty {
		n.bar = &bar{out: s.out}
	}
	return n
}

// jsonLines prints each event as a line of JSON, as it stands in the journal.
type jsonLines struct{ out io.Writer }

func (j jsonLines) event(e job.Entry) {
	text, err := e.Encode()
	if err != nil {
		text = fmt.Appendf(nil, "{\"kind\":\"unreadable\",\"error\":%q}\n", err)
	}
	_, _ = j.out.Write(text) // a reader that went away does not end the run
}

func (j jsonLines) close()                   {}
func (j jsonLines) result(*job.Result) error { return nil }

// quiet prints the result alone.
type quiet struct{ out io.Writer }

func (q quiet) event(job.Entry) {}
func (q quiet) close()          {}

func (q quiet) result(r *job.Result) error {
	_, err := fmt.Fprintf(q.out, "%s\t%s\n", r.Dir, headline(r.Metrics))
	return err
}
