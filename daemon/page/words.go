package page

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"tuned/daemon/store"
	"tuned/job"
	"tuned/words"
)

// functions are what the templates say things with.
var functions = template.FuncMap{
	"ago":      ago,
	"stamp":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"promised": promised,
	"say":      words.Format,
	"score":    score,
	"help":     helpOf,
	"lists":    func() []string { return lists },
	"types":    types,
	"first":    func(s string) string { line, _, _ := strings.Cut(s, "\n"); return line },
	"plain":    func(s string) string { return strings.ReplaceAll(s, "\n | ", "\n") }, // without the terminal's bars before hints
}

func ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return humanize.Time(t)
}

// promised is a plan's cost in a phrase.
func promised(p *job.Promise) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%s, %s, %s of memory", words.Format(p.Seconds, "seconds"), words.Format(p.FLOPs, "flops"), words.Format(p.MemoryBytes, "bytes"))
}

// score is a result in a phrase.
func score(s *store.Score) string {
	if s == nil {
		return ""
	}
	return words.Metric(s.Metric) + " " + words.Score(s.Metric, s.Value)
}
