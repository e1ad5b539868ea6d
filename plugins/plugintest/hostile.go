package plugintest

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"tuned/trainer/model"
)

// hostilePrefix starts the names of architectures that misbehave.
const hostilePrefix = "hostile-"

// Hostile gives the architecture of that name that misbehaves on script, for a test's host.Main. Those that misbehave before
// they serve do so here, and do not return.
func Hostile(name string) (model.Architecture, bool) {
	script, ok := strings.CutPrefix(name, hostilePrefix)
	if !ok {
		return nil, false
	}
	if act, ok := beforeServing[script]; ok {
		act()
		os.Exit(0)
	}
	return hostile{script}, true
}

// forever blocks.
func forever() {
	for {
		time.Sleep(time.Hour)
	}
}

// say prints a handshake and stays.
func say(version, network, address string) {
	fmt.Printf("1|%s|%s|%s|grpc|\n", version, network, address)
	forever()
}

// beforeServing are the scripts that never serve.
var beforeServing = map[string]func(){
	"silent":  forever,
	"garbage": func() { fmt.Println("loading model weights..."); forever() },
	"exit":    func() { fmt.Fprintln(os.Stderr, "no module named torch"); os.Exit(3) },
	"version": func() { say("99", "unix", os.Getenv("PLUGIN_UNIX_SOCKET_DIR")+"/socket") },
	"tcp":     func() { say("1", "tcp", listen("tcp", "127.0.0.1:0")) },
	"outside": func() { say("1", "unix", "/var/run/another.sock") },
	"deaf":    func() { say("1", "unix", listen("unix", os.Getenv("PLUGIN_UNIX_SOCKET_DIR")+"/socket")) },
	"flood":   func() { flood(os.Stdout, math.MaxInt) },
	"giant":   serveGiant,
}

// flood writes so many megabytes without a line's end.
func flood(f *os.File, megabytes int) {
	block := []byte(strings.Repeat("x", 1<<20))
	for range megabytes {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

// hostile serves, and misbehaves when it is asked to keep a snapshot, to save or to close.
type hostile struct{ script string }

// Describe is honest.
func (h hostile) Describe(context.Context) (model.Manifest, error) {
	return model.Manifest{
		Name: hostilePrefix + h.script, Version: "1", Summary: "Misbehaves on script.",
		Tasks: []model.Task{model.Classification}, Inputs: []model.Kind{model.Numeric},
	}, nil
}

// Open opens a session without a model.
func (h hostile) Open(context.Context, model.OpenRequest) (model.Session, error) {
	return &hostileSession{script: h.script}, nil
}

type hostileSession struct{ script string }

// done are results that need no waiting.
type done struct {
	results []model.Result
	err     error
}

func (d done) Wait(context.Context) ([]model.Result, error) { return d.results, d.err }

func (s *hostileSession) Info() model.Info { return model.Info{} }

// Submit answers each operation with a loss of 1, after what the script does at a Keep.
func (s *hostileSession) Submit(_ context.Context, ops ...model.Op) model.Pending {
	var d done
	for _, op := range ops {
		result := model.Result{Loss: 1, Finite: true}
		if _, ok := op.(model.Keep); ok {
			if act, ok := atKeep[s.script]; ok {
				act(&result, &d)
			}
		}
		d.results = append(d.results, result)
	}
	return d
}

// atKeep are the scripts that misbehave in the middle of work.
var atKeep = map[string]func(*model.Result, *done){
	"crash":      func(*model.Result, *done) { panic("index out of range in the author's code") },
	"leave":      func(*model.Result, *done) { os.Exit(0) },
	"killed":     func(*model.Result, *done) { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) },
	"hang":       func(*model.Result, *done) { forever() },
	"spin":       func(*model.Result, *done) { spin() },
	"nan":        func(r *model.Result, _ *done) { r.Loss = math.NaN() },
	"extra":      func(r *model.Result, d *done) { d.results = append(d.results, *r) },
	"memory":     func(*model.Result, *done) { grow(1 << 20) },
	"allocation": func(*model.Result, *done) { grow(8 << 30) },
	"refusal": func(_ *model.Result, d *done) {
		d.err = fmt.Errorf("%w: 9 GB for a batch of 512", model.ErrOutOfMemory)
	},
	"stdout":     func(*model.Result, *done) { flood(os.NewFile(1, "stdout"), 32) },
	"stderr":     func(*model.Result, *done) { flood(os.NewFile(2, "stderr"), 32) },
	"log":        func(*model.Result, *done) { fmt.Fprintln(os.Stderr, `{"@message": 5, "@level": [], "@timestamp": {}}`) },
	"grandchild": func(*model.Result, *done) { spawn("sleep 1000"); os.Exit(1) },
	"escape":     func(*model.Result, *done) { spawn("setsid sleep 1000"); os.Exit(1) },
	"fork":       func(*model.Result, *done) { spawn("while :; do sleep 1000 & setsid sleep 1000 & done"); forever() },
}

func spin() {
	for x := 0; ; x++ {
		if x < 0 {
			return
		}
	}
}

// grown is what grow took, out of the collector's reach.
var grown [][]byte

// grow takes memory in pieces, and uses it, without end.
func grow(piece int) {
	for {
		b := make([]byte, piece)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		grown = append(grown, b)
	}
}

// spawn starts a shell that holds both of our outputs, and gives it time to start others.
func spawn(script string) {
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Stdout, cmd.Stderr = os.NewFile(1, "stdout"), os.NewFile(2, "stderr")
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	time.Sleep(50 * time.Millisecond)
}

// Save writes a file that is not what it says.
func (s *hostileSession) Save(_ context.Context, path string) (model.File, error) {
	switch s.script {
	case "elsewhere":
		return model.File{Path: path + ".other"}, nil
	default:
		return model.File{Path: path, Length: 3, SHA256: strings.Repeat("0", 64)}, os.WriteFile(path, []byte("abc"), 0o600)
	}
}

// Load takes everything.
func (s *hostileSession) Load(context.Context, model.File) error { return nil }

// Export is Save.
func (s *hostileSession) Export(ctx context.Context, path string, _ []model.Weights) (model.File, error) {
	return s.Save(ctx, path)
}

// Close does not come back on script.
func (s *hostileSession) Close() error {
	if s.script == "stay" {
		forever()
	}
	return nil
}
