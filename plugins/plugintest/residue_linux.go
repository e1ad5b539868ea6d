package plugintest

import (
	"fmt"
	"os"
	"strings"
)

func socketsIn(dir string) error {
	table, err := os.ReadFile("/proc/net/unix")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(table)) {
		if strings.Contains(line, dir) {
			return fmt.Errorf("a socket was left: %s", strings.TrimSpace(line))
		}
	}
	return nil
}
