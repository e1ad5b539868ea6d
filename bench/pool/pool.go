// Package pool runs trials in worker processes, each with one thread, so that a trial's CPU seconds are its own.
//
// A worker is this program started again with the hidden command "worker"; it reads requests and writes replies, one
// JSON object a line.
package pool

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"tuned/bench/trial"
)

// message is a line from a worker: an intermediate value that wants a verdict, or how the trial ended.
type message struct {
	Step   *int          `json:"step,omitempty"`
	Value  float64       `json:"value,omitempty"`
	Result *trial.Result `json:"result,omitempty"`
	Failed string        `json:"failed,omitempty"`
}

// verdict answers an intermediate value.
type verdict struct {
	Stop bool `json:"stop"`
}

// Serve is the worker's side: it carries out requests until its input ends, be it in the middle of one: whoever asked is gone.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	box, replies := &inbox{lines: make(chan json.RawMessage)}, json.NewEncoder(out)
	go func() {
		defer stop()
		box.fill(ctx, in)
	}()
	for {
		var r trial.Request
		if err := box.next(&r); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := serveOne(ctx, r, box, replies); err != nil {
			return err
		}
	}
}

// inbox holds the messages of an input that is read all the time, so that its end is noticed at once.
type inbox struct {
	lines chan json.RawMessage
	err   error // why there are no more, once lines is closed
}

// fill reads until the input ends or nobody wants more.
func (b *inbox) fill(ctx context.Context, in io.Reader) {
	defer close(b.lines)
	for d := json.NewDecoder(in); ; {
		var line json.RawMessage
		if b.err = d.Decode(&line); b.err != nil {
			return
		}
		select {
		case b.lines <- line:
		case <-ctx.Done():
			b.err = ctx.Err()
			return
		}
	}
}

func (b *inbox) next(message any) error {
	line, ok := <-b.lines
	if !ok {
		return b.err
	}
	return json.Unmarshal(line, message)
}

func serveOne(ctx context.Context, r trial.Request, requests *inbox, replies *json.Encoder) error {
	var report trial.Report
	if r.Report {
		report = func(step int, value float64) bool {
			var v verdict
			err := errors.Join(replies.Encode(message{Step: &step, Value: value}), requests.next(&v))
			return v.Stop || err != nil
		}
	}
	result, err := trial.Run(ctx, r, report)
	if err != nil {
		return replies.Encode(message{Failed: err.Error()})
	}
	return replies.Encode(message{Result: &result})
}

// Worker is a running worker process. It is used by one goroutine.
type Worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// start starts a worker.
func start(ctx context.Context) (*Worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "worker")
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &Worker{cmd: cmd, in: in, out: bufio.NewReader(out)}, cmd.Start()
}

// Run carries out one request. report may be nil.
func (w *Worker) Run(r trial.Request, report trial.Report) (trial.Result, error) {
	r.Report = report != nil
	if err := w.say(r); err != nil {
		return trial.Result{}, err
	}
	for {
		line, err := w.out.ReadBytes('\n')
		if err != nil {
			return trial.Result{}, fmt.Errorf("worker ended: %w", err)
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return trial.Result{}, err
		}
		switch {
		case m.Failed != "":
			return trial.Result{}, errors.New(m.Failed)
		case m.Result != nil:
			return *m.Result, nil
		}
		if err := w.say(verdict{Stop: report(*m.Step, m.Value)}); err != nil {
			return trial.Result{}, err
		}
	}
}

func (w *Worker) say(message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = w.in.Write(append(text, '\n'))
	return err
}

// Close ends the worker.
func (w *Worker) Close() error {
	return errors.Join(w.in.Close(), w.cmd.Wait())
}

// Each runs do for every item over n workers, in the items' order of starting, and returns the first error.
func Each[T any](ctx context.Context, n int, items []T, do func(ctx context.Context, w *Worker, item T) error) error {
	queue := make(chan T)
	done := make(chan error, n)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for range n {
		go func() { done <- drain(ctx, queue, do) }()
	}
	var errs []error
	running := n
	for _, item := range items {
		select {
		case queue <- item:
			continue
		case err := <-done:
			running--
			errs = append(errs, err)
			stop()
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	for range running {
		if err := <-done; err != nil {
			errs = append(errs, err)
			stop()
		}
	}
	return errors.Join(append(errs, context.Cause(ctx))...)
}

// drain is one worker's life.
func drain[T any](ctx context.Context, queue <-chan T, do func(context.Context, *Worker, T) error) error {
	w, err := start(ctx)
	if err != nil {
		return err
	}
	for item := range queue {
		if err := do(ctx, w, item); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	return w.Close()
}
