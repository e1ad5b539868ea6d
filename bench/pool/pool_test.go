package pool

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tuned/bench/trial"
	"tuned/job"
)

// TestServeEndsWithItsInput: a worker whose bench was killed does not train on.
func TestServeEndsWithItsInput(t *testing.T) {
	dir := t.TempDir()
	writeSet(t, filepath.Join(dir, "wave"))
	requests, ask := io.Pipe()
	answers, answer := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- Serve(t.Context(), requests, answer) }()

	request := trial.Request{
		Data: dir, Set: "wave", Architecture: "mlp", Report: true,
		Pins: job.Values{"epochs": int64(1_000_000), "validation_fraction": 0.2, "evaluate_every": int64(1)},
	}
	say := func(m any) {
		if err := json.NewEncoder(ask).Encode(m); err != nil {
			t.Error(err)
		}
	}
	say(request)
	var m message
	if err := json.NewDecoder(answers).Decode(&m); err != nil || m.Step == nil {
		t.Fatalf("%+v, %+v, %v: want a first value", m, m.Result, err)
	}
	say(verdict{})
	go io.Copy(io.Discard, answers)
	ask.Close()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the worker trains on")
	}
}

// writeSet writes a small table of values with its description.
func writeSet(t *testing.T, folder string) {
	t.Helper()
	var table bytes.Buffer
	z := gzip.NewWriter(&table)
	fmt.Fprintln(z, "x,y")
	for i := range 600 {
		fmt.Fprintf(z, "%.2f,%d\n", float64(i%101)/7, (i%101)*(i%101)%17)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	source := "name = \"wave\"\nmodality = \"tabular\"\ntask = \"regression\"\ntarget = \"y\"\n"
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"source.toml": source, "data.csv.gz": table.String()} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
