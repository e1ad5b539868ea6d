//go:build !linux

package job

// Elsewhere than on Linux only wall time is measured.

func ownCPU() float64               { return 0 }
func resetPeak()                    {}
func ownPeak() int64                { return 0 }
func readEnergy() map[string]int64  { return nil }
func energyRange(zone string) int64 { return 0 }
