package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sbinet/npyio"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
)

// lab is a data set, and a host that opens linear models on it.
type lab struct {
	Env
	data    modeltest.Data
	options modeltest.Options
	opened  []*modeltest.Session
	journal []string
}

func newLab(t testing.TB, d modeltest.Data) *lab {
	l := &lab{data: d, options: modeltest.Options{Averages: []string{"0.9"}}}
	l.ViewDir = t.TempDir()
	var err error
	if l.View, err = d.WriteView(l.ViewDir); err != nil {
		t.Fatal(err)
	}
	for i := range int32(d.Rows()) {
		l.Train = append(l.Train, i)
	}
	l.Open = func(_ context.Context, r Request) (model.Session, error) {
		o := l.options
		o.Seed, o.MaxBatch = r.Seed, r.MaxBatch
		s := modeltest.New(l.data, o)
		l.opened = append(l.opened, s)
		return s, nil
	}
	l.Journal = func(event string, fields map[string]any) { l.journal = append(l.journal, fmt.Sprint(event, fields)) }
	return l
}

func under() map[string]any {
	return map[string]any{"lr": 0.02, "batch_size": int64(32), "epochs": int64(100), "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8}
}

func (l *lab) measure(t *testing.T, name string) Report {
	t.Helper()
	r, err := Run(context.Background(), name, l.Env, under())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func number(t *testing.T, r Report, name string) float64 {
	t.Helper()
	switch v := r.Facts[name].(type) {
	case float64:
		return v
	case int64:
		return float64(v)
	}
	t.Fatalf("fact %s is %v", name, r.Facts[name])
	return 0
}

func TestProbesLeaveASharedSessionAsItWas(t *testing.T) {
	for _, name := range []string{"model", "sanity", "speed", "lr_find", "noise"} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, modeltest.Blobs(300))
			shared := modeltest.New(l.data, modeltest.Options{Averages: []string{"0.9"}})
			l.Open = func(context.Context, Request) (model.Session, error) { return shared, nil }
			before := content(t, shared)
			l.measure(t, name)
			if after := content(t, shared); after != before {
				t.Errorf("the session changed:\n%.200s\n%.200s", before, after)
			}
		})
	}
}

func TestACancelledProbeRestoresToo(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	ctx, cancel := context.WithCancel(context.Background())
	steps := 0
	shared := modeltest.New(l.data, modeltest.Options{Before: func(op model.Op) error {
		if _, ok := op.(model.Step); ok {
			if steps++; steps == 7 {
				cancel()
			}
		}
		return nil
	}})
	l.Open = func(context.Context, Request) (model.Session, error) { return shared, nil }
	before := content(t, shared)
	if _, err := Run(ctx, "lr_find", l.Env, under()); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if content(t, shared) != before {
		t.Error("the session changed")
	}
}

// stuck is a session whose steps never end once its probe is cancelled, and nothing behind them begins.
type stuck struct {
	model.Session
	cancel context.CancelFunc
	steps  int
}

func (s *stuck) Submit(ctx context.Context, ops ...model.Op) model.Pending {
	if s.steps >= 7 {
		return never{}
	}
	if _, ok := ops[0].(model.Step); ok {
		if s.steps++; s.steps == 7 {
			s.cancel()
			return never{}
		}
	}
	return s.Session.Submit(ctx, ops...)
}

type never struct{}

func (never) Wait(ctx context.Context) ([]model.Result, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestACancelledProbeGivesUpASessionThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, modeltest.Blobs(300))
		ctx, cancel := context.WithCancel(t.Context())
		l.Open = func(context.Context, Request) (model.Session, error) {
			return &stuck{Session: modeltest.New(l.data, l.options), cancel: cancel}, nil
		}
		began := time.Now()
		if _, err := Run(ctx, "lr_find", l.Env, under()); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("it waited for %v", took)
		}
	})
}

// TestAProbeThatFailsTellsItsCost: what it took was spent, whatever came of it.
func TestAProbeThatFailsTellsItsCost(t *testing.T) {
	for _, name := range []string{"memory", "speed", "lr_find", "noise", "sanity"} {
		l := newLab(t, modeltest.Blobs(300))
		steps := 0
		l.options.Before = func(op model.Op) error {
			if _, ok := op.(model.Step); ok {
				if steps++; steps == 3 {
					return model.ErrInvalid
				}
			}
			return nil
		}
		r, err := Run(context.Background(), name, l.Env, under())
		if !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%s: error %v", name, err)
		}
		info := l.opened[0].Info()
		if least := 2 * info.FLOPsStep; r.FLOPs < least || r.Facts != nil {
			t.Errorf("%s: %d FLOPs and facts %v after two steps, which take more than %d", name, r.FLOPs, r.Facts, least)
		}
	}
}

// content is everything that a session saves.
func content(t *testing.T, s *modeltest.Session) string {
	t.Helper()
	f, err := s.Save(context.Background(), filepath.Join(t.TempDir(), "session"))
	if err != nil {
		t.Fatal(err)
	}
	return f.SHA256
}

func TestReportsAreRepeatable(t *testing.T) {
	for _, name := range names() {
		if name == "speed" { // it reads a clock
			continue
		}
		l := newLab(t, modeltest.Blobs(300))
		if a, b := timeless(l.measure(t, name)), timeless(l.measure(t, name)); a != b {
			t.Errorf("%s:\n%s\n%s", name, a, b)
		}
		for _, s := range l.opened {
			if !s.Closed() {
				t.Errorf("%s left a session open", name)
			}
		}
	}
}

// timeless is all of a report that no clock reads.
func timeless(r Report) string {
	r.Pace = 0
	return fmt.Sprint(r)
}

// TestPaceIsThatOfSteps: how long a session takes to open does not tell how fast it steps.
func TestPaceIsThatOfSteps(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	open := l.Open
	l.Open = func(ctx context.Context, r Request) (model.Session, error) {
		time.Sleep(100 * time.Millisecond)
		return open(ctx, r)
	}
	start := time.Now()
	r := l.measure(t, "memory")
	if all := float64(r.FLOPs) / time.Since(start).Seconds(); r.Pace <= 2*all {
		t.Errorf("%.3g FLOP/s, of the whole probe %.3g", r.Pace, all)
	}
	for _, name := range []string{"model", "kernel", "lr_find", "sanity"} {
		if r := newLab(t, modeltest.Blobs(300)).measure(t, name); r.Pace != 0 {
			t.Errorf("%s: %.3g FLOP/s, though it took no step of the planned run", name, r.Pace)
		}
	}
}

func TestModel(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	l.options.BytesFixed, l.options.BytesRow = 1000, 10
	r := l.measure(t, "model")
	want := map[string]float64{"model.parameters": 10, "model.flops_row": 60, "model.flops_step": 120, "model.bytes_fixed": 1000, "model.bytes_row": 10}
	for name, v := range want {
		if got := number(t, r, name); got != v {
			t.Errorf("%s = %v, want %v", name, got, v)
		}
	}
}

func TestSanity(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	r := l.measure(t, "sanity")
	if got := number(t, r, "sanity.loss_expected"); math.Abs(got-math.Ln2) > 1e-12 {
		t.Errorf("the entropy of two equal classes is ln 2, not %v", got)
	}
	if got := number(t, r, "sanity.loss_init"); math.Abs(got-math.Ln2) > 0.1 {
		t.Errorf("loss at initialisation %v", got)
	}
	if got := number(t, r, "sanity.overfit_loss"); got > 0.6 {
		t.Errorf("32 rows were learned to a loss of %v only", got)
	}

	l = newLab(t, modeltest.Plane(300))
	l.View.Target.Priors = nil
	r = l.measure(t, "sanity")
	sum := 0.0
	for _, v := range l.data.Values {
		sum += float64(v) * float64(v) / 300
	}
	if got := number(t, r, "sanity.loss_expected"); math.Abs(got-sum) > 1e-9 {
		t.Errorf("expected loss %v, want the mean square %v", got, sum)
	}

	s := under()
	s["mlp.loss"] = "absolute"
	if r, err := Run(context.Background(), "sanity", l.Env, s); err != nil || number(t, r, "sanity.loss_expected") >= sum/2 {
		t.Errorf("of the absolute error %v is expected, where the mean square is %v (%v)", r.Facts, sum, err)
	}
}

func TestMemoryWithoutALimitRunsTheLargestSizeOnce(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	l.Snapshots = 3
	r := l.measure(t, "memory")
	if got := number(t, r, "memory.max_batch"); got != 256 {
		t.Errorf("largest batch of 300 rows: %v", got)
	}
	if len(l.opened) != 1 || len(l.opened[0].Kept()) != 3 {
		t.Errorf("%d sessions, snapshots %v", len(l.opened), l.opened[0].Kept())
	}
	if !slices.Equal(l.journal, []string{"probe.memory.tryingmap[batch:256]", "probe.memory.triedmap[batch:256 bytes:0 ran:true]"}) {
		t.Errorf("journal %q", l.journal)
	}
}

func TestMemoryUnderALimit(t *testing.T) {
	tests := map[string]struct {
		change func(l *lab)
		want   int64
	}{
		"the plan rules sizes out":     {func(l *lab) { l.options.BytesFixed, l.options.BytesRow, l.MemoryBytes = 1000, 100, 10_000 }, 64},
		"snapshots are taken":          {func(l *lab) { l.failKeeping("memory-2", 128) }, 128},
		"out of memory while it steps": {func(l *lab) { l.fail(model.ErrOutOfMemory, 64) }, 64},
		"the process dies":             {func(l *lab) { l.fail(model.ErrExited, 16) }, 16},
		"an earlier attempt died":      {func(l *lab) { l.Failed = []int{256, 64} }, 128},
		"the measured peak is too high": {func(l *lab) {
			l.MemoryBytes = 10_000
			l.Peak = func(model.Session) int64 { return int64(len(l.opened))*-3000 + 14_000 }
		}, 128},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, modeltest.Blobs(300))
			test.change(l)
			r := l.measure(t, "memory")
			if got := r.Facts["memory.max_batch"]; got != test.want {
				t.Errorf("max batch %v, want %d; journal %q", got, test.want, l.journal)
			}
		})
	}
}

// fail makes steps with more rows fail.
func (l *lab) fail(with error, above int) {
	l.options.Before = func(op model.Op) error {
		if s, ok := op.(model.Step); ok && len(s.Rows) > above {
			return with
		}
		return nil
	}
}

// failKeeping lets no session with a larger batch take the snapshot of this name.
func (l *lab) failKeeping(name string, above int) {
	l.options.Before = func(op model.Op) error {
		batch := floorPower(300) >> (len(l.opened) - 1)
		if k, ok := op.(model.Keep); ok && k.Name == name && batch > above {
			return model.ErrOutOfMemory
		}
		return nil
	}
}

// TestMemoryTriesTheDecidedCapEvenBeyondTheRows, but not far beyond: a pin of a million kept a table of a hundred rows busy for minutes.
func TestMemoryTriesTheDecidedCapEvenBeyondTheRows(t *testing.T) {
	for decided, want := range map[int64]int64{96: 96, 512: 512, 1024: 1024, 1 << 20: 1024} {
		l := newLab(t, modeltest.Blobs(300))
		s := under()
		s["batch_cap"] = decided
		r, err := Run(context.Background(), "memory", l.Env, s)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Facts["memory.max_batch"]; got != want {
			t.Errorf("a cap of %d gave %v", decided, got)
		}
	}
}

func TestSpeed(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	if got := number(t, l.measure(t, "speed"), "speed.step_seconds"); got <= 0 || got > 10 {
		t.Errorf("a step takes %v s", got)
	}
}

func TestMemoryThatIsTooSmallForOneRow(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	l.options.BytesFixed, l.MemoryBytes = 1000, 900
	if _, err := Run(context.Background(), "memory", l.Env, under()); !errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("error %v", err)
	}
}

// Where nothing limits the memory, a process that ends by itself is not said to lack any.
func TestMemoryOfAProcessThatEndsWhateverTheSize(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	l.fail(model.ErrExited, 0)
	_, err := Run(context.Background(), "memory", l.Env, under())
	if !errors.Is(err, model.ErrExited) || errors.Is(err, model.ErrOutOfMemory) {
		t.Errorf("error %v", err)
	}
}

// TestMemoryOfAProcessThatEndsWhenOpened: two deaths before a step, of the largest size and of the smallest, are enough; under a
// limit as well they are no want of memory, and the error says what the process printed last.
func TestMemoryOfAProcessThatEndsWhenOpened(t *testing.T) {
	for _, limit := range []int64{0, 1 << 30} {
		l := newLab(t, modeltest.Blobs(300))
		l.MemoryBytes = limit
		var sizes []int
		l.Open = func(_ context.Context, r Request) (model.Session, error) {
			sizes = append(sizes, r.MaxBatch)
			return nil, fmt.Errorf("%w: no module named torch", model.ErrExited)
		}
		_, err := Run(t.Context(), "memory", l.Env, under())
		if !errors.Is(err, model.ErrExited) || errors.Is(err, model.ErrOutOfMemory) || !strings.Contains(err.Error(), "no module named torch") {
			t.Errorf("error %v", err)
		}
		if !slices.Equal(sizes, []int{256, 1}) {
			t.Errorf("sizes %v were opened", sizes)
		}
		if len(l.journal) != 2 || !strings.HasPrefix(l.journal[0], "probe.memory.trying") || !strings.HasPrefix(l.journal[1], "probe.memory.tried") {
			t.Errorf("the journal leaves it open: %q", l.journal)
		}
	}
}

// TestMemoryOfLargeModelsThatEndWhenOpened: where only large sizes do, the largest of the others is found. One more is opened for that.
func TestMemoryOfLargeModelsThatEndWhenOpened(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	open, sizes := l.Open, []int(nil)
	l.Open = func(ctx context.Context, r Request) (model.Session, error) {
		if sizes = append(sizes, r.MaxBatch); r.MaxBatch > 64 {
			return nil, model.ErrExited
		}
		return open(ctx, r)
	}
	r := l.measure(t, "memory")
	if got := r.Facts["memory.max_batch"]; got != int64(64) || !slices.Equal(sizes, []int{256, 1, 256, 128, 128, 64}) {
		t.Errorf("max batch %v; sizes %v were opened", got, sizes)
	}
	for _, s := range l.opened {
		if !s.Closed() {
			t.Error("a session was left open")
		}
	}
}

func TestMemoryPassesOtherErrorsOn(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	l.fail(model.ErrInvalid, 0)
	if _, err := Run(context.Background(), "memory", l.Env, under()); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("error %v", err)
	}
}

func TestRangeTest(t *testing.T) {
	l := newLab(t, modeltest.Blobs(2000))
	r := l.measure(t, "lr_find")
	suggestion, spread := number(t, r, "lr_find.suggestion"), number(t, r, "lr_find.spread")
	if suggestion < 1e-3 || suggestion > 2 || spread > 1.5 {
		t.Errorf("suggestion %v, spread %v decades", suggestion, spread)
	}
	if len(r.Plots[0].Curves) != 3 {
		t.Errorf("%d curves", len(r.Plots[0].Curves))
	}
	run := 100 * 63 * (32*60.0 + 120)
	if share := float64(r.FLOPs) / run; share > 0.08 {
		t.Errorf("the range test costs %.3f of the run", share)
	}
}

func TestARangeTestThatSeesNoNumbersLeavesThePrior(t *testing.T) {
	l := newLab(t, modeltest.Blobs(300))
	l.options.Poison = func(model.Step, int64) bool { return true }
	r := l.measure(t, "lr_find")
	if r.Facts["lr_find.suggestion"] != under()["lr"] || r.Facts["lr_find.spread"] != unknown {
		t.Errorf("facts %v", r.Facts)
	}
}

func TestNoise(t *testing.T) {
	l := newLab(t, modeltest.Blobs(2000))
	r := l.measure(t, "noise")
	if got := number(t, r, "noise.scale"); got <= 0 || got > 2000 {
		t.Errorf("scale %v", got)
	}
	if p50, p90 := number(t, r, "noise.grad_norm_p50"), number(t, r, "noise.grad_norm_p90"); p50 <= 0 || p90 < p50 {
		t.Errorf("norms %v, %v", p50, p90)
	}
}

func TestNoiseOfFewRows(t *testing.T) {
	for rows, want := range map[int]error{1: model.ErrInvalid, 2: nil, 3: nil, 9: nil} {
		l := newLab(t, modeltest.Blobs(300))
		l.Train = l.Train[:rows]
		if _, err := Run(t.Context(), "noise", l.Env, under()); !errors.Is(err, want) {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

func TestTheNoiseScaleOfKnownNoise(t *testing.T) {
	// |g_b|² = |G|² + S/b in expectation: with |G|² = 4 and S = 100, batches of 10 and 50 have 14 and 6.
	if got := scale([]float64{13, 15}, []float64{5, 7}, 10, 50); math.Abs(got-25) > 1e-12 {
		t.Errorf("scale %v, want 100/4", got)
	}
	if got := scale([]float64{10}, []float64{2}, 10, 50); !math.IsInf(got, 1) {
		t.Errorf("scale of nothing but noise: %v", got)
	}
}

// TestSeedLeavesTheDataAlone: what is measured of rows alone is the same for every seed of the job.
func TestSeedLeavesTheDataAlone(t *testing.T) {
	l := newLab(t, pattern(2000, 1, 0.5))
	for _, name := range ofData {
		l.Seed = 0
		first := l.measure(t, name)
		l.Seed = 1
		if second := l.measure(t, name); !maps.Equal(first.Facts, second.Facts) {
			t.Errorf("probe %s: %v with seed 0, %v with seed 1", name, first.Facts, second.Facts)
		}
	}
}

func writeArray(t *testing.T, dir, name string, values any) {
	t.Helper()
	file, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := npyio.Write(file, values); err != nil {
		t.Fatal(err)
	}
}

func within(t *testing.T, what string, got float64, bounds [2]float64) {
	t.Helper()
	if got < bounds[0] || got > bounds[1] {
		t.Errorf("%s %v, not within %v", what, got, bounds)
	}
}

func TestUnknownProbe(t *testing.T) {
	if _, err := Run(context.Background(), "nose", Env{}, nil); err == nil {
		t.Error("no error")
	}
}

// TestThreadsFindTheSame: what is measured side by side is put together in the same order.
func TestThreadsFindTheSame(t *testing.T) {
	l := newLab(t, pattern(6000, 1, 0.5))
	for _, name := range []string{"kernel", "shape"} {
		var want Report
		for threads := range 4 {
			l.Threads = threads
			if got := l.measure(t, name); threads == 0 {
				want = got
			} else if !reflect.DeepEqual(got, want) {
				t.Errorf("%s on %d threads finds %v, on one %v", name, threads, got, want)
			}
		}
	}
}
