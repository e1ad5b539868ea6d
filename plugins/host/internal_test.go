package host

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"tuned/machine"
	"tuned/trainer/model"
)

func TestCheckHandshake(t *testing.T) {
	tests := []struct{ line, says string }{
		{"1|1|unix|/run/d/plugin-dir1/plugin2|grpc|", ""},
		{"1|1|unix|/run/d/plugin-dir1/plugin2|grpc||true", ""},
		{"1|1|unix|/run/d/plugin-dir1/plugin2|grpc", ""},
		{"", "no handshake"},
		{"hello", "no handshake"},
		{"2|1|unix|/run/d/x|grpc|", "version"},
		{"1|2|unix|/run/d/x|grpc|", "build it against this version"},
		{"1|x|unix|/run/d/x|grpc|", "build it against this version"},
		{"1|1|tcp|127.0.0.1:80|grpc|", "only a unix socket"},
		{"1|1|unix|/run/other/x|grpc|", "not in the directory"},
		{"1|1|unix|/run/d/../other/x|grpc|", "not in the directory"},
		{"1|1|unix|/run/d|grpc|", "not in the directory"},
		{"1|1|unix|x|grpc|", "not in the directory"},
		{"1|1|unix|/run/d/x|netrpc|", "instead of grpc"},
		{"1|1|unix|/run/d/x|grpc|MIIB", "certificate"},
	}
	for _, test := range tests {
		err := checkHandshake("/run/d", test.line)
		switch {
		case test.says == "" && err != nil:
			t.Errorf("%q: %v", test.line, err)
		case test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
			t.Errorf("%q: want %q, got %v", test.line, test.says, err)
		}
	}
}

func FuzzHandshake(f *testing.F) {
	f.Add("1|1|unix|/run/d/plugin|grpc|")
	f.Add("1|1|tcp|127.0.0.1:80|grpc|")
	f.Fuzz(func(t *testing.T, line string) {
		if checkHandshake("/run/d", line) == nil && !strings.Contains(line, "|unix|") {
			t.Errorf("%q was accepted", line)
		}
	})
}

// FuzzOutput: whatever a program prints is read to its end, in lines of bounded length that cannot move a cursor.
func FuzzOutput(f *testing.F) {
	f.Add("a line\n{\"@message\": \"x\", \"@level\": \"warn\"}\n\x1b[2Jpanic: x\n")
	f.Add(`{"@message": 5}`)
	f.Fuzz(func(t *testing.T, text string) {
		var kept tail
		core, logs := observer.New(zap.DebugLevel)
		eachLine(strings.NewReader(text), func(line []byte) {
			if len(line) > maxLine {
				t.Errorf("a line of %d bytes", len(line))
			}
			kept.add(string(line))
			kept.log(zap.New(core), line)
		})
		for _, entry := range logs.All() {
			if strings.ContainsAny(entry.Message, "\x1b\r\n\x00") || entry.Level > zap.ErrorLevel {
				t.Errorf("%v: %q", entry.Level, entry.Message)
			}
		}
	})
}

func TestTailKeepsTheCrash(t *testing.T) {
	var kept tail
	kept.add("before")
	kept.add("fatal error: runtime: out of memory")
	for range 100 {
		kept.add("goroutine")
	}
	if lines := kept.telling(); len(lines) != crashLines || lines[0] != "fatal error: runtime: out of memory" {
		t.Errorf("%q", lines)
	}
}

func TestLogStopsAtItsLimit(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	var kept tail
	for range 2 * maxLines {
		kept.log(zap.New(core), []byte("x"))
	}
	if logs.Len() != maxLines {
		t.Errorf("%d entries", logs.Len())
	}
}

// ended runs a shell script, and gives how it ended.
func ended(t *testing.T, script string) *os.ProcessState {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", script)
	_ = cmd.Run() // that it fails is the point
	return cmd.ProcessState
}

func TestExplain(t *testing.T) {
	exit2, killed := ended(t, "exit 2"), ended(t, "kill -9 $$")
	segv := ended(t, "ulimit -c 0; kill -11 $$")
	tests := []struct {
		name          string
		death         death
		memory, known bool
		says          string
	}{
		{"a plain failure", death{state: exit2}, false, true, "exit status 2"},
		{"never started", death{}, false, true, "never started"},
		{"the host's reason", death{state: killed, reason: "it gave no answer"}, false, true, "it gave no answer"},
		{"the host's watch", death{state: killed, reason: "it held 2 GiB", memory: true}, true, true, "2 GiB"},
		{"Go's words", death{state: exit2, stderr: []string{"fatal error: runtime: out of memory"}}, true, true, "ran out of memory"},
		{"Python's words", death{state: exit2, stderr: []string{"Traceback", "MemoryError"}}, true, true, "ran out of memory"},
		{"torch's words", death{state: exit2, stderr: []string{"DefaultCPUAllocator: can't allocate memory"}}, true, true, "memory"},
		{"the kernel's count", death{state: killed, kernel: true}, true, true, "the kernel ended it"},
		{"a kill that no one claims", death{state: killed}, true, false, "perhaps the kernel"},
		{"a fault under a limit", death{state: segv, data: true}, true, false, "may come from the limit"},
		{"a fault in Go under a limit", death{state: exit2, data: true, stderr: []string{"SIGSEGV: segmentation violation"}}, true, false, "may come"},
		{"a fault without a limit", death{state: segv}, false, true, "segmentation fault"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := explain("x", test.death)
			if e.OutOfMemory != test.memory || e.Known != test.known || !strings.Contains(e.Error(), test.says) {
				t.Errorf("%+v: %v", e, e)
			}
			if !errors.Is(e, model.ErrExited) || errors.Is(e, model.ErrOutOfMemory) != test.memory {
				t.Errorf("as an error: %v", e)
			}
		})
	}
}

func TestLimitsExceeded(t *testing.T) {
	l := limits{memory: 100 << 20, processes: 8}
	tests := []struct {
		name   string
		now    load
		share  int64
		memory bool
		says   string
	}{
		{"below", load{1, 99 << 20}, 0, false, ""},
		{"above", load{1, 101 << 20}, 0, true, "held 101.0 MiB of memory, more than the 100.0 MiB"},
		{"several that share", load{4, 300 << 20}, 90 << 20, false, ""},
		{"several that do not", load{4, 300 << 20}, 2 << 30, true, "2.00 GiB"},
		{"too many", load{9, 0}, 0, false, "processes"},
	}
	for _, test := range tests {
		reason, memory := l.exceeded(test.now, func() int64 { return test.share })
		if memory != test.memory || !strings.Contains(reason, test.says) || test.says == "" && reason != "" {
			t.Errorf("%s: %q, %v", test.name, reason, memory)
		}
	}
	if reason, _ := (&limits{processes: 8}).exceeded(load{1, 1 << 40}, nil); reason != "" {
		t.Errorf("without a limit: %q", reason)
	}
}

func TestLogger(t *testing.T) {
	core, logs := observer.New(zap.InfoLevel)
	l := newLogger(zap.New(core)).Named("plugin").With("a", 1)
	l.Info("detail")
	l.Warn("notable", "b", 2, "odd")
	l.Error("bad", 3, "no key")
	if l.GetLevel() != hclog.Warn || l.IsInfo() || !l.IsError() {
		t.Errorf("level %v", l.GetLevel())
	}
	entries := logs.All()
	if len(entries) != 2 || entries[0].Level != zapcore.InfoLevel || entries[1].Level != zapcore.ErrorLevel {
		t.Fatalf("%+v", entries)
	}
	if got := entries[0].ContextMap(); entries[0].LoggerName != "plugin" || got["a"] != int64(1) || got["b"] != int64(2) {
		t.Errorf("%s %v", entries[0].LoggerName, got)
	}
}

func TestPrivateDir(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 100))
	d, err := newPrivateDir(long)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(d.path, os.TempDir()) && len(os.TempDir()) <= maxBase {
		t.Errorf("a base that is too long was used: %s", d.path)
	}
	info, err := os.Stat(d.path)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	if err := d.remove(); err != nil {
		t.Error(err)
	}
}

func TestMarks(t *testing.T) {
	mark := newMark()
	path, err := machine.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path) // ours: macOS hides what its own programs were given
	cmd.Env = []string{markVariable + "=" + mark, "TUNED_TEST_SLEEP=yes"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for machine.BetweenPrograms(cmd.Process.Pid) {
		time.Sleep(time.Millisecond)
	}
	if !marked(cmd.Process.Pid, mark) || marked(os.Getpid(), mark) {
		t.Error("the mark is not where it should be")
	}
	done := make(chan int)
	go func() { done <- killAll(func(pid int) bool { return marked(pid, mark) }, 5*time.Second) }()
	_ = cmd.Wait() // it is killed
	if left := <-done; left != 0 {
		t.Errorf("%d left", left)
	}
	if s, ok := signalOf(cmd.ProcessState); !ok || s != syscall.SIGKILL {
		t.Errorf("it ended with %v", cmd.ProcessState)
	}
}
