package job

import (
	"maps"
	"slices"
	"time"
)

// Cost is what a part of a run took, in the host and in the architecture's process together.
type Cost struct {
	FLOPs       int64    `json:"flops"`
	CPUSeconds  float64  `json:"cpu_seconds"`
	WallSeconds float64  `json:"wall_seconds"`
	PeakBytes   int64    `json:"peak_bytes"`       // the most memory resident at one time
	Joules      *float64 `json:"joules,omitempty"` // of the processor package; absent where the machine does not tell
}

// add joins the costs of two parts, one after the other.
func (c Cost) add(o Cost) Cost {
	sum := Cost{
		FLOPs: c.FLOPs + o.FLOPs, CPUSeconds: c.CPUSeconds + o.CPUSeconds, WallSeconds: c.WallSeconds + o.WallSeconds,
		PeakBytes: max(c.PeakBytes, o.PeakBytes), Joules: c.Joules,
	}
	if o.Joules != nil {
		joules := *o.Joules
		if c.Joules != nil {
			joules += *c.Joules
		}
		sum.Joules = &joules
	}
	return sum
}

// Ledger is what each part of a run cost, all attempts at it together. Of an attempt that was killed, the phase in which it was has no
// seconds, and of its FLOPs those until the last checkpoint, which the training goes on counting from.
type Ledger struct {
	Phases []Entered `json:"phases"` // in the order in which they first began
	Total  Cost      `json:"total"`
	Probes Cost      `json:"probes"` // the phases "probe.NAME" together
	// ProbeShare is the probes' part of all FLOPs, 0 … 1.
	ProbeShare float64 `json:"probe_share"`
}

// Entered is a phase on the ledger.
type Entered struct {
	Phase string `json:"phase"`
	Cost
}

// NewLedger adds up the phases that a journal holds.
func NewLedger(entries []Entry) Ledger {
	var l Ledger
	at := map[string]int{}
	for _, entry := range entries {
		ended, ok := entry.Event.(PhaseEnded)
		if !ok {
			continue
		}
		if _, seen := at[ended.Phase]; !seen {
			at[ended.Phase] = len(l.Phases)
			l.Phases = append(l.Phases, Entered{Phase: ended.Phase})
		}
		phase := &l.Phases[at[ended.Phase]]
		phase.Cost = phase.add(ended.Cost)
	}
	l.total()
	return l
}

func (l *Ledger) total() {
	for _, p := range l.Phases {
		l.Total = l.Total.add(p.Cost)
		if ProbeOf(p.Phase) != "" {
			l.Probes = l.Probes.add(p.Cost)
		}
	}
	if l.Total.FLOPs > 0 {
		l.ProbeShare = float64(l.Probes.FLOPs) / float64(l.Total.FLOPs)
	}
}

// process tells what a process has used so far.
type process interface {
	Usage() (cpuSeconds float64, peakBytes int64)
}

// meter measures one phase.
type meter struct {
	began   time.Time
	cpu     float64
	joules  map[string]int64
	plugins map[process]float64 // CPU seconds of each when the phase began
}

// startMeter begins to measure the host.
func startMeter() *meter {
	resetPeak()
	return &meter{began: time.Now(), cpu: ownCPU(), joules: readEnergy(), plugins: map[process]float64{}}
}

// watch counts an architecture's process in from now on.
func (m *meter) watch(p process) {
	m.plugins[p], _ = p.Usage()
}

// stop gives the phase's cost but for its FLOPs, which only the work itself knows.
func (m *meter) stop() Cost {
	c := Cost{CPUSeconds: ownCPU() - m.cpu, WallSeconds: time.Since(m.began).Seconds(), PeakBytes: ownPeak()}
	var largest int64
	for p, before := range m.plugins {
		cpu, peak := p.Usage()
		c.CPUSeconds += cpu - before
		largest = max(largest, peak)
	}
	c.PeakBytes += largest
	c.Joules = energySince(m.joules)
	return c
}

// energySince adds up what each counter gained; nil where the machine has none that can be read.
func energySince(before map[string]int64) *float64 {
	after := readEnergy()
	if len(before) == 0 || len(after) == 0 {
		return nil
	}
	var micro int64
	for _, name := range slices.Sorted(maps.Keys(before)) {
		gained := after[name] - before[name]
		if gained < 0 { // the counter began anew
			gained += energyRange(name)
		}
		micro += gained
	}
	joules := float64(micro) / 1e6
	return &joules
}
