package job

// history is what earlier attempts at a run left in its journal: what was measured once is not measured again.
type history struct {
	entries  []Entry
	threads  int64
	measured map[string]Measured // by source
	told     map[string]any      // decisions by setting and findings by check, so that they are told once
	tried    []Tried
	plan     string // sha256 of the plan.json that was written
}

func newHistory(entries []Entry) history {
	h := history{entries: entries, measured: map[string]Measured{}, told: map[string]any{}}
	for _, entry := range entries {
		switch e := entry.Event.(type) {
		case Started:
			h.threads = e.Threads
		case Measured:
			h.measured[e.Source] = e
		case Decided:
			h.told[e.Setting] = e.Value
		case Found:
			h.told["check "+e.Check] = e.Why
		case Planned:
			h.plan = e.SHA256
		case Tried:
			h.tried = append(h.tried, e)
		}
	}
	return h
}
