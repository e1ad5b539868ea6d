package daemon_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestSystemdIsTold: where systemd listens at a path, whatever signs are in it, it hears that the daemon is ready.
func TestSystemdIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), fmt.Sprintf("user@%d", os.Getuid()))
	systemd, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer systemd.Close()
	if err := systemd.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", path)
	start(t, "")
	said := make([]byte, 100)
	n, err := systemd.Read(said)
	if err != nil || string(said[:n]) != "READY=1" {
		t.Errorf("it hears %q: %v", said[:n], err)
	}
}
