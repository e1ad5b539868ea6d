// Package python talks with a script over its standard input and output, one JSON object a line.
package python

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Interpreter is Debian's, which sees Debian's packages, or the first one on the path.
func Interpreter() string {
	const debian = "/usr/bin/python3"
	if _, err := os.Stat(debian); err == nil {
		return debian
	}
	return "python3"
}

// Conversation is a running script. It is used by one goroutine.
type Conversation struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// Start runs a script on one thread; name is what errors call it.
func Start(ctx context.Context, name, script string) (*Conversation, error) {
	cmd := exec.CommandContext(ctx, Interpreter(), "-c", script)
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w (make bench-peers installs what it needs)", name, err)
	}
	return &Conversation{name: name, cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

// Say sends a message.
func (c *Conversation) Say(message any) error {
	line, err := json.Marshal(message)
	if err != nil {
		return err
	}
	_, err = c.in.Write(append(line, '\n'))
	return err
}

// Hear waits for a message; io.EOF when the script has no more to say.
func (c *Conversation) Hear(message any) error {
	line, err := c.out.ReadBytes('\n')
	switch {
	case err == io.EOF && len(line) > 0:
		return fmt.Errorf("%s: %w within a message", c.name, io.ErrUnexpectedEOF)
	case err != nil:
		return err
	}
	if err := json.Unmarshal(line, message); err != nil {
		return fmt.Errorf("%s: it says %.80q, which is no message: %w", c.name, line, err)
	}
	return nil
}

// Close ends the conversation. After a failure of ours the script may end as it likes.
func (c *Conversation) Close(failed error) error {
	_ = c.in.Close()
	if failed != nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		return nil
	}
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w (make bench-peers installs what it needs)", c.name, err)
	}
	return nil
}
