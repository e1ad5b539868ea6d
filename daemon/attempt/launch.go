package attempt

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"tuned/machine"
)

// Program is how an attempt's process is started.
type Program struct {
	Path string   // the executable; empty: this one
	Args []string // before the attempt's own; empty: Argument
	Mark string   // in the environment of every attempt of one daemon, by which those it left behind are found
	Env  []string // NAME=value, besides the daemon's own
}

// markVariable is the environment's variable with a program's mark.
const markVariable = "TUNED_ATTEMPT_OF"

// stopGrace is how long an attempt that was asked to stop may take to save what it did.
const stopGrace = 30 * time.Second

// Hear is told what an attempt says; what it returns for a promise is the answer, Go or Hold.
type Hear func(Message) string

// Run starts an attempt, hears it, and waits for its end. When ctx ends, the attempt is asked to stop. An attempt that
// ends without saying how, and was not asked to, has died. The error is the start's alone.
func (p Program) Run(ctx context.Context, r Request, hear Hear) (Outcome, error) {
	type result struct {
		outcome Outcome
		err     error
	}
	done := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // a process that the kernel ends with its parent ends with the thread that started it; this one outlives it
		outcome, err := p.run(ctx, r, hear)
		done <- result{outcome, err}
	}()
	end := <-done
	return end.outcome, end.err
}

func (p Program) run(ctx context.Context, r Request, hear Hear) (Outcome, error) {
	cmd, err := p.command()
	if err != nil {
		return Outcome{}, fmt.Errorf("start an attempt: %w", err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return Outcome{}, fmt.Errorf("start an attempt: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return Outcome{}, fmt.Errorf("start an attempt: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return Outcome{}, fmt.Errorf("start an attempt: %w", err)
	}
	asked := context.AfterFunc(ctx, func() { stop(cmd.Process) })
	defer asked()
	last := converse(in, out, r, hear)
	_ = in.Close()
	waited := cmd.Wait()
	_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) // whatever of its group is left
	if last != nil {
		return *last, nil
	}
	end := Died
	if ctx.Err() != nil { // it may not have listened yet when it was asked
		end = Interrupted
	}
	return Outcome{End: end, Problem: "the attempt's process ended: " + describe(waited)}, nil
}

// command is the process: it dies with the daemon, and is the head of a group of its own.
func (p Program) command() (*exec.Cmd, error) {
	path, args := p.Path, p.Args
	if path == "" {
		own, err := machine.Executable()
		if err != nil {
			return nil, err
		}
		path = own
	}
	if len(args) == 0 {
		args = []string{Argument}
	}
	cmd := exec.Command(path, args...)
	cmd.Args[0] = "tuned"
	cmd.Stderr = os.Stderr
	cmd.Env = append(append(os.Environ(), p.Env...), markVariable+"="+p.Mark)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieTogether(cmd.SysProcAttr)
	return cmd, nil
}

// stop asks a process to stop, and ends it when it takes too long. It ends with the process.
func stop(p *os.Process) {
	if p.Signal(syscall.SIGTERM) != nil {
		return
	}
	for began := time.Now(); time.Since(began) < stopGrace; time.Sleep(50 * time.Millisecond) {
		if p.Signal(syscall.Signal(0)) != nil {
			return
		}
	}
	_ = p.Kill()
}

// converse says the request, hears every line, and gives the outcome if there was one.
func converse(in io.Writer, out io.Reader, r Request, hear Hear) *Outcome {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // text and numbers always encode
	}
	if _, err := in.Write(append(text, '\n')); err != nil {
		return nil
	}
	var last *Outcome
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadBytes('\n') // as long as it is: an outcome may have a note for each of many columns
		if err != nil {
			return last
		}
		var m Message
		if json.Unmarshal(line, &m) != nil {
			continue // not ours: something printed
		}
		if m.Outcome != nil {
			last = m.Outcome
		}
		if answer := hear(m); m.Promise != nil {
			_, _ = io.WriteString(in, answer+"\n")
		}
	}
}

func describe(err error) string {
	if err == nil {
		return "without a word"
	}
	return err.Error()
}

// EndOrphans kills the attempts that a daemon of this mark left behind, and waits until they are gone. It gives their
// number.
func (p Program) EndOrphans(ctx context.Context) (int, error) {
	ended := 0
	for {
		left := p.orphans()
		if len(left) == 0 {
			return ended, nil
		}
		for _, pid := range left {
			if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
				return ended, fmt.Errorf("end the attempt of process %d: %w", pid, err)
			}
		}
		ended = max(ended, len(left))
		select {
		case <-ctx.Done():
			return ended, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// orphans are the processes with the mark, zombies left out, which show no environment.
func (p Program) orphans() []int {
	return slices.DeleteFunc(machine.Processes(), func(pid int) bool {
		return pid == os.Getpid() || !slices.Contains(machine.Environment(pid), markVariable+"="+p.Mark)
	})
}
