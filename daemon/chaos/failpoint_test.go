package chaos

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"tuned/daemon/api"
	"tuned/daemon/client"
	"tuned/daemon/failpoint"
)

// asking is the short job with a person asked before it trains.
const asking = short + `[approve]
above = "0s"
`

// TestEveryFailpoint ends the daemon at each named place while it takes in, runs and finishes a job, and starts it again:
// every job is finished, once, with the bits of an undisturbed run.
func TestEveryFailpoint(t *testing.T) {
	table := writeTable(t)
	calm := filepath.Join(t.TempDir(), "calm")
	if err := run(t, table, calm, 0); err != nil {
		t.Fatal(err)
	}
	c := chaos{T: t, ctx: t.Context(), table: table, state: filepath.Join(t.TempDir(), "state"), accepted: map[string]int64{}, by: map[string]int{}}
	c.victim = newVictim(t, c.state)
	c.client = client.Unix(filepath.Join(c.state, "tuned.sock"))
	defer c.client.Close()
	for _, point := range failpoint.Names {
		c.victim.start(point)
		if !c.reach(point) {
			t.Errorf("the daemon never got to %s", point)
		}
		c.victim.kill()
		c.victim.start("") // what was not accepted is handed in again, under the same key
		c.until("accept the job of "+point, func() bool { return c.hand(point) })
		c.until("approve the job of "+point, c.approve)
		c.victim.kill()
	}
	c.settle()
	c.compare(map[string]string{"short": hashOf(t, filepath.Join(calm, "model.safetensors"))})
	if len(c.accepted) != len(failpoint.Names) {
		t.Errorf("%d jobs were accepted", len(c.accepted))
	}
}

// reach hands in a job and approves it until the daemon ends at the failpoint.
func (c *chaos) reach(point string) bool {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && !c.victim.dead(); time.Sleep(20 * time.Millisecond) {
		if c.hand(point) {
			c.approve()
		}
	}
	return c.victim.dead()
}

// hand hands in the job of a failpoint; again and again it stays the same one.
func (c *chaos) hand(point string) bool {
	data, err := c.client.Upload(c.ctx, c.table)
	if err != nil {
		return false
	}
	j, err := c.client.Submit(c.ctx, point, api.Submission{Spec: asking, Data: data})
	if err != nil {
		return false
	}
	c.accepted[point] = j.ID
	return true
}

// approve approves what waits, and tells whether nothing has yet to be asked about.
func (c *chaos) approve() bool {
	jobs, err := c.client.Jobs(c.ctx)
	if err != nil {
		return false
	}
	done := true
	for _, j := range jobs {
		if j.State == "waiting" {
			_, err = c.client.Approve(c.ctx, idOf(j), "a test", nil)
		}
		done = done && err == nil && (j.Approved != "" || j.State == "waiting")
	}
	return done
}

func (c *chaos) until(what string, done func() bool) {
	c.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.Fatalf("it takes too long to %s", what)
		}
	}
}

func idOf(j api.Job) string { return strconv.FormatInt(j.ID, 10) }
