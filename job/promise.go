package job

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
)

// Promise is what a plan says that its training will cost.
type Promise struct {
	FLOPs       int64   `json:"flops"`
	Seconds     float64 `json:"seconds"`      // at the pace that the probes' steps went, on this machine
	MemoryBytes int64   `json:"memory_bytes"` // resident in the host and the architecture's process together
}

// Approval is the [approve] table: what a training may cost before a person must agree to it. It changes nothing about
// the run, so it is no part of the job's fingerprint.
type Approval struct {
	Asked bool          // the job has the table
	Time  time.Duration // above this; with FLOPs 0
	FLOPs float64       // above this; 0: Time counts
}

// Needed tells whether a person must agree to a plan that promises such a cost.
func (a Approval) Needed(p Promise) bool {
	switch {
	case !a.Asked:
		return false
	case a.FLOPs > 0:
		return float64(p.FLOPs) > a.FLOPs
	}
	return p.Seconds > a.Time.Seconds()
}

// String gives the bound as a job writes it.
func (a Approval) String() string {
	if a.FLOPs > 0 {
		return humanize.SIWithDigits(a.FLOPs, 3, "FLOP")
	}
	return a.Time.String()
}

// ErrHeld: whoever was asked did not let the planned training begin. The same call goes on from there.
var ErrHeld = errors.New("held before training")

// readApproval reads "5m" or "3 PFLOP".
func readApproval(j *Job, v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("must be a duration or an amount of work, in quotes")
	}
	j.Approve = Approval{Asked: true}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		j.Approve.Time = d
		return nil
	}
	work, unit, err := humanize.ParseSI(s)
	if err != nil || work <= 0 || unit != "FLOP" && unit != "FLOPs" {
		return fmt.Errorf("is neither a duration nor an amount of work")
	}
	j.Approve.FLOPs = work
	return nil
}

// guessedPace is assumed of a thread where no probe took steps: FLOPs a second, half of what a core with vector instructions does.
const guessedPace = 16e9

// promise is what the open model's training will cost.
func (r *run) promise() (Promise, error) {
	plan, err := r.trainable()
	if err != nil {
		return Promise{}, err
	}
	info, v := r.model.session.Info(), r.model.view
	batch := integerOf(r.model.settings, "batch_size")
	order := r.model.order
	steps := plan.Epochs * int64(order.StepsPerEpoch())
	p := Promise{FLOPs: info.InitialFLOPs + steps*(int64(order.BatchSize())*info.FLOPsRow+info.FLOPsStep)}
	if plan.NeedsValidation() {
		looks := plan.Epochs / plan.EvaluateEvery * int64(1+len(plan.Averages))
		p.FLOPs += looks * int64(len(v.validation)) * info.FLOPsRowEval
	}
	p.Seconds = r.seconds(p.FLOPs, steps)
	p.MemoryBytes = int64(HostMemory) + info.BytesFixed*int64(1+plan.Snapshots()) + info.BytesRow*batch
	if measured, ok := r.facts["memory.bytes_at_max"].(int64); ok {
		p.MemoryBytes = max(p.MemoryBytes, int64(HostMemory)+measured)
	}
	return p, nil
}

// seconds foretells how long work takes: by the time of a step where a probe took it, else at the pace of the probe whose steps went
// fastest, else at a guess.
func (r *run) seconds(flops, steps int64) float64 {
	if step, ok := r.facts["speed.step_seconds"].(float64); ok && step > 0 {
		return step * float64(steps)
	}
	return float64(flops) / cmp.Or(pace(r.entries()), guessedPace*float64(r.threads))
}

// pace is the fastest that a probe's steps went, in FLOPs a second; 0 where none took any.
func pace(entries []Entry) (fastest float64) {
	for _, entry := range entries {
		if m, ok := entry.Event.(Measured); ok {
			fastest = max(fastest, m.Pace)
		}
	}
	return fastest
}
