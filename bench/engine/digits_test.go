package engine

import (
	"os"
	"path/filepath"
	"testing"

	"tuned/bench/trial"
	"tuned/job"
)

// BenchmarkDigits is a whole small run, for a profile:
//
//	go test -run - -bench Digits -benchtime 1x -cpuprofile cpu.out ./bench/engine
//	go tool pprof -top -cum cpu.out
func BenchmarkDigits(b *testing.B) {
	path := filepath.Join("..", "..", "examples", "digits", "job.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		j, err := job.Parse(path, string(text))
		if err != nil {
			b.Fatal(err)
		}
		o := job.Options{Out: filepath.Join(b.TempDir(), "out"), Version: "bench", Architectures: trial.InProcess{}}
		if _, err := job.Run(b.Context(), j, o); err != nil {
			b.Fatal(err)
		}
	}
}
