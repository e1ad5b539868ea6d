package daemon

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"tuned/job"
)

// listenUnix opens a socket that only its owner reaches. One that a dead daemon left is replaced.
func listenUnix(path string) (net.Listener, error) {
	if err := closed(filepath.Dir(path), "the socket's directory", "--socket", "choose one of your own with --socket"); err != nil {
		return nil, err
	}
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		return nil, fmt.Errorf("%s: another daemon answers there\n | stop it, or choose another socket with --socket", path)
	}
	l, err := replaceSocket(path)
	switch {
	case errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENAMETOOLONG):
		return nil, &job.Error{Path: path, Problem: "the socket's path is too long: a system takes about a hundred characters", Hint: "choose a shorter one with --socket, such as /tmp/me/tuned.sock"}
	case err != nil:
		return nil, &job.Error{Path: path, Problem: "the socket cannot be made", Hint: "choose another place with --socket", Err: err}
	}
	return l, nil
}

// replaceSocket listens at a path, at which a dead daemon may have left a socket. What else is there is kept.
func replaceSocket(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != fs.ModeSocket {
		return nil, fs.ErrExist
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// listenTCP opens a TCP port. One that other machines reach needs TLS.
func listenTCP(c Config) (net.Listener, error) {
	host, _, err := net.SplitHostPort(c.TCP)
	if err != nil {
		return nil, &job.Error{Problem: "--tcp names no address", Hint: "such as 127.0.0.1:8731", Err: err}
	}
	if (c.Cert == "") != (c.Key == "") {
		return nil, &job.Error{Problem: "TLS needs both a certificate and its key", Hint: "give --cert and --key"}
	}
	if c.Cert == "" && !loopback(host) {
		return nil, &job.Error{Problem: "--tcp " + c.TCP + " can be reached from other machines", Hint: "give it TLS with --cert and --key, or listen on 127.0.0.1"}
	}
	l, err := net.Listen("tcp", c.TCP)
	switch {
	case err != nil:
		return nil, &job.Error{Problem: "--tcp " + c.TCP + " cannot be listened on", Hint: "choose another port, from 1024 to 65535, such as 127.0.0.1:8731", Err: err}
	case c.Cert == "":
		return l, nil
	}
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return nil, errors.Join(&job.Error{Path: c.Cert, Problem: "the certificate cannot be used", Err: err}, l.Close())
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// hosts are what requests over TCP may be addressed to.
func hosts(c Config, at net.Addr) []string {
	_, port, _ := net.SplitHostPort(at.String()) // a listener's address has one
	all := []string{"localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port}
	if host, _, err := net.SplitHostPort(c.TCP); err == nil && host != "" {
		all = append(all, strings.ToLower(net.JoinHostPort(host, port)))
	}
	for _, h := range c.Hosts {
		all = append(all, strings.ToLower(h))
	}
	return all
}

func urlOf(c Config, at net.Addr) string {
	scheme, host := "http", at.String()
	if c.Cert != "" {
		scheme = "https"
	}
	if len(c.Hosts) > 0 {
		host = c.Hosts[0]
	}
	return scheme + "://" + host
}
