package queue

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tuned/daemon/store"
	"tuned/heuristics"
	"tuned/job"
	"tuned/trainer"
)

var (
	anAlert = store.Alert{ID: 4, Job: 2, Rule: "not-learning", Text: "The loss has hardly moved."}
	aJob    = store.Job{ID: 2, Name: "income", State: store.Running}
)

// told checks what a person's program was sent.
func told(t *testing.T, text []byte) {
	t.Helper()
	var got struct {
		Alert store.Alert
		Name  string
		State string
	}
	if err := json.Unmarshal(text, &got); err != nil || got.Alert != anAlert || got.Name != "income" || got.State != "running" {
		t.Errorf("it was told %s: %v", text, err)
	}
}

func TestWebhook(t *testing.T) {
	answer := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %v", r.Method, r.Header.Get("Content-Type"), err)
		}
		told(t, body)
		w.WriteHeader(answer)
	}))
	defer server.Close()
	if err := Webhook(server.URL)(t.Context(), anAlert, aJob); err != nil {
		t.Error(err)
	}
	answer = http.StatusBadGateway
	if err := Webhook(server.URL)(t.Context(), anAlert, aJob); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("a refusal is %v", err)
	}
}

func TestCommand(t *testing.T) {
	to := filepath.Join(t.TempDir(), "told")
	if err := Command([]string{"tee", to})(t.Context(), anAlert, aJob); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	told(t, text)
	if err := Command([]string{"sh", "-c", "echo no way; exit 3"})(t.Context(), anAlert, aJob); err == nil || !strings.Contains(err.Error(), "no way") {
		t.Errorf("a failure is %v", err)
	}
}

// An alert is delivered once, also where the first try fails or the daemon starts anew.
func TestAlertsAreDeliveredOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	q, err := opened(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, q)
	tries := 0
	q.Alarm = func(_ context.Context, a store.Alert, j store.Job) error {
		if tries++; tries == 1 {
			return io.ErrClosedPipe
		}
		if a.Text != "look" || j.ID != a.Job {
			t.Errorf("told %+v of job %d", a, j.ID)
		}
		return nil
	}
	q.deliverAll(t.Context())
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := opened(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	again.Alarm = q.Alarm
	again.deliverAll(t.Context())
	again.deliverAll(t.Context())
	if alerts, err := again.store.Alerts(t.Context(), 0, 9); err != nil || tries != 2 || len(alerts) != 1 || !alerts[0].Delivered {
		t.Errorf("%d tries; %+v, %v", tries, alerts, err)
	}
}

// What raises an alert: a check that fires, a watch that reacts, a part of the holdout that fares much worse.
func TestAlertsOfAJournal(t *testing.T) {
	reaction := &trainer.ReactionRecord{Step: 30}
	reaction.Watch, reaction.Why = "diverged", "The loss rose."
	slice := func(n int, accuracy float64) job.Slice {
		return job.Slice{Name: "x", N: n, Metrics: map[string]float64{"accuracy": accuracy}}
	}
	for _, c := range []struct {
		name  string
		event job.Event
		rules []string
	}{
		{"a check", job.Found{Finding: heuristics.Finding{Check: "split.drift", Do: "warn", Why: "Train and test differ."}}, []string{"split.drift"}},
		{"a watch", job.Trained{Event: trainer.Event{Kind: trainer.Reacted, Reaction: reaction}}, []string{"diverged"}},
		{"progress", job.Trained{Event: trainer.Event{Kind: trainer.Progress}}, nil},
		{"a bad slice", job.Sliced{Column: "sex", Slices: []job.Slice{slice(40, 0.7), slice(400, 0.89)}}, []string{"slice.worse"}},
		{"a bad slice of few rows", job.Sliced{Column: "sex", Slices: []job.Slice{slice(20, 0.1)}}, nil},
	} {
		f := follower{whole: map[string]float64{"accuracy": 0.9}}
		var got []string
		for _, a := range f.alerts(job.Entry{Event: c.event}) {
			got = append(got, a.Rule)
		}
		if strings.Join(got, ",") != strings.Join(c.rules, ",") {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	values := follower{whole: map[string]float64{"rmse": 2}}
	if got := values.slices(job.Sliced{Column: "c", Slices: []job.Slice{{Name: "a", N: 30, Metrics: map[string]float64{"rmse": 3.1}}}}); len(got) != 1 {
		t.Errorf("values: %+v", got)
	}
}
