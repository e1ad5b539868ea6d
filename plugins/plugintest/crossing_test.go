package plugintest

import (
	"syscall"
	"testing"
	"time"

	"tuned/plugins/host"
	"tuned/plugins/mlp"
	"tuned/trainer/model"
)

// benchRows are the rows of the benchmark's table: 40 steps an epoch.
const benchRows = 10_000

// BenchmarkTraining trains the mlp on 10,000 rows at 256 a step, in this process and in one of its own. One iteration is a segment
// of 100 steps; two are in flight. The difference of cpu-us/step is what the process boundary costs, under the noise of training
// itself; %host is the share of this process in all processor time: its end of the boundary, and its watch over the other
// process. BenchmarkCrossing in plugins/host shows both ends without the training.
func BenchmarkTraining(b *testing.B) {
	s := &sample{dir: b.TempDir(), view: model.View{Rows: benchRows, Task: model.Classification}}
	if err := s.write([]model.Kind{model.Numeric, model.Categorical}, draw(benchRows)); err != nil {
		b.Fatal(err)
	}
	m, err := mlp.Architecture().Describe(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	l := &lab{manifest: m, sample: s, options: Options{Threads: 1, Settings: model.Settings{
		"mlp.members": int64(1), "mlp.width": int64(256), "mlp.depth": int64(3), "mlp.embedding": "pbld", "mlp.frequencies": int64(16), "mlp.embedding_size": int64(4),
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
			rows[j] = int32((256*i + 37*j) % benchRows)
		}
		segment[i] = step(rows, 1e-3)
	}
	here, there, began := cpuSeconds(b), elsewhere(), time.Now()
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
	own, other := cpuSeconds(b)-here, elsewhere()-there
	b.ReportMetric(1e6*(own+other)/float64(n), "cpu-us/step")
	if other > 0 {
		b.ReportMetric(100*own/(own+other), "%host")
	}
}

func cpuSeconds(b *testing.B) float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}
