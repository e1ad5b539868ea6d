package daemon_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/daemon/store"
	"tuned/trainer"
)

func init() {
	mountDisk = func(dir, size string) error { return syscall.Mount("none", dir, "tmpfs", 0, "mode=0700,size="+size) }
}

// TestFullDisk fills the disk under a running job: the job stops and says why, nothing new is taken in, the queue is kept;
// and with room again all goes on. The disk is a small one of the daemon's own, in a namespace of its own.
func TestFullDisk(t *testing.T) {
	d, process := served(t, "64m", func(c *exec.Cmd) {
		c.Args = append(c.Args, "a thread")
		c.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
	})
	table := writeTable(t, "t.csv", 600)
	j, waiting := d.submit(t, long, table), d.submit(t, quick, table)
	d.training(t, j.ID, trainer.Saved)

	filler := filepath.Join(fmt.Sprintf("/proc/%d/root", process.Process.Pid), d.state, "filler")
	fill(t, filler)
	data, err := d.client.Upload(t.Context(), table)
	if err == nil {
		_, err = d.client.Submit(t.Context(), "another", api.Submission{Spec: quick, Data: data})
	}
	if p := (*client.Problem)(nil); !errors.As(err, &p) || p.Status != http.StatusInsufficientStorage {
		t.Errorf("a submission to a full disk ends with %v", err)
	}
	if info, err := d.client.Info(t.Context()); err != nil || !strings.Contains(info.Problem, "disk is full") {
		t.Errorf("the daemon says %q, %v", info.Problem, err)
	}
	if stopped := d.until(t, j.ID, store.Paused); !strings.Contains(stopped.Reason, "disk is full") {
		t.Errorf("the job stopped since %s", stopped.Reason)
	}

	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	d.until(t, waiting.ID, store.Finished)
	if _, err := d.client.Act(t.Context(), "1", "resume"); err != nil {
		t.Fatal(err)
	}
	d.training(t, j.ID, trainer.Resumed)
	if _, err := d.client.Act(t.Context(), "1", "cancel"); err != nil {
		t.Fatal(err)
	}
}

// fill writes a file until there is no room for another page.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
