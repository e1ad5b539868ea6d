package job

import (
	"context"
	"errors"
	"fmt"

	"tuned/trainer/model"
)

// start starts an architecture's process and has it counted.
func (r *run) start(ctx context.Context, name string) (Architecture, error) {
	a, err := r.options.Architectures.Start(ctx, name, r.share())
	if err != nil {
		return nil, cannotStart(name, err)
	}
	r.live = append(r.live, a)
	if r.meter != nil {
		r.meter.watch(a)
	}
	return a, nil
}

func cannotStart(name string, err error) error {
	return &Error{Problem: fmt.Sprintf("the architecture %q cannot start", name), Hint: "try: tuned doctor", Err: err}
}

// HostMemory is what the host keeps of a job's memory for itself; the rest is the architecture's.
const HostMemory = Bytes(72 << 20)

// share is what an architecture's process may use of the job's memory; 0 without a limit.
func (r *run) share() int64 {
	if r.job.Limits.Memory == 0 {
		return 0
	}
	return int64(r.job.Limits.Memory - min(HostMemory, r.job.Limits.Memory/2))
}

// session opens a session in a process of its own; closing it ends the process.
func (r *run) session(ctx context.Context, name string, req model.OpenRequest) (model.Session, Architecture, error) {
	a, err := r.start(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	req.Threads, req.MemoryBytes = int(r.threads), r.share()
	s, err := a.Open(ctx, req)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open a model of architecture %q: %w", name, err), a.Close())
	}
	return s, a, nil
}

// closeAll ends what the run started and forgets the data.
func (r *run) closeAll() {
	if r.model.session != nil {
		_ = r.model.session.Close()
	}
	for _, a := range r.live {
		_ = a.Close() // a process that does not end in time is ended by its supervisor
	}
	if r.table != nil {
		_ = r.table.Close()
	}
}
