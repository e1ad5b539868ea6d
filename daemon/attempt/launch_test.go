package attempt

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"tuned/job"
)

// TestConverse: what an attempt says is heard whatever its length, between lines that are none of its words, and promises are answered.
func TestConverse(t *testing.T) {
	notes := []string{strings.Repeat("a note for each of many columns; ", 1<<17)}
	var said bytes.Buffer
	for _, m := range []Message{{Seq: 1}, {Promise: &job.Promise{Seconds: 3}}, {Outcome: &Outcome{End: Finished, Notes: notes}}} {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(append(text, "\nprinted by somebody\n"...))
	}
	said.WriteString("torn off")
	var heard int
	var answers bytes.Buffer
	last := converse(&answers, &said, Request{Job: 7}, func(Message) string { heard++; return Go })
	if last == nil || last.End != Finished || len(last.Notes) != 1 || last.Notes[0] != notes[0] {
		t.Errorf("the outcome was not heard: %v", last != nil)
	}
	if lines := strings.Split(answers.String(), "\n"); heard != 3 || len(lines) != 3 || !strings.Contains(lines[0], `"job":7`) || lines[1] != Go {
		t.Errorf("%d messages, and what was said is %q", heard, lines)
	}
}

// TestStoppedBeforeItListens: a process that was asked to stop, and ended without a word since it did not listen yet, has not died.
func TestStoppedBeforeItListens(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	asleep := Program{Path: "/bin/sleep", Args: []string{"600"}}
	end, err := asleep.Run(ctx, Request{}, func(Message) string { return "" })
	if err != nil || end.End != Interrupted {
		t.Errorf("it ended as %q (%s), not %q: %v", end.End, end.Problem, Interrupted, err)
	}
}
