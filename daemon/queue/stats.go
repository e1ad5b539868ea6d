package queue

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tuned/daemon/attempt"
	"tuned/daemon/store"
	"tuned/job"
)

// stats are what the daemon counts.
type stats struct {
	seconds *prometheus.CounterVec // by kind of phase
	flops   *prometheus.CounterVec
	ends    *prometheus.CounterVec
	peak    prometheus.Gauge

	mu   sync.Mutex
	most float64 // what peak shows
}

func newStats() *stats {
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tuned_" + name, Help: help}, []string{label})
	}
	s := &stats{
		seconds: counter("phase_seconds_total", "Wall seconds spent in phases of runs.", "phase"),
		flops:   counter("phase_flops_total", "Floating-point operations spent in phases of runs.", "phase"),
		ends:    counter("attempts_total", "Attempts by how they ended; died counts architectures and attempts that were killed.", "end"),
		peak: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tuned_job_peak_bytes", Help: "The most memory that a phase of a job held, since the daemon began.",
		}),
	}
	for _, end := range attempt.Ends { // so that a first death is a rise, and not a new series
		s.ends.WithLabelValues(string(end))
	}
	return s
}

// spent counts a phase; all probes are one kind.
func (s *stats) spent(e job.PhaseEnded) {
	phase, _, _ := strings.Cut(e.Phase, ".")
	s.seconds.WithLabelValues(phase).Add(max(e.Cost.WallSeconds, 0))
	s.flops.WithLabelValues(phase).Add(max(float64(e.Cost.FLOPs), 0))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = max(s.most, float64(e.Cost.PeakBytes))
	s.peak.Set(s.most)
}

func (s *stats) ended(end attempt.End) { s.ends.WithLabelValues(string(end)).Inc() }

// Collectors are for a registry of metrics.
func (q *Queue) Collectors() []prometheus.Collector {
	return []prometheus.Collector{q.stats.seconds, q.stats.flops, q.stats.ends, q.stats.peak, gauges{q}}
}

// gauges are read when they are asked for.
type gauges struct{ queue *Queue }

var (
	jobsGauge = prometheus.NewDesc("tuned_jobs", "Jobs by state.", []string{"state"}, nil)
	freeGauge = prometheus.NewDesc("tuned_disk_free_bytes", "Bytes that the state directory's disk has left.", nil, nil)
	usedGauge = prometheus.NewDesc("tuned_reserved", "What running jobs take of the machine.", []string{"resource"}, nil)
)

// Describe names them.
func (g gauges) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(g, to) }

// Collect reads them.
func (g gauges) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if counts, err := g.queue.store.Counts(ctx); err == nil {
		for _, state := range store.States {
			gauge(jobsGauge, float64(counts[state]), string(state))
		}
	}
	if free, err := g.queue.Place.Free(); err == nil {
		gauge(freeGauge, float64(free))
	}
	used := minus(g.queue.Capacity, g.queue.free())
	gauge(usedGauge, float64(used.Threads), "threads")
	gauge(usedGauge, float64(used.Memory), "memory_bytes")
	gauge(usedGauge, float64(used.GPUs), "gpus")
}
