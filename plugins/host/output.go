package host

import (
	"bufio"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const (
	// maxLine is the longest line of output, in bytes; longer ones are cut into several.
	maxLine = 8 << 10
	// maxLines is how many lines of one process reach the log.
	maxLines = 10_000
	// tailLines is how many of the last lines of stderr an error carries.
	tailLines = 20
)

// readStdout takes the handshake line, and logs what a program prints after it.
func (c *child) readStdout(r io.Reader) {
	first := true
	eachLine(r, func(line []byte) {
		if first {
			first = false
			c.handshake.offer(line[:min(len(line), maxHandshake)])
			return
		}
		c.tail.log(c.log, line)
	})
	c.handshake.close()
}

// readStderr logs the lines, and keeps the last ones.
func (c *child) readStderr(r io.Reader) {
	eachLine(r, func(line []byte) {
		c.tail.add(string(line))
		c.tail.log(c.log, line)
	})
}

// eachLine reads until the end, whatever comes: a reader that stopped would block the program.
func eachLine(r io.Reader, use func(line []byte)) {
	lines := bufio.NewReaderSize(r, maxLine)
	for {
		line, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		use(line)
	}
}

// tail keeps the last lines of a process, and those where it said that it crashes: a long trace may follow them.
type tail struct {
	mu     sync.Mutex
	lines  []string
	crash  []string
	gone   bool // the crash is no longer among the last lines
	logged int
}

// crashLines is how many lines of a crash are kept from its first.
const crashLines = 10

// crashes starts what a Go program says when it crashes. Python and C++ say it last.
var crashes = regexp.MustCompile(`^(panic: |fatal error: |fatal: |runtime: |runtime/cgo: |unexpected fault address|SIG[A-Z]+: )`)

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	line = printable(line)
	if n := len(t.crash); n > 0 && n < crashLines || n == 0 && crashes.MatchString(line) {
		t.crash = append(t.crash, line)
	}
	if len(t.lines) == tailLines {
		t.gone = t.gone || len(t.crash) > 0 && t.lines[0] == t.crash[0]
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, line)
}

// telling are the lines that tell most about an end.
func (t *tail) telling() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return slices.Clone(t.crash)
	}
	return slices.Clone(t.lines)
}

func (t *tail) log(log *zap.Logger, line []byte) {
	t.mu.Lock()
	t.logged++
	n := t.logged
	t.mu.Unlock()
	switch {
	case n < maxLines:
		logLine(log, line)
	case n == maxLines:
		log.Warn("the architecture prints without end: the rest of its output is not logged")
	}
}

// logLine logs a line at the level that it names, where it is one of hclog's, else as detail.
func logLine(log *zap.Logger, line []byte) {
	var entry struct {
		Message string `json:"@message"`
		Level   string `json:"@level"`
	}
	if len(line) == 0 || line[0] != '{' || json.Unmarshal(line, &entry) != nil || entry.Message == "" {
		log.Debug(printable(string(line)))
		return
	}
	level, err := zapcore.ParseLevel(entry.Level)
	if err != nil || level > zapcore.ErrorLevel {
		level = zapcore.DebugLevel
	}
	log.Log(level, printable(entry.Message))
}

// printable replaces what could move a terminal's cursor.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '�'
		}
		return r
	}, line)
}
