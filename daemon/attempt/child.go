package attempt

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"tuned/job"
	"tuned/report"
)

// Tools are what an attempt needs besides its request.
type Tools struct {
	Version       string
	Architectures func(*zap.Logger) (job.Architectures, error)
	Pause         time.Duration // between checkpoints, as in [job.Options]
}

// Main is the process: it serves one request and says how that ended. The error is for the exit code; it was said.
func Main(ctx context.Context, in io.Reader, out io.Writer, tools Tools) error {
	lines := bufio.NewReader(in)
	text, err := lines.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("attempt: read the request: %w", err)
	}
	c := child{tools: tools, out: out, answers: make(chan string)}
	if err := json.Unmarshal(text, &c.request); err != nil {
		return fmt.Errorf("attempt: read the request: %w", err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go c.listen(lines, stop) // it ends with the process, whose standard input it reads
	outcome := c.serve(ctx)
	c.say(Message{Outcome: &outcome})
	if outcome.End != Finished && outcome.End != Held {
		return fmt.Errorf("attempt: %s: %s", outcome.End, outcome.Problem)
	}
	return nil
}

// child is the attempt's process.
type child struct {
	request Request
	tools   Tools
	answers chan string

	mu  sync.Mutex
	out io.Writer
}

// say writes a line. A daemon that went away is noticed where it is listened to.
func (c *child) say(m Message) {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // numbers and text always encode
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.out.Write(append(text, '\n'))
}

var errAlone = errors.New("the daemon is gone")

// listen passes on the daemon's answers; the end of its words is the end of the daemon.
func (c *child) listen(lines *bufio.Reader, stop context.CancelCauseFunc) {
	for {
		text, err := lines.ReadString('\n')
		if err != nil {
			stop(errAlone)
			return
		}
		c.answers <- string(bytes.TrimSpace([]byte(text)))
	}
}

func (c *child) serve(ctx context.Context) Outcome {
	log, closeLog, err := newLog(c.request)
	if err != nil {
		return Ended(err)
	}
	defer closeLog()
	architectures, err := c.tools.Architectures(log)
	if err != nil {
		return Ended(err)
	}
	if c.request.Predict != "" {
		return c.predict(ctx, architectures)
	}
	return c.run(ctx, architectures, log)
}

func (c *child) run(ctx context.Context, architectures job.Architectures, log *zap.Logger) Outcome {
	j, err := job.Parse("job.toml", c.request.Spec)
	if err != nil {
		return Ended(err)
	}
	j.Data.Path = c.request.Data
	if j.Limits.Memory > 0 {
		debug.SetMemoryLimit(int64(job.HostMemory))
	}
	log.Info("attempt begins", zap.String("directory", c.request.Dir))
	result, err := job.Run(ctx, j, job.Options{
		Out: c.request.Dir, Seed: c.request.Seed, Rules: c.request.Rules, Version: c.tools.Version,
		Architectures: architectures, Report: report.Write, Planned: c.planned, Pause: c.tools.Pause,
		Observe: func(e job.Entry) {
			if e.Event.Kind() != (job.Progress{}).Kind() {
				c.say(Message{Seq: e.Seq})
			}
		},
	})
	outcome := Ended(err)
	log.Info("attempt ends", zap.String("end", string(outcome.End)), zap.String("problem", outcome.Problem))
	if err == nil {
		outcome.Metric = result.Metrics.Metric
		if score, ok := result.Metrics.Test[outcome.Metric]; ok {
			outcome.Score = &score
		}
	}
	return outcome
}

// planned tells the daemon the price and waits for its word.
func (c *child) planned(ctx context.Context, p job.Promise) error {
	c.say(Message{Promise: &p})
	select {
	case answer := <-c.answers:
		if answer == Go {
			return nil
		}
		return job.ErrHeld
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *child) predict(ctx context.Context, architectures job.Architectures) Outcome {
	table, err := os.OpenFile(c.request.Predict, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Ended(err)
	}
	p, err := job.Predict(ctx, c.request.Dir, c.request.Data, table, architectures, c.request.Columns...)
	err = errors.Join(err, table.Close())
	outcome := Ended(err)
	if err == nil {
		outcome.Rows, outcome.Scored, outcome.Metrics, outcome.Inside, outcome.Metric = p.Rows, p.Scored, p.Metrics, p.Inside, p.Metric
		outcome.Notes, outcome.Lost = p.Notes, p.Lost
	}
	return outcome
}

// Ended sorts an attempt's error, nil included, into what the daemon does about it.
func Ended(err error) Outcome {
	if err == nil {
		return Outcome{End: Finished}
	}
	o := Outcome{End: Failed, Problem: err.Error()}
	switch {
	case errors.Is(err, job.ErrHeld):
		o.End = Held
	case errors.Is(err, job.ErrInterrupted):
		o.End = Interrupted
	case job.DiskFull(err):
		o.End = Full
	case job.Died(err): // before bad input, which an architecture that cannot start counts as
		o.End = Died
	case job.BadInput(err):
		o.End = Refused
	}
	return o
}

// newLog writes JSON to the standard error and, if the request names one, to the job's own log.
func newLog(r Request) (*zap.Logger, func(), error) {
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	core := zapcore.NewCore(encoder, zapcore.Lock(os.Stderr), zap.InfoLevel)
	closeLog := func() {}
	if r.Log != "" {
		if err := os.MkdirAll(filepath.Dir(r.Log), 0o700); err != nil {
			return nil, nil, fmt.Errorf("open the job's log: %w", err)
		}
		f, err := os.OpenFile(r.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return nil, nil, fmt.Errorf("open the job's log: %w", err)
		}
		closeLog = func() { f.Close() }
		core = zapcore.NewTee(core, zapcore.NewCore(encoder, zapcore.Lock(f), zap.DebugLevel))
	}
	return zap.New(core).With(zap.Int64("job", r.Job)), closeLog, nil
}
