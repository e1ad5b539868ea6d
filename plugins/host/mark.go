package host

import (
	"slices"
	"time"

	"tuned/machine"
)

// markVariable names, in the environment of everything that descends from a child, which child that is.
const markVariable = "TUNED_PROCESS"

// marked reports whether a process carries the mark.
func marked(pid int, mark string) bool {
	return slices.Contains(machine.Environment(pid), markVariable+"="+mark)
}

// execTime is how long a process is given to show what it carries; one that never does hides its environment, and is nobody's here.
const execTime = 200 * time.Millisecond

// killAll kills all processes that are ours, until none is left or time is up; it gives how many are left.
func killAll(ours func(pid int) bool, within time.Duration) int {
	begun := time.Now()
	for deadline := begun.Add(within); ; time.Sleep(time.Millisecond) {
		left, early := 0, time.Since(begun) < execTime
		for _, pid := range machine.Processes() {
			if machine.KillIf(pid, ours) || early && machine.BetweenPrograms(pid) {
				left++
			}
		}
		if left == 0 || time.Now().After(deadline) {
			return left
		}
	}
}
