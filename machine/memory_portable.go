//go:build !linux || portable

package machine

import "github.com/shirou/gopsutil/v4/mem"

// TotalMemory is what the machine has, in bytes; 0 where it does not tell.
func TotalMemory() int64 {
	m, err := mem.VirtualMemory()
	if err != nil {
		return 0
	}
	return int64(m.Total)
}
