package main

import (
	"fmt"
	"io"
	"strings"

	"tuned/heuristics"
	"tuned/job"
	"tuned/trainer"
	"tuned/words"
)

// narrator tells a run to a person, a line for each thing that happens. On a terminal it has a bar for what takes time.
type narrator struct {
	out   io.Writer
	color bool
	bar   *bar // nil: none

	metric string // what the job is judged by
}

// Colours of the sixteen that every terminal has, so that its own theme decides.
const (
	bold   = "1"
	dim    = "2"
	green  = "32"
	yellow = "33"
	red    = "31"
)

func (n *narrator) paint(code, text string) string {
	if !n.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (n *narrator) line(format string, values ...any) {
	if n.bar != nil {
		n.bar.clear()
	}
	fmt.Fprintf(n.out, format+"\n", values...)
}

func (n *narrator) close() {
	if n.bar != nil {
		n.bar.clear()
	}
}

// event shows one event.
func (n *narrator) event(entry job.Entry) {
	switch e := entry.Event.(type) {
	case job.Started:
		n.started(e)
	case job.PhaseBegan:
		n.began(e.Phase)
	case job.PhaseEnded:
		n.ended(e)
	case job.Progress:
		n.progress(e)
	case job.Columns:
		n.columns(e)
	case job.Measured:
		n.measured(e)
	case job.Decided:
		n.decided(e.Decision)
	case job.Found:
		n.found(e.Finding)
	case job.Trained:
		n.trained(e.Event)
	case job.Sliced:
		n.sliced(e)
	case job.Noted:
		n.line("  note: %s", words.Wrap(e.What, 4))
	}
}

func (n *narrator) started(e job.Started) {
	word := "Starting"
	if e.Resumed {
		word = "Going on with"
	}
	n.line("%s %s in %s (seed %d, %s)", word, n.paint(bold, e.Name), e.Dir, e.Seed, plural(e.Threads, "thread"))
}

func (n *narrator) began(phase string) {
	title := job.PhaseName(phase)
	if p, known := heuristics.Common().Probe(job.ProbeOf(phase)); known {
		title += " (" + p.Help + ")"
	}
	n.line("%s", n.paint(bold, title))
}

func (n *narrator) ended(e job.PhaseEnded) {
	if n.bar != nil {
		n.bar.end()
	}
	if e.Cut {
		return
	}
	n.line("  %s", n.paint(dim, fmt.Sprintf("%s%s", seconds(e.Cost.WallSeconds), work(e.Cost.FLOPs))))
}

func (n *narrator) progress(e job.Progress) {
	if n.bar != nil {
		n.bar.show(e)
	}
}

func (n *narrator) columns(e job.Columns) {
	used, types := 0, map[string]int{}
	for _, c := range e.Columns {
		if c.Used {
			used++
			types[string(c.Type)]++
		}
	}
	if len(e.Image) == 3 {
		n.line("  %s images of %d × %d pixels, %s", count(e.Rows), e.Image[0], e.Image[1], plural(int64(e.Image[2]), "channel"))
	} else {
		n.line("  %s", strings.TrimSuffix(fmt.Sprintf("%s rows; %s used: %s", count(e.Rows), plural(int64(used), "column"), tally(types)), ": "))
	}
	for _, c := range e.Columns {
		switch {
		case c.Filled:
			n.line("  %s: %s; whether it is filled in is learned from", c.Name, c.Note)
		case !c.Used:
			n.line("  %s: %s", c.Name, c.Note)
		}
	}
	if len(e.Classes) > 0 {
		n.line("  target %s: %s", e.Target, plural(int64(len(e.Classes)), "class"))
	}
	for _, note := range e.Notes {
		n.line("  note: %s", words.Wrap(note, 4))
	}
}

func (n *narrator) measured(e job.Measured) {
	if name, ok := e.Facts["job.metric"].(string); ok {
		n.metric = name
	}
	if !strings.HasPrefix(e.Source, "probe.") {
		return
	}
	var parts []string
	for _, f := range heuristics.Common().Facts() {
		if v, ok := e.Facts[f.Name]; ok {
			_, short, _ := strings.Cut(f.Name, ".")
			parts = append(parts, fmt.Sprintf("%s %s", short, words.Format(v, f.Unit)))
		}
	}
	n.line("  found: %s", strings.Join(parts, ", "))
}

func (n *narrator) decided(d heuristics.Decision) {
	n.line("  %s = %s", n.paint(green, d.Setting), n.paint(bold, words.Quantity(d.Value, d.Unit)))
	n.line("      %s", n.paint(dim, words.Wrap(d.Why, 6)))
}

func (n *narrator) found(f heuristics.Finding) {
	label, code := "warning", yellow
	if f.Do == heuristics.DoStop {
		label, code = "stop", red
	}
	n.line("  %s %s", n.paint(code, label+":"), words.Wrap(f.Why, 4))
}

func (n *narrator) sliced(e job.Sliced) {
	for _, s := range e.Slices {
		n.line("  %s %s: %s on %s", e.Column, s.Name, scores(s.Metrics, ""), plural(int64(s.N), "row"))
	}
}

func (n *narrator) trained(e trainer.Event) {
	switch e.Kind {
	case trainer.Resumed:
		n.line("  goes on from the checkpoint at step %s of %s", count(int(e.Step)), count(int(e.Steps)))
	case trainer.Reacted:
		n.line("  %s at step %s: %s", n.paint(yellow, e.Reaction.Watch), count(int(e.Step)), words.Wrap(e.Reaction.Why, 4))
	case trainer.Evaluated:
		if n.bar != nil && n.metric != "" {
			n.bar.note("validation", score(n.metric, e.Metrics.Get(n.metric)))
		}
	case trainer.Progress:
		if n.bar != nil {
			n.bar.note("loss", words.Format(float64(e.Loss), ""))
		}
	}
}
