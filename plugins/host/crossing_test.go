package host_test

import (
	"syscall"
	"testing"
	"time"

	"tuned/plugins/host"
	"tuned/trainer/model"
)

// BenchmarkCrossing is what the process boundary costs: steps on 256 rows that an architecture answers at once, in segments of
// 100, one in flight while the one before is awaited. us/step is what the wall sees of it, cpu-us/step what both processes' threads
// spend. A step of the mlp at that size takes about a millisecond.
func BenchmarkCrossing(b *testing.B) {
	p, err := host.Launch(b.Context(), host.Self("echo"), host.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	s, err := p.Open(b.Context(), model.OpenRequest{Settings: model.Settings{"isa": "none"}})
	if err != nil {
		b.Fatal(err)
	}
	const steps = 100
	segment := make([]model.Op, steps)
	for i := range segment {
		segment[i] = model.Step{Rows: make([]int32, 256), LR: 0.1, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8}
	}
	hostBefore := ownCPU(b)
	pluginBefore, _ := p.Usage()
	began := time.Now()
	pending := s.Submit(b.Context(), segment...)
	n := steps
	for b.Loop() {
		next := s.Submit(b.Context(), segment...)
		if _, err := pending.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		pending, n = next, n+steps
	}
	if _, err := pending.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
	wall := time.Since(began)
	pluginAfter, _ := p.Usage()
	spent := ownCPU(b) - hostBefore + pluginAfter - pluginBefore
	b.ReportMetric(float64(n)/wall.Seconds(), "steps/s")
	b.ReportMetric(1e6*wall.Seconds()/float64(n), "us/step")
	b.ReportMetric(1e6*spent/float64(n), "cpu-us/step")
	b.ReportMetric(100*spent/float64(n)/1e-3, "%of1ms")
}

// ownCPU is the processor time of this process, in seconds.
func ownCPU(b *testing.B) float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

// BenchmarkLaunch is the time from the start of a process to its end: launch, open, one step, close.
func BenchmarkLaunch(b *testing.B) {
	for b.Loop() {
		p, err := host.Launch(b.Context(), host.Self("echo"), host.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		s, err := p.Open(b.Context(), model.OpenRequest{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Submit(b.Context(), model.Step{Rows: []int32{1}}).Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
