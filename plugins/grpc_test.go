package plugins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"tuned/plugins/protocol"
	"tuned/trainer/model"
)

func rowsGen() *rapid.Generator[[]int32] {
	return rapid.Map(rapid.SliceOf(rapid.Int32()), func(rows []int32) []int32 {
		if len(rows) == 0 {
			return nil
		}
		return rows
	})
}

func opGen() *rapid.Generator[model.Op] {
	return rapid.Custom(func(t *rapid.T) model.Op {
		x := rapid.Float64()
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			return model.Step{
				Rows: rowsGen().Draw(t, "rows"), LR: x.Draw(t, "lr"), WeightDecay: x.Draw(t, "wd"), Beta1: x.Draw(t, "b1"),
				Beta2: x.Draw(t, "b2"), Epsilon: x.Draw(t, "eps"), Dropout: x.Draw(t, "dropout"), LabelSmoothing: x.Draw(t, "ls"),
				ClipNorm: x.Draw(t, "clip"), NoUpdate: rapid.Bool().Draw(t, "no"), Parts: int(rapid.Int32().Draw(t, "parts")),
			}
		case 1:
			e := model.Evaluate{Rows: rowsGen().Draw(t, "rows"), Recalibrate: rowsGen().Draw(t, "re"), Out: rapid.String().Draw(t, "out")}
			for _, w := range rapid.SliceOf(rapid.String()).Draw(t, "weights") {
				e.Weights = append(e.Weights, model.Weights(w))
			}
			return e
		case 2:
			return model.Keep{Name: rapid.String().Draw(t, "name")}
		}
		return model.Use{Name: rapid.String().Draw(t, "name"), Drop: rapid.Bool().Draw(t, "drop")}
	})
}

func TestOpsSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops := rapid.SliceOf(opGen()).Draw(t, "ops")
		message, err := encodeOps(ops)
		if err != nil {
			t.Fatal(err)
		}
		wire, err := proto.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		var back protocol.Ops
		if err := proto.Unmarshal(wire, &back); err != nil {
			t.Fatal(err)
		}
		got, err := decodeOps(&back)
		if err != nil {
			t.Fatal(err)
		}
		if len(ops) > 0 && !reflect.DeepEqual(got, ops) {
			t.Fatalf("%+v became %+v", ops, got)
		}
	})
}

// FuzzOps: no message makes an architecture crash.
func FuzzOps(f *testing.F) {
	message, err := encodeOps([]model.Op{model.Step{Rows: []int32{1, 2}}, model.Evaluate{}, model.Keep{Name: "a"}, model.Use{Name: "a"}})
	if err != nil {
		f.Fatal(err)
	}
	wire, err := proto.Marshal(message)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire)
	f.Fuzz(func(t *testing.T, wire []byte) {
		var ops protocol.Ops
		if proto.Unmarshal(wire, &ops) != nil {
			return
		}
		if got, err := decodeOps(&ops); err == nil && len(got) != len(ops.GetOps()) {
			t.Errorf("%d operations became %d", len(ops.GetOps()), len(got))
		}
	})
}

// FuzzResults: no answer makes a host crash, or believe that NaN is finite.
func FuzzResults(f *testing.F) {
	wire, err := proto.Marshal(encodeResults([]model.Result{{Loss: math.NaN(), Finite: true}}, io.EOF))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire)
	f.Fuzz(func(t *testing.T, wire []byte) {
		var answer protocol.Results
		if proto.Unmarshal(wire, &answer) != nil {
			return
		}
		results, _ := decodeResults(&answer, []model.Op{model.Step{}, model.Evaluate{}})
		for _, r := range results {
			if r.Finite && !finite(r.Loss, r.GradNorm) {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestRowsOfOddBytes(t *testing.T) {
	if _, err := unpackRows(make([]byte, 6)); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("6 bytes: %v", err)
	}
	bytes := append([]byte{0}, packRows([]int32{7, -1, math.MaxInt32})...)
	if rows, err := unpackRows(bytes[1:]); err != nil || !slices.Equal(rows, []int32{7, -1, math.MaxInt32}) {
		t.Errorf("unaligned: %v, %v", rows, err)
	}
}

func TestErrorsSurviveTheWire(t *testing.T) {
	for _, kind := range []error{model.ErrOutOfMemory, model.ErrInvalid, model.ErrCorrupt, context.Canceled, context.DeadlineExceeded} {
		err := fmt.Errorf("save: %w: the disk", kind)
		back := fromStatus(toStatus(err))
		if !errors.Is(back, kind) || back.Error() != err.Error() {
			t.Errorf("%v became %v", err, back)
		}
	}
	plain := fromStatus(toStatus(errors.New("plain")))
	if plain.Error() != "plain" || errors.Is(plain, model.ErrInvalid) {
		t.Errorf("a plain error became %v", plain)
	}
	large := fromStatus(status.Error(codes.ResourceExhausted, "grpc: received message larger than max (9 vs. 8)"))
	if errors.Is(large, model.ErrOutOfMemory) || !errors.Is(large, errTooLarge) {
		t.Errorf("a large message became %v", large)
	}
}

func TestSettingsSurviveTheWire(t *testing.T) {
	in := model.Settings{"a": int64(-5), "b": 0.25, "c": true, "d": "x"}
	values, err := encodeSettings(in)
	if err != nil {
		t.Fatal(err)
	}
	values["later"] = &protocol.Value{}
	if got := decodeSettings(values); !reflect.DeepEqual(got, in) {
		t.Errorf("%v became %v", in, got)
	}
	if _, err := encodeSettings(model.Settings{"a": []int{1}}); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("a list as a setting: %v", err)
	}
}

func TestManifestAndInfoSurviveTheWire(t *testing.T) {
	m := model.Manifest{
		Name: "a", Version: "1", Summary: "b", Protocol: ProtocolVersion, Tasks: []model.Task{model.Regression},
		Inputs: []model.Kind{model.Image}, Averages: true, Rules: "c",
		Settings: []model.Setting{{Name: "a.b", Type: model.Choice, Unit: "rows", Min: 1, Max: 2, Choices: []string{"x"}, Help: "h"}},
	}
	if got := decodeManifest(encodeManifest(m)); !reflect.DeepEqual(got, m) {
		t.Errorf("%+v became %+v", m, got)
	}
	i := model.Info{
		Parameters: 1, FLOPsRow: 2, FLOPsRowEval: 3, FLOPsStep: 4, BytesFixed: 5, BytesRow: 6, InitialFLOPs: 7, Deterministic: true,
		ISA: "avx2", Groups: []model.Group{{Name: "g", Parameters: 8, LRFactor: 9, DecayFactor: 10}},
	}
	if got := decodeInfo(encodeInfo(i)); !reflect.DeepEqual(got, i) {
		t.Errorf("%+v became %+v", i, got)
	}
}

func TestResultsAreChecked(t *testing.T) {
	step, evaluate := model.Step{NoUpdate: true, Parts: 2}, model.Evaluate{Out: "x.npy"}
	tests := []struct {
		name   string
		answer *protocol.Results
		ops    []model.Op
	}{
		{"too few", &protocol.Results{}, []model.Op{step}},
		{"too many", &protocol.Results{Results: make([]*protocol.Result, 2)}, []model.Op{model.Keep{}}},
		{"norms missing", &protocol.Results{Results: []*protocol.Result{{PartNorms: []float64{1}}}}, []model.Op{step}},
		{"another path", &protocol.Results{Results: []*protocol.Result{{Path: "/etc/passwd"}}}, []model.Op{evaluate}},
	}
	for _, test := range tests {
		if _, err := decodeResults(test.answer, test.ops); !errors.Is(err, errProtocol) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// gate is a session that runs its operations when it is told to, and records them.
type gate struct {
	open chan struct{}

	mu  sync.Mutex
	ran []model.Op
}

func (g *gate) Describe(context.Context) (model.Manifest, error) { return model.Manifest{}, nil }

func (g *gate) Open(context.Context, model.OpenRequest) (model.Session, error) { return g, nil }

func (g *gate) Info() model.Info { return model.Info{} }

type gated struct {
	gate *gate
	ops  []model.Op
}

func (g *gate) Submit(_ context.Context, ops ...model.Op) model.Pending { return gated{g, ops} }

func (p gated) Wait(ctx context.Context) ([]model.Result, error) {
	select {
	case <-p.gate.open:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.ran = append(p.gate.ran, p.ops...)
	return make([]model.Result, len(p.ops)), nil
}

func (g *gate) Save(context.Context, string) (model.File, error) { return model.File{}, nil }

func (g *gate) Load(context.Context, model.File) error { return nil }

func (g *gate) Export(context.Context, string, []model.Weights) (model.File, error) {
	return model.File{}, nil
}

func (g *gate) Close() error { return nil }

// connect serves an architecture over a connection in memory.
func connect(t *testing.T, a model.Architecture) *Client {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	s := newServer(nil)
	protocol.RegisterArchitectureServer(s, &server{architecture: a})
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	options := append(DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	conn, err := grpc.NewClient("passthrough:///memory", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		s.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return NewClient(conn, Supervision{})
}

func TestRowsMayBeReusedAfterSubmit(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	s, err := connect(t, g).Open(t.Context(), model.OpenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows := []int32{0}
	var all []model.Pending
	for i := range int32(10) {
		rows[0] = i
		all = append(all, s.Submit(t.Context(), model.Step{Rows: rows}))
	}
	close(g.open)
	for _, p := range all {
		if _, err := p.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, op := range g.ran {
		if got := op.(model.Step).Rows[0]; got != int32(i) {
			t.Errorf("step %d ran on row %d", i, got)
		}
	}
}

func TestCancelledWorkIsDropped(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	s, err := connect(t, g).Open(t.Context(), model.OpenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var all []model.Pending
	for range 10 {
		all = append(all, s.Submit(ctx, model.Keep{Name: "x"}))
	}
	cancel()
	if _, err := all[9].Wait(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("work that waited ended with %v", err)
	}
	after := s.Submit(t.Context(), model.Keep{Name: "after"})
	close(g.open)
	if _, err := after.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.ran); n < 1 || n > ahead+1 {
		t.Errorf("%d operations ran, at most %d had been sent when the work was cancelled", n-1, ahead)
	}
}

// TestSavingWaitsForAllThatWasSent: work that is dropped says nothing of what was submitted before it, and is still in work.
func TestSavingWaitsForAllThatWasSent(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	s, err := connect(t, g).Open(t.Context(), model.OpenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range ahead {
		s.Submit(t.Context(), model.Keep{Name: "sent"})
	}
	ctx, cancel := context.WithCancel(t.Context())
	dropped := s.Submit(ctx, model.Keep{Name: "dropped"})
	cancel()
	if _, err := dropped.Wait(t.Context()); !errors.Is(err, context.Canceled) {
		t.Fatalf("work that waited ended with %v", err)
	}
	settled := make(chan error, 1)
	go func() { settled <- s.(*session).settle(t.Context()) }()
	select {
	case err := <-settled:
		t.Fatalf("nothing was waited for (%v)", err)
	case <-time.After(20 * time.Millisecond):
	}
	close(g.open)
	if err := <-settled; err != nil {
		t.Error(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.ran) != ahead {
		t.Errorf("%d operations had run, %d were sent", len(g.ran), ahead)
	}
}

// TestAMessageThatIsTooLarge: why a stream ended is said to all that was behind it, too.
func TestAMessageThatIsTooLarge(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	close(g.open)
	s, err := connect(t, g).Open(t.Context(), model.OpenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Submit(t.Context(), model.Evaluate{Rows: make([]int32, maxRequest/4+1)}).Wait(t.Context())
	if !errors.Is(err, errTooLarge) {
		t.Errorf("a message above the limit ended with %v", err)
	}
	if _, err := s.Submit(t.Context(), model.Keep{Name: "after"}).Wait(t.Context()); !errors.Is(err, errTooLarge) {
		t.Errorf("what followed it ended with %v", err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	g := &gate{open: make(chan struct{})}
	s, err := connect(t, g).Open(t.Context(), model.OpenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Submit(t.Context(), model.Keep{}).Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting ended with %v", err)
	}
	if _, err := s.Save(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("saving behind it ended with %v", err)
	}
	pending := s.Submit(t.Context(), model.Keep{})
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := pending.Wait(t.Context()); err == nil {
		t.Error("work of a closed session was done")
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func TestCheckManifest(t *testing.T) {
	good := model.Manifest{
		Name: "net", Tasks: []model.Task{model.Regression}, Inputs: []model.Kind{model.Numeric},
		Settings: []model.Setting{{Name: "net.width", Type: model.Int, Min: 1, Max: 2}},
	}
	if err := checkManifest(good); err != nil {
		t.Error(err)
	}
	tests := []struct {
		name   string
		change func(*model.Manifest)
	}{
		{"a name with a slash", func(m *model.Manifest) { m.Name = "../net" }},
		{"no task", func(m *model.Manifest) { m.Tasks = nil }},
		{"no input", func(m *model.Manifest) { m.Inputs = nil }},
		{"a setting twice", func(m *model.Manifest) { m.Settings = append(m.Settings, m.Settings[0]) }},
		{"a setting of another's name", func(m *model.Manifest) { m.Settings[0].Name = "width" }},
		{"no type", func(m *model.Manifest) { m.Settings[0].Type = "" }},
		{"an empty range", func(m *model.Manifest) { m.Settings[0].Min = 3 }},
		{"no choices", func(m *model.Manifest) { m.Settings[0].Type = model.Choice }},
	}
	for _, test := range tests {
		m := good
		m.Settings = slices.Clone(good.Settings)
		test.change(&m)
		if err := checkManifest(m); !errors.Is(err, errManifest) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
