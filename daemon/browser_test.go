package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// screenshots is the environment's variable with a directory to leave pictures of the page in.
const screenshots = "TUNED_SCREENSHOTS"

// TestPageEndToEnd is a person at the page, in a real browser: signs in, uploads a table, approves the plan, watches the
// training, reads the report, tries a row, downloads predictions, and sees what a failed job looks like.
func TestPageEndToEnd(t *testing.T) {
	d := start(t, "")
	b := newBrowser(t)
	b.do("sign in", chromedp.Navigate(d.URL+"/login#"+d.Token.Reveal()), chromedp.WaitVisible(chromedp.CSS(`#start`)))
	b.accessible("the empty queue")
	b.picture("empty")
	table := writeTable(t, "income.csv", 3000)

	b.do("hand in a table",
		chromedp.Click(chromedp.CSS(`a[href="/new"]`)), chromedp.WaitVisible(chromedp.CSS(`[name="data.target"]`)),
		chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{table}), chromedp.WaitReady(chromedp.CSS(`#names option[value=income]`)),
		chromedp.SendKeys(chromedp.CSS(`[name="data.target"]`), "income"),
	)
	b.picture("form-first")
	b.do("say more", chromedp.Click(chromedp.CSS(`#rest summary`)), chromedp.SendKeys(chromedp.CSS(`[name="approve.above"]`), "0s"))
	b.accessible("the form")
	b.picture("form")
	b.do("start it", chromedp.Click(chromedp.CSS(`main button`)), chromedp.WaitVisible(chromedp.CSS(`.badge.waiting`)), chromedp.WaitVisible(chromedp.CSS(`#why`)))
	b.contains(`#state`, "promises")
	b.contains(`#why`, "batch_size")
	b.accessible("a waiting job")
	b.picture("waiting")

	b.do("pin a setting", chromedp.Click(chromedp.CSS(`#amend summary`)), chromedp.SendKeys(chromedp.CSS(`input[name=setting]`), "epochs"),
		chromedp.SendKeys(chromedp.CSS(`input[name=value]`), "80"), chromedp.Click(chromedp.CSS(`#amend button`)))
	b.do("see it planned again", chromedp.WaitVisible(chromedp.CSS(`.badge.waiting`)), wait(`document.querySelector("#why")?.innerText.includes("pinned in the job")`))

	b.do("approve by keyboard", chromedp.Focus(chromedp.CSS(`button.approve`)), chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS(`#live svg`)), chromedp.WaitVisible(chromedp.CSS(`progress`)))
	b.accessible("a running job")
	b.picture("running")
	b.do("watch without touching anything", wait(`document.querySelector("#state").dataset.state == "finished"`), chromedp.WaitVisible(chromedp.CSS(`#good`)))
	b.contains(`#said`, "finished")
	b.accessible("a finished job")
	b.picture("finished")

	b.try()
	b.predict(table)
	b.askAgain()
	b.fail(t)
	b.do("see the queue", chromedp.Navigate(d.URL), chromedp.WaitVisible(chromedp.CSS(`.badge.failed`)))
	b.accessible("the queue")
	b.picture("queue")
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.foreign) > 0 {
		t.Errorf("the page asked for %v, which is not the daemon's", b.foreign)
	}
}

// person is someone at a browser.
type person struct {
	*testing.T
	ctx       context.Context
	pictures  string
	downloads string
	done      chan string // downloads that are complete, by id

	mu      sync.Mutex
	foreign []string // addresses beyond the machine that were asked for
}

func newBrowser(t *testing.T) *person {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(1280, 900))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context of the first call
		t.Fatalf("this test needs Chromium: %v", err)
	}
	p := &person{T: t, downloads: t.TempDir(), done: make(chan string, 10), pictures: os.Getenv(screenshots)}
	if p.pictures == "" {
		p.pictures = t.TempDir()
	}
	var timeout context.CancelFunc
	p.ctx, timeout = context.WithTimeout(ctx, 9*time.Minute)
	t.Cleanup(func() { timeout(); cancel(); stop() })
	p.listen()
	return p
}

// listen has the person notice downloads, dialogs and requests.
func (p *person) listen() {
	p.Helper()
	told := true
	_, enabled := chromedp.Call(p.ctx, network.Enable, network.EnableParams{})
	_, allowed := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: p.downloads, EventsEnabled: &told,
	})
	err := errors.Join(enabled, allowed, chromedp.Listen(p.ctx, p.hear), chromedp.ListenBrowser(p.ctx, p.hear))
	if err != nil {
		p.Fatal(err)
	}
}

func (p *person) hear(event any) {
	switch e := event.(type) {
	case *browser.EventDownloadProgress:
		if e.State == browser.DownloadProgressStateCompleted {
			p.done <- e.GUID
		}
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; strings.HasPrefix(u, "http") && !strings.HasPrefix(u, "http://127.0.0.1:") {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.foreign = append(p.foreign, u)
		}
	}
}

// do does some steps, each within three minutes, which only a starved machine needs; a step that fails ends the test with a picture of what was there instead.
func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	for i, step := range steps {
		ctx, cancel := context.WithTimeout(p.ctx, 3*time.Minute)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			html, _ := chromedp.Run(p.ctx, chromedp.OuterHTML(chromedp.CSS("body"))) // it only helps to find the reason
			p.picture("failure")
			p.Fatalf("%s, step %d: %v\n%.4000s", what, i+1, err, html)
		}
	}
}

// wait waits until an expression is true, however often the page is replaced meanwhile.
func wait(expression string) chromedp.Action[chromedp.Void] {
	look := chromedp.Evaluate[bool]("!!(" + expression + ")")
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for {
			if ok, err := look(ctx, target); err == nil && ok {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("waiting for %s: %w", expression, ctx.Err())
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
}

func (p *person) contains(selector, text string) {
	p.Helper()
	p.do("find "+selector, chromedp.WaitReady(chromedp.CSS(selector)))
	// In one step: the page may put a newer copy in the place of what was found.
	got, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).textContent", selector)))
	if err != nil {
		p.Fatalf("read %s: %v", selector, err)
	}
	if !strings.Contains(got, text) {
		p.Errorf("%s says %q, without %q", selector, got, text)
	}
}

// picture takes two: as on a desk, and as on a phone.
func (p *person) picture(name string) {
	for _, size := range []struct {
		name   string
		width  int64
		height int64
		mobile bool
	}{{"desktop", 1280, 900, false}, {"phone", 390, 844, true}} {
		wide, png, err := p.capture(size.width, size.height, size.mobile)
		if err != nil {
			p.Logf("picture %s: %v", name, err)
			return
		}
		if wide {
			p.Errorf("%s: on a %s the page is wider than the screen", name, size.name)
		}
		if err := os.WriteFile(filepath.Join(p.pictures, name+"-"+size.name+".png"), png, 0o600); err != nil {
			p.Fatal(err)
		}
	}
	_, _ = chromedp.Call(p.ctx, emulation.ClearDeviceMetricsOverride, cdp.Empty{}) // the next picture sets its own
}

// capture takes the whole page as a screen of a size shows it, and tells whether it is wider than that.
func (p *person) capture(width, height int64, mobile bool) (wide bool, png []byte, err error) {
	size := emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: mobile}
	if _, err := chromedp.Call(p.ctx, emulation.SetDeviceMetricsOverride, size); err != nil {
		return false, nil, err
	}
	if wide, err = chromedp.Run(p.ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth + 1`)); err != nil {
		return false, nil, err
	}
	png, err = chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	return wide, png, err
}

// accessible checks what whoever cannot see the page, or has no mouse, needs of it.
func (p *person) accessible(what string) {
	p.Helper()
	problems, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](`(() => {
		const problems = [];
		const bad = (what, e) => problems.push(what + ": " + e.outerHTML.slice(0, 120));
		if (!document.documentElement.lang) problems.push("no language");
		if (!document.title) problems.push("no title");
		if (document.querySelectorAll("h1").length != 1) problems.push("not one h1");
		if (!document.querySelector("main")) problems.push("no main");
		for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) if (!e.labels?.length && !e.ariaLabel) bad("no label", e);
		for (const e of document.querySelectorAll("a, button, summary")) {
			if (!e.textContent.trim() && !e.ariaLabel) bad("no name", e);
			if (e.tabIndex < 0) bad("not reachable by keyboard", e);
		}
		for (const e of document.querySelectorAll("svg")) if (!e.ariaLabel && e.ariaHidden != "true") bad("no text for a picture", e);
		for (const e of document.querySelectorAll("table")) if (!e.querySelector("th[scope]")) bad("no heads", e);
		const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
		for (const id of ids.filter((id, i) => ids.indexOf(id) != i)) problems.push("twice the id " + id);
		let last = 1;
		for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
			const level = +h.tagName[1];
			if (level > last + 1) bad("a heading skips a level", h);
			last = level;
		}
		return problems;
	})()`))
	if err != nil {
		p.Fatalf("look at %s: %v", what, err)
	}
	for _, problem := range problems {
		p.Errorf("%s: %s", what, problem)
	}
}

// try asks the finished job on the page for a row, by keyboard, and puts a mistake right.
func (p *person) try() {
	p.Helper()
	const first = `#try .cells input`
	p.do("make a mistake", chromedp.Clear(chromedp.CSS(first)), chromedp.SendKeys(chromedp.CSS(first), "abc\r"), chromedp.WaitVisible(chromedp.CSS(`#try .problem`)))
	p.contains(`#try .problem`, "this is not a number")
	p.do("be led to it", wait(`document.activeElement.matches("#try [aria-invalid]")`))
	p.accessible("a row with a mistake")
	p.picture("row-mistake")
	p.do("put it right", chromedp.Clear(chromedp.CSS(first)), chromedp.SendKeys(chromedp.CSS(first), "30\r"), chromedp.WaitVisible(chromedp.CSS(`#answer .bar`)))
	p.contains(`#answer`, "with a probability of")
	p.contains(`#answer`, "What would change it")
	p.do("see it at once", wait(`document.querySelector("#answer").getBoundingClientRect().top < innerHeight`), wait(`document.querySelector("#state").dataset.state == "finished"`))
	p.accessible("the answer to a row")
	p.picture("row")
}

// predict has the finished job on the page predict a table, and reads what was downloaded.
func (p *person) predict(table string) {
	p.Helper()
	p.do("ask for predictions", chromedp.SetUploadFiles(chromedp.CSS(`#use input[type=file]`), []string{table}), chromedp.Click(chromedp.CSS(`#use button`)))
	select {
	case name := <-p.done:
		text, err := os.ReadFile(filepath.Join(p.downloads, name))
		if err != nil {
			p.Fatal(err)
		}
		if lines := strings.Count(string(text), "\n"); lines != 3001 || !strings.HasPrefix(string(text), "age,hours,group,income,prediction,p_high,p_low\n") {
			p.Errorf("%d lines of predictions begin with %.60q", lines, text)
		}
	case <-time.After(time.Minute):
		p.Fatal("no predictions were downloaded")
	}
}

// askAgain has the finished job on the page learned again, without a column and judged by F1, and reads what was asked for.
func (p *person) askAgain() {
	p.Helper()
	p.do("ask again", chromedp.Click(chromedp.CSS(`a[href^="/new?from="]`)), chromedp.WaitVisible(chromedp.CSS(`[name=ignore][value=hours]`)),
		wait(`document.querySelector("[name='data.target']").value == "income"`), chromedp.Click(chromedp.CSS(`[name=ignore][value=hours]`)),
		chromedp.SetValue(chromedp.CSS(`[name="data.metric"]`), "f1"))
	p.accessible("the filled form")
	p.picture("form-again")
	p.do("make a mistake", chromedp.SetValue(chromedp.CSS(`[name="data.group"]`), "gruop"), chromedp.Click(chromedp.CSS(`main button.approve`)), chromedp.WaitVisible(chromedp.CSS(`small.problem`)))
	p.contains(`small.problem`, `did you mean "group"?`)
	p.picture("form-mistake")
	p.do("put it right", chromedp.Clear(chromedp.CSS(`[name="data.group"]`)), chromedp.Click(chromedp.CSS(`main button.approve`)), chromedp.WaitVisible(chromedp.CSS(`#file`)))
	p.contains(`#file`, `ignore = ["hours"]`)
	p.contains(`#file`, `metric = "f1"`)
	p.contains(`#file`, "epochs = 80")
}

// fail hands in a table that cannot be learned from.
func (p *person) fail(t *testing.T) {
	p.Helper()
	bad := filepath.Join(t.TempDir(), "one-class.csv")
	if err := os.WriteFile(bad, []byte("a;b;y\n"+strings.Repeat("1;2;same\n2;1;same\n", 20)), 0o600); err != nil {
		t.Fatal(err)
	}
	p.do("choose a bad table", chromedp.Click(chromedp.CSS(`a[href="/new"]`)), chromedp.WaitVisible(chromedp.CSS(`[name="data.target"]`)),
		chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{bad}), chromedp.SendKeys(chromedp.CSS(`[name="data.target"]`), "y"),
		chromedp.Click(chromedp.CSS(`main summary`)), chromedp.Click(chromedp.CSS(`[name=ignore][value=b]`)),
		chromedp.SetValue(chromedp.CSS(`[name="data.metric"]`), "f1"))
	p.picture("form-columns")
	p.do("hand it in", chromedp.Click(chromedp.CSS(`main button`)), wait(`document.querySelector("#state")?.dataset.state == "failed"`))
	p.contains(`#state`, "the target has one class")
	p.contains(`#file`, `ignore = ["b"]`)
	p.contains(`#file`, `metric = "f1"`)
	p.accessible("a failed job")
	p.picture("failed")
}
