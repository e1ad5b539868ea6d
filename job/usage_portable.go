//go:build !linux || portable

package job

import "tuned/machine"

// resetPeak does nothing: the kernel counts the peak of the whole process, which is an upper bound of what comes now.
func resetPeak() {}

// ownPeak is this process's peak resident memory in bytes.
func ownPeak() int64 {
	r := account()
	return machine.PeakOf(&r)
}

// readEnergy finds no counters that a program may read as it is.
func readEnergy() map[string]int64 { return nil }

func energyRange(string) int64 { return 0 }
