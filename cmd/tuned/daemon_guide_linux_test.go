package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDaemonGuide runs every command of docs/daemon.md in order, in a home and with a port of the test's own. In the place
// of a system there are two scripts: a sudo that asks nothing, and a systemctl that starts and stops what the unit says.
func TestDaemonGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/daemon.md")
	if err != nil {
		t.Fatal(err)
	}
	g := newDaemonGuide(t)
	for _, block := range fence.FindAllStringSubmatch(g.place.Replace(string(text)), -1) {
		language, text := block[1], block[2]
		switch {
		case language == "toml":
			g.file(text)
		case language == "sh" && strings.HasPrefix(text, "tuned serve"):
			g.serve(text)
		case language == "sh" && strings.HasPrefix(text, "grep"):
			g.soon(text)
		case language == "sh":
			if strings.Contains(text, "systemctl") {
				g.stop()
			}
			guideCommand(t, g.dir, text)
		default:
			t.Errorf("a block in %s is neither run nor used", language)
		}
	}
	guideCommand(t, g.dir, "sudo systemctl stop tuned")
}

// daemonGuide is a reader's machine.
type daemonGuide struct {
	*testing.T
	dir     string            // a clone
	socket  string            // of the reader's own daemon
	place   *strings.Replacer // what belongs to the system is put elsewhere
	service *exec.Cmd
}

func newDaemonGuide(t *testing.T) *daemonGuide {
	t.Helper()
	g := &daemonGuide{T: t, dir: clone(t)}
	root, home, bin := t.TempDir(), t.TempDir(), t.TempDir()
	packaging, err := filepath.Abs("../../packaging")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"usr/local/bin", "etc/systemd/system", "var/lib", "run"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	g.place = strings.NewReplacer("/usr/local/", root+"/usr/local/", "/etc/systemd/", root+"/etc/systemd/", "/var/lib", root+"/var/lib", "8731", freePort(t))
	systemctl := strings.NewReplacer("ROOT", root, "PORT", g.place.Replace("8731")).Replace(systemctl)
	for path, script := range map[string]string{"sudo": "#!/bin/sh\nexec \"$@\"\n", "systemctl": systemctl} {
		if err := os.WriteFile(filepath.Join(bin, path), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(packaging, filepath.Join(g.dir, "packaging")); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"HOME": home, "PATH": bin + ":" + os.Getenv("PATH"), "XDG_STATE_HOME": "", "TUNED_STATE": "", "TUNED_SOCKET": "", "TUNED_SERVER": "",
		"TUNED_HOME": filepath.Join(home, "tuned"),
	} {
		t.Setenv(name, value)
	}
	g.socket = filepath.Join(home, ".local/state/tuned/tuned.sock")
	t.Cleanup(g.stop)
	return g
}

// systemctl starts and stops what the installed unit says, and is back when it is done.
const systemctl = `#!/bin/bash
set -eu
unit=ROOT/etc/systemd/system/tuned.service
start() {
	mkdir -p -m 700 ROOT/var/lib/tuned ROOT/run/tuned
	command=$(sed -n 's/^ExecStart=//p' $unit | sed 's#/usr/local#ROOT&#; s#/var/lib#ROOT&#g; s#/run/tuned#ROOT&#g; s#8731#PORT#')
	setsid $command </dev/null >>ROOT/log 2>&1 &
	echo $! >ROOT/pid
	until [ -S ROOT/run/tuned/tuned.sock ]; do kill -0 $!; sleep .05; done
}
running() { [ -d /proc/$(cat ROOT/pid) ] && ! grep -q '^State:.Z' /proc/$(cat ROOT/pid)/status; }
stop() { kill -TERM $(cat ROOT/pid); while running; do sleep .05; done; }
case "$1" in
daemon-reload) grep -q '^ExecStart=' $unit ;;
enable | start) start ;;
stop) stop ;;
restart) stop; start ;;
status) running ;;
esac
`

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// file writes a file that the guide shows.
func (g *daemonGuide) file(text string) {
	g.Helper()
	name := "big.toml"
	if strings.Contains(text, "[[watch]]") {
		name = "rules.toml"
	}
	if err := os.WriteFile(filepath.Join(g.dir, name), []byte(text), 0o600); err != nil {
		g.Fatal(err)
	}
}

// serve is what a person does in a terminal of its own: what ran there before is stopped.
func (g *daemonGuide) serve(text string) {
	g.Helper()
	g.stop()
	g.service = exec.Command("bash", "-euc", "exec "+text)
	g.service.Dir, g.service.Stderr = g.dir, os.Stderr
	if err := g.service.Start(); err != nil {
		g.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("unix", g.socket); err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			g.Fatalf("%s: it does not listen", text)
		}
	}
}

func (g *daemonGuide) stop() {
	if g.service == nil {
		return
	}
	if err := g.service.Process.Signal(syscall.SIGTERM); err != nil {
		g.Error(err)
	}
	if err := g.service.Wait(); err != nil {
		g.Errorf("tuned serve ended with %v", err)
	}
	g.service = nil
}

// soon runs a command until it succeeds: what it looks for is on its way.
func (g *daemonGuide) soon(text string) {
	g.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		cmd := exec.Command("bash", "-euc", text)
		cmd.Dir = g.dir
		out, err := cmd.CombinedOutput()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			g.Fatalf("%s: %v\n%s", text, err, out)
		}
	}
}

// TestUnit holds the systemd unit against the command that it starts, and against systemd where that is installed.
func TestUnit(t *testing.T) {
	text, err := os.ReadFile("../../packaging/tuned.service")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nExecStart=")
	line, _, _ := strings.Cut(rest, "\n")
	words := strings.Fields(line)
	serve := newServe(streams{})
	if len(words) < 2 || words[1] != "serve" {
		t.Fatalf("it starts %q", line)
	}
	if err := serve.ParseFlags(words[2:]); err != nil || serve.Flags().NArg() > 0 {
		t.Errorf("%s: %v", line, err)
	}
	for _, setting := range []string{"NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "CapabilityBoundingSet=", "KillMode=mixed", "Type=notify"} {
		if !strings.Contains(string(text), "\n"+setting+"\n") {
			t.Errorf("it does not say %s", setting)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // the rest is systemd's to say
	}
	unit := filepath.Join(t.TempDir(), "tuned.service")
	here := strings.Replace(string(text), words[0], "/bin/sh", 1)
	if err := os.WriteFile(unit, []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(analyze, "verify", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd says %v: %s", err, out)
	}
}
