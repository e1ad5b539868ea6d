package host_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// launch starts an echo, and checks when the test ends that nothing of it is left.
func launch(t *testing.T, o host.Options) *host.Process {
	t.Helper()
	o.Dir = t.TempDir()
	p, err := host.Launch(t.Context(), host.Self("echo"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(o.Dir, "*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return p
}

func open(t *testing.T, p *host.Process) model.Session {
	t.Helper()
	s, err := p.Open(t.Context(), model.OpenRequest{Seed: 42, Settings: model.Settings{"isa": "abc"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLaunchDescribeOpenSubmitClose(t *testing.T) {
	p := launch(t, host.Options{})
	m, err := p.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "echo" || m.Protocol != 1 {
		t.Errorf("manifest %+v", m)
	}
	s := open(t, p)
	if info := s.Info(); info.Parameters != 42 || info.ISA != "abc" {
		t.Errorf("info %+v", info)
	}
	var pending []model.Pending
	for i := range int32(100) {
		pending = append(pending, s.Submit(t.Context(), model.Step{Rows: []int32{i, i}}, model.Step{Rows: []int32{1}}))
	}
	for i, p := range pending {
		results, err := p.Wait(t.Context())
		if err != nil || len(results) != 2 || results[0].Loss != float64(2*i) || results[1].Loss != 1 {
			t.Fatalf("segment %d: %v, %v", i, results, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Submit(t.Context(), model.Keep{}).Wait(t.Context()); err == nil {
		t.Error("a closed session took work")
	}
	select {
	case <-p.Exited():
	default:
		t.Error("closing the session left the process")
	}
}

func TestErrorsCrossTheBoundary(t *testing.T) {
	p := launch(t, host.Options{})
	if _, err := p.Open(t.Context(), model.OpenRequest{MaxBatch: 13}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("open: %v", err)
	}
	s := open(t, p)
	path := filepath.Join(t.TempDir(), "file")
	if _, err := s.Save(t.Context(), path); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("save with a wrong checksum: %v", err)
	}
	if err := s.Load(t.Context(), model.File{}); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("load: %v", err)
	}
	if _, err := s.Export(t.Context(), path, nil); !errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("export: %v", err)
	}
	results, err := s.Submit(t.Context(), model.Keep{}, model.Use{Name: "x"}, model.Keep{}).Wait(t.Context())
	if len(results) != 1 || !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a failure in the middle: %v, %v", results, err)
	}
}

func TestDeathOfTheProcess(t *testing.T) {
	p := launch(t, host.Options{})
	s := open(t, p)
	_, err := s.Submit(t.Context(), model.Keep{Name: "panic"}).Wait(t.Context())
	if !errors.Is(err, model.ErrExited) || errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("want ErrExited, got %v", err)
	}
	for _, part := range []string{"exit status 2", "a bug of the author's"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
	if _, err := s.Save(t.Context(), "x"); !errors.Is(err, model.ErrExited) {
		t.Errorf("save after the end: %v", err)
	}
}

func TestUsage(t *testing.T) {
	p := launch(t, host.Options{})
	s := open(t, p)
	runningCPU, runningPeak := p.Usage()
	for deadline := time.Now().Add(time.Minute); runningCPU == 0 && time.Now().Before(deadline); runningCPU, runningPeak = p.Usage() {
		if _, err := s.Submit(t.Context(), model.Step{Rows: make([]int32, 1000)}).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if runningCPU <= 0 || runningPeak <= 0 {
		t.Errorf("while it runs: %v s, %d bytes", runningCPU, runningPeak)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if cpu, peak := p.Usage(); cpu < runningCPU || peak <= 0 {
		t.Errorf("in the end: %v s, %d bytes; before: %v s, %d bytes", cpu, peak, runningCPU, runningPeak)
	}
}
