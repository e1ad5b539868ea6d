package main

import (
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"tuned/job"
	"tuned/words"
)

// bar shows how far the phase in progress is, with the time left and a few words.
type bar struct {
	out   io.Writer
	phase string
	total int64
	first int64 // where the phase began, which for a resumed one is not 0
	began time.Time
	words map[string]string // "loss" and "validation", as last heard
	bar   *progressbar.ProgressBar
}

func (b *bar) show(p job.Progress) {
	if p.Total <= 0 {
		return
	}
	if b.bar == nil || b.phase != p.Phase || b.total != p.Total {
		b.begin(p)
	}
	b.bar.Describe(b.describe(p.Done))
	_ = b.bar.Set64(min(p.Done, p.Total)) // a bar that cannot be drawn is no reason to end the run
}

func (b *bar) begin(p job.Progress) {
	b.clear()
	b.phase, b.total, b.first, b.began, b.words = p.Phase, p.Total, p.Done, time.Now(), map[string]string{}
	b.bar = progressbar.NewOptions64(p.Total,
		progressbar.OptionSetWriter(b.out),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(24),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionShowDescriptionAtLineEnd(),
	)
}

// describe is what stands behind the bar.
func (b *bar) describe(done int64) string {
	parts := []string{b.left(done)}
	for _, word := range []string{"loss", "validation"} {
		if b.words[word] != "" {
			parts = append(parts, word+" "+b.words[word])
		}
	}
	return strings.Join(parts, ", ")
}

// left is the time that the rest takes at the pace so far.
func (b *bar) left(done int64) string {
	rest := words.TimeLeft(time.Since(b.began), done-b.first, b.total-done)
	if rest == "" {
		return "…"
	}
	return rest + " left"
}

// note keeps a few words for the next time that the bar is drawn.
func (b *bar) note(word, text string) {
	if b.words != nil {
		b.words[word] = text
	}
}

// clear makes room for a line; the next progress begins a bar again.
func (b *bar) clear() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}

// end forgets the bar.
func (b *bar) end() {
	b.clear()
	b.bar = nil
}
