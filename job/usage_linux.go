//go:build !portable

package job

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"tuned/machine"
)

// resetPeak lets the kernel count this process's peak memory from now on.
func resetPeak() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // without it the peak is the whole process's: an upper bound
}

// ownPeak is this process's peak resident memory in bytes since resetPeak, 0 where the kernel does not tell.
func ownPeak() int64 {
	m, _ := machine.MemoryOf(os.Getpid())
	return m.Peak
}

// readEnergy reads the energy counters of the processor packages in microjoules; empty where none can be read.
func readEnergy() map[string]int64 {
	zones, _ := filepath.Glob("/sys/class/powercap/intel-rapl:[0-9]*")
	counters := map[string]int64{}
	for _, zone := range zones {
		if strings.Count(filepath.Base(zone), ":") != 1 {
			continue // a part of a package, counted with it
		}
		if n, err := readNumber(filepath.Join(zone, "energy_uj")); err == nil {
			counters[zone] = n
		}
	}
	return counters
}

// energyRange is the value at which a counter begins anew.
func energyRange(zone string) int64 {
	n, _ := readNumber(filepath.Join(zone, "max_energy_range_uj"))
	return n
}

func readNumber(path string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}
