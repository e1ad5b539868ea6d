package job_test

import (
	"strings"
	"testing"

	"tuned/heuristics"
	"tuned/job"
)

// Whoever reads of a phase reads words, not what it is called in a journal.
func TestEveryPhaseHasAName(t *testing.T) {
	phases := []string{job.PhaseRead, job.PhaseTrain, job.PhaseEvaluate, job.PhaseWeigh, job.PhaseEffects, job.PhaseWords}
	for _, p := range heuristics.Common().Probes() {
		phases = append(phases, "probe."+p.Name)
	}
	for _, phase := range phases {
		if name := job.PhaseName(phase); name == phase || strings.HasSuffix(name, ": "+job.ProbeOf(phase)) {
			t.Errorf("%s is called %q", phase, name)
		}
	}
	if name := job.PhaseName("probe.of_a_later_version"); name != "Measuring: of_a_later_version" {
		t.Errorf("an unknown probe is called %q", name)
	}
}
