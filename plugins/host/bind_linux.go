//go:build !portable

package host

import (
	"os/exec"
	"syscall"
)

// bind has the process that cmd will start end with this one: the kernel kills it when the thread that started it ends. The
// function that it gives is for when the process has ended.
func bind(cmd *exec.Cmd) (release func(), err error) {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	return func() {}, nil
}

// stray tells what of a child may run on when its group is killed: what carries its mark.
func (c *child) stray(pid int) bool { return marked(pid, c.mark) }
