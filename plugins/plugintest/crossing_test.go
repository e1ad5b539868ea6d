package plugintest

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tuned/plugins/host"
	"tuned/plugins/mlp"
	"tuned/trainer/model"
)

// BenchmarkTraining trains the mlp at 256 rows a step, in this process and in one of its own: the difference of cpu-us/step is
// what the process boundary costs. One iteration is a segment of 100 steps; two are in flight. (For 10,000 rows, an epoch is 40.)
func BenchmarkTraining(b *testing.B) {
	s, err := newSample(filepath.Join(b.TempDir(), "view"), model.Classification, []model.Kind{model.Numeric, model.Categorical}, false)
	if err != nil {
		b.Fatal(err)
	}
	m, err := mlp.Architecture().Describe(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	l := &lab{manifest: m, sample: s, options: Options{Threads: 1, Settings: model.Settings{
		"mlp.width": int64(256), "mlp.depth": int64(3), "mlp.embedding": "pbld", "mlp.frequencies": int64(16), "mlp.embedding_size": int64(4),
	}}}
	req := l.request()
	req.MaxBatch = 256
	b.Run("inside", func(b *testing.B) {
		session, err := mlp.Architecture().Open(b.Context(), req)
		if err != nil {
			b.Fatal(err)
		}
		benchmarkTraining(b, session, func() float64 { return 0 })
	})
	b.Run("process", func(b *testing.B) {
		p, err := host.Launch(b.Context(), host.Self("mlp"), host.Options{Dir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		session, err := p.Open(b.Context(), req)
		if err != nil {
			b.Fatal(err)
		}
		benchmarkTraining(b, session, func() float64 {
			cpu, _ := p.Usage()
			return cpu
		})
	})
}

func benchmarkTraining(b *testing.B, s model.Session, elsewhere func() float64) {
	defer s.Close()
	segment := make([]model.Op, 100)
	for i := range segment {
		rows := make([]int32, 256)
		for j := range rows {
			rows[j] = int32((256*i + 37*j) % sampleTrain)
		}
		segment[i] = step(rows, 1e-3)
	}
	before, began := cpuSeconds(b)+elsewhere(), time.Now()
	pending := s.Submit(b.Context(), segment...)
	n := len(segment)
	for b.Loop() {
		next := s.Submit(b.Context(), segment...)
		if _, err := pending.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		pending, n = next, n+len(segment)
	}
	if _, err := pending.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(1e6*time.Since(began).Seconds()/float64(n), "us/step")
	b.ReportMetric(1e6*(cpuSeconds(b)+elsewhere()-before)/float64(n), "cpu-us/step")
}

func cpuSeconds(b *testing.B) float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}
