//go:build !portable

package machine

import (
	"fmt"
	"os"
)

// TotalMemory is what the machine has, in bytes; 0 where it does not tell.
func TotalMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	var kib int64
	if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kib); err != nil {
		return 0
	}
	return kib << 10
}
