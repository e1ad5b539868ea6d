//go:build !linux || portable

package host

import "syscall"

// kernelLimits are what the kernel holds a child to: nothing that would hold. The watch does.
type kernelLimits struct{}

func newKernelLimits(Program, int64, string) (kernelLimits, string) { return kernelLimits{}, WatchOnly }

func (kernelLimits) enter(*syscall.SysProcAttr) {}
func (kernelLimits) started(int)                {}
func (kernelLimits) refuses() bool              { return false }
func (kernelLimits) kill() error                { return nil }
func (kernelLimits) killed() bool               { return false }
func (kernelLimits) close()                     {}
