//go:build !portable

package attempt

import "syscall"

// dieTogether has the kernel kill the attempt when the daemon ends.
func dieTogether(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
