package host

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tuned/plugins"
)

// maxHandshake is the longest handshake line, in bytes; a certificate, which nobody asks for, would fit.
const maxHandshake = 4 << 10

// handshake hands go-plugin the first line of a program's stdout, once it is known to be good, and nothing after it.
type handshake struct {
	dir string
	r   *io.PipeReader
	w   *io.PipeWriter

	mu   sync.Mutex
	good bool  // the line came, and is good
	err  error // what is wrong with it
}

func newHandshake(dir string) *handshake {
	r, w := io.Pipe()
	return &handshake{dir: dir, r: r, w: w}
}

// offer takes the first line.
func (h *handshake) offer(line []byte) {
	err := checkHandshake(h.dir, string(line))
	h.mu.Lock()
	h.good, h.err = err == nil, err
	h.mu.Unlock()
	if err != nil {
		h.w.Close()
		return
	}
	// A failed write means that no one waits for the line any more.
	_, _ = h.w.Write(append(bytes.Clone(line), '\n'))
}

// done reports whether the line came, and is good.
func (h *handshake) done() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.good
}

func (h *handshake) close() { h.w.Close() }

// wrong is what was wrong with the line; nil when it was good, or never came.
func (h *handshake) wrong() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// Read gives the line.
func (h *handshake) Read(p []byte) (int, error) { return h.r.Read(p) }

// Close ends reading.
func (h *handshake) Close() error { return h.r.Close() }

// checkHandshake checks a line of go-plugin's: core version, our version, network, address, protocol, certificate.
func checkHandshake(dir, line string) error {
	fields := strings.Split(strings.TrimSpace(line), "|")
	if len(fields) < 5 {
		return fmt.Errorf("its first line is no handshake: %.80q (an architecture must print nothing before it serves; in Python, import tuned_plugin first)", line)
	}
	if fields[0] != "1" {
		return fmt.Errorf("its go-plugin handshake has version %.20q instead of 1", fields[0])
	}
	if err := checkVersion(fields[1]); err != nil {
		return err
	}
	if fields[4] != "grpc" {
		return fmt.Errorf("it speaks %.20q instead of grpc", fields[4])
	}
	if len(fields) > 5 && fields[5] != "" {
		return fmt.Errorf("it offers a certificate, which tuned did not ask for")
	}
	return checkAddress(dir, fields[2], fields[3])
}

func checkVersion(field string) error {
	var known []int
	for v := range plugins.Versions(nil) {
		known = append(known, v)
	}
	v, err := strconv.Atoi(field)
	if err != nil || !slices.Contains(known, v) {
		return fmt.Errorf("it speaks version %.20q of tuned's protocol, this tuned speaks %v: build it against this version", field, known)
	}
	return nil
}

func checkAddress(dir, network, address string) error {
	if network != "unix" {
		return fmt.Errorf("it listens on %.20q %.80q, where only a unix socket in its own directory is allowed", network, address)
	}
	clean := filepath.Clean(address)
	if !filepath.IsAbs(clean) || !strings.HasPrefix(clean, dir+string(filepath.Separator)) {
		return fmt.Errorf("its socket %.120q is not in the directory that it was given", address)
	}
	return nil
}
