package plugintest

import (
	"context"
	"net"
	"syscall"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec that giants is over
	"google.golang.org/grpc/mem"

	"tuned/plugins"
	"tuned/plugins/protocol"
)

// listen listens and never answers; it gives the address.
func listen(network, address string) string {
	l, err := net.Listen(network, address)
	if err != nil {
		panic(err)
	}
	return l.Addr().String()
}

// giantBytes is the length of a message that no host should take.
const giantBytes = 2 << 30

// serveGiant serves an architecture that answers with a message of two gigabytes.
func serveGiant() {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig:  plugins.Handshake,
		VersionedPlugins: map[int]goplugin.PluginSet{plugins.ProtocolVersion: {"architecture": giantPlugin{}}},
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			codec := giants{encoding.GetCodecV2("proto")}
			return grpc.NewServer(append(opts, grpc.ForceServerCodecV2(codec), grpc.MaxSendMsgSize(giantBytes+1))...)
		},
	})
}

// giants is a codec that sends a giant's bytes as they are.
type giants struct{ encoding.CodecV2 }

type giant struct{ bytes []byte }

func (c giants) Marshal(v any) (mem.BufferSlice, error) {
	if g, ok := v.(giant); ok {
		return mem.BufferSlice{mem.SliceBuffer(g.bytes)}, nil
	}
	return c.CodecV2.Marshal(v)
}

type giantPlugin struct {
	goplugin.NetRPCUnsupportedPlugin
}

func (giantPlugin) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	protocol.RegisterArchitectureServer(s, giantServer{})
	return nil
}

func (giantPlugin) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, nil
}

type giantServer struct {
	protocol.UnimplementedArchitectureServer
}

func (giantServer) Open(context.Context, *protocol.OpenRequest) (*protocol.OpenReply, error) {
	return &protocol.OpenReply{}, nil
}

// Run answers with pages that were never written, so that they cost this machine nothing.
func (giantServer) Run(stream grpc.BidiStreamingServer[protocol.Ops, protocol.Results]) error {
	if _, err := stream.Recv(); err != nil {
		return err
	}
	bytes, err := syscall.Mmap(-1, 0, giantBytes, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return err
	}
	return stream.SendMsg(giant{bytes})
}
