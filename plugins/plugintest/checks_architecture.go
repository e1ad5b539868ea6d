package plugintest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"tuned/plugins"
	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

// architectureChecks need no task.
var architectureChecks = []check{
	{"handshake", "serve within its start, on a unix socket, in a protocol version that the host knows", handshake},
	{"manifest", "describe itself the same each time, with a version, a summary and a help text for each setting", manifest},
	{"unknown-fields", "pass over fields of messages that it does not know, as later versions will send them", unknownFields},
	{"unknown-operation", "refuse an operation that it does not know, and stay alive", unknownOperation},
	{"exit", "end by itself, with status 0, when it is asked to", cleanExit},
}

func handshake(ctx context.Context, l *lab) error {
	p, err := l.launch(ctx, 0)
	if err != nil {
		return err
	}
	return p.Close()
}

func manifest(ctx context.Context, l *lab) error {
	p, err := l.launch(ctx, 0)
	if err != nil {
		return err
	}
	m, err := p.Describe(ctx)
	return errors.Join(err, checkManifest(m, l.manifest), p.Close())
}

func checkManifest(m, before model.Manifest) error {
	if !reflect.DeepEqual(m, before) {
		return fmt.Errorf("it described itself as %+v, before as %+v", m, before)
	}
	if m.Version == "" || m.Summary == "" || strings.Contains(m.Summary, "\n") {
		return fmt.Errorf("version %q, summary %q: neither may be empty, and the summary is one line", m.Version, m.Summary)
	}
	if m.Protocol != plugins.ProtocolVersion {
		return fmt.Errorf("it says that it speaks protocol version %d", m.Protocol)
	}
	for _, s := range m.Settings {
		if s.Help == "" {
			return fmt.Errorf("setting %s has no help text", s.Name)
		}
	}
	return nil
}

// future is a field that no version of the protocol has.
func future() []byte {
	b := protowire.AppendTag(nil, 4000, protowire.BytesType)
	return protowire.AppendString(b, "from the future")
}

func unknownFields(ctx context.Context, l *lab) error {
	p, err := l.launch(ctx, 0)
	if err != nil {
		return err
	}
	request := &protocol.DescribeRequest{}
	request.ProtoReflect().SetUnknown(future())
	m, err := protocol.NewArchitectureClient(p.Conn()).Describe(ctx, request)
	if err == nil && m.GetName() != l.manifest.Name {
		err = fmt.Errorf("it called itself %q", m.GetName())
	}
	return errors.Join(err, p.Close())
}

func unknownOperation(ctx context.Context, l *lab) error {
	bench, err := l.forTask(l.manifest.Tasks[0])
	if err != nil {
		return err
	}
	return bench.with(ctx, nil, func(s *subject) error {
		stream, err := protocol.NewArchitectureClient(s.process.Conn()).Run(ctx)
		if err != nil {
			return err
		}
		op := &protocol.Op{}
		op.ProtoReflect().SetUnknown(future())
		if err := stream.Send(&protocol.Ops{Ops: []*protocol.Op{op}}); err != nil {
			return err
		}
		answer, err := stream.Recv()
		if err != nil {
			return err
		}
		if answer.GetFailure() == nil {
			return fmt.Errorf("it answered %v", answer)
		}
		_, err = s.evaluate(ctx, train())
		return errors.Join(err, stream.CloseSend())
	})
}

// exitTime is how long an idle architecture may take to end.
const exitTime = 2 * time.Second

func cleanExit(ctx context.Context, l *lab) error {
	return once(func() error { return l.exit(ctx) })
}

func (l *lab) exit(ctx context.Context) error {
	p, err := l.launch(ctx, 0)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := p.Close(); err != nil {
		return err
	}
	if took := time.Since(began); took > exitTime {
		return fmt.Errorf("it took %s to end", took)
	}
	var exit *plugins.ExitError
	if err := p.Err(); !errors.As(err, &exit) || exit.Status != "exit status 0" {
		return fmt.Errorf("it ended badly: %w", err)
	}
	return nil
}
