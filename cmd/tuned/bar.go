package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"tuned/job"
)

// bar shows how far the phase in progress is, with the time left.
type bar struct {
	out   io.Writer
	phase string
	total int64
	bar   *progressbar.ProgressBar
}

func (b *bar) show(p job.Progress) {
	if p.Total <= 0 {
		return
	}
	if b.bar == nil || b.phase != p.Phase || b.total != p.Total {
		b.clear()
		b.phase, b.total, b.bar = p.Phase, p.Total, b.begin(p)
	}
	_ = b.bar.Set64(min(p.Done, p.Total)) // a bar that cannot be drawn is no reason to end the run
}

func (b *bar) begin(p job.Progress) *progressbar.ProgressBar {
	return progressbar.NewOptions64(p.Total,
		progressbar.OptionSetWriter(b.out),
		progressbar.OptionSetDescription("  "),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(30),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionShowDescriptionAtLineEnd(),
	)
}

// note puts a few words behind the bar.
func (b *bar) note(text string) {
	if b.bar != nil {
		b.bar.Describe(text)
	}
}

// clear makes room for a line; the next progress draws the bar again.
func (b *bar) clear() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
