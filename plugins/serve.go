package plugins

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

// ProtocolVersion is the version of the protocol that this package speaks. Host and architecture agree on the highest
// that both know.
const ProtocolVersion = 1

// Limits of one message. What a host accepts is small, since it should survive any architecture; what an architecture
// accepts leaves room for sixteen million rows.
const (
	maxReply   = 8 << 20
	maxRequest = 64 << 20
)

// window is how much a stream may send ahead of its reader: more than a segment of steps.
const window = 4 << 20

// service is the name of our service in go-plugin's set.
const service = "architecture"

// Handshake tells an architecture that it was started by a host. It is a courtesy, not a secret.
var Handshake = goplugin.HandshakeConfig{
	MagicCookieKey:   "TUNED_ARCHITECTURE",
	MagicCookieValue: "b6bd0a33a1c94ac1",
}

// Versions are the protocol versions that a host or, with an architecture, a server offers.
func Versions(a model.Architecture) map[int]goplugin.PluginSet {
	return map[int]goplugin.PluginSet{ProtocolVersion: {service: &adapter{architecture: a}}}
}

// Serve serves the architecture to the host that started this process, until the host ends it. An architecture's main
// does nothing else:
//
//	func main() { plugins.Serve(plugins.Architecture{…}) }
//
// What the architecture prints goes to the host's log. Started by hand, it says what it is and exits with status 1.
func Serve(a model.Architecture) {
	if os.Getenv(Handshake.MagicCookieKey) != Handshake.MagicCookieValue {
		fmt.Fprint(os.Stderr, byHand(a))
		os.Exit(1)
	}
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig:  Handshake,
		VersionedPlugins: Versions(a),
		GRPCServer:       newServer,
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr}),
	})
}

// byHand is what someone reads who starts an architecture's program.
func byHand(a model.Architecture) string {
	name := "This"
	if m, err := a.Describe(context.Background()); err == nil {
		name = m.Name + " " + m.Version
	}
	return name + " is an architecture for tuned, which starts it when a job needs it.\n" +
		"To try it:     tuned plugins check " + os.Args[0] + "\n" +
		"To install it: tuned plugins install " + os.Args[0] + "\n"
}

func newServer(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts,
		grpc.MaxRecvMsgSize(maxRequest),
		grpc.MaxSendMsgSize(maxReply),
		grpc.InitialWindowSize(window),
		grpc.InitialConnWindowSize(window),
	)...)
}

// DialOptions are the host's side of the same limits.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply), grpc.MaxCallSendMsgSize(maxRequest)),
		grpc.WithInitialWindowSize(window),
		grpc.WithInitialConnWindowSize(window),
	}
}

// adapter is go-plugin's view of our service.
type adapter struct {
	goplugin.NetRPCUnsupportedPlugin
	architecture model.Architecture
}

var _ goplugin.GRPCPlugin = (*adapter)(nil)

// GRPCServer registers the architecture. Both its outputs become the process's own stderr: go-plugin would carry them
// over a stream, and lose the last of them when the process dies.
func (a *adapter) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	stderr := os.Stderr
	protocol.RegisterArchitectureServer(s, &server{architecture: a.architecture, began: func() {
		os.Stdout, os.Stderr = stderr, stderr
	}})
	return nil
}

// GRPCClient is a client without a supervisor.
func (a *adapter) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return NewClient(conn, Supervision{}), nil
}
