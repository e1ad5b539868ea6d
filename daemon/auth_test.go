package daemon_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tuned/daemon/api"
	"tuned/daemon/page"
	"tuned/daemon/queue"
	"tuned/daemon/store"
)

// TestEveryRouteIsGuarded asks each route that the router has, with no, a wrong and the right token, as a header and as a
// browser's cookie, addressed to the daemon and to another name, from its own page, another site's and none. What may come
// back follows from these four alone: a route that is added cannot escape.
func TestEveryRouteIsGuarded(t *testing.T) {
	d := start(t, "")
	own := strings.TrimPrefix(d.URL, "http://")
	secret := d.Token.Reveal()
	guard := api.Guard{Token: d.Token}
	m := matrix{T: t, daemon: d, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	for _, pattern := range append(patterns(t), "DELETE /v1/jobs/{id}", "GET /v1/nothing", "GET /nothing") {
		for _, who := range []caller{
			{"nobody", "", "", false},
			{"a wrong token", "Bearer " + strings.Repeat("0", len(secret)), "", false},
			{"the token in another scheme", "Basic " + secret, "", false},
			{"a cookie of another token", "", api.Guard{Token: api.TokenOf(strings.Repeat("1", 64))}.Cookie().Value, false},
			{"a wrong token and the right cookie", "Bearer nonsense", guard.Cookie().Value, false},
			{"the token", "Bearer " + secret, "", true},
			{"a signed-in browser", "", guard.Cookie().Value, true},
		} {
			for _, host := range []string{own, "evil.example", "evil.example:" + strings.Split(own, ":")[1], "LOCALHOST:" + strings.Split(own, ":")[1]} {
				for _, from := range []string{"", "http://" + host, "http://evil.example", "null"} {
					m.ask(request{pattern: pattern, who: who, host: host, origin: from})
				}
			}
		}
	}
	t.Logf("%d routes, %d requests, %d let in", m.routes, m.asked, m.let)
	if m.let == 0 || m.asked < 4000 {
		t.Errorf("the matrix is too small: %d requests, %d let in", m.asked, m.let)
	}
}

// patterns lists the routes of a server that is put together like the daemon's.
func patterns(t *testing.T) []string {
	t.Helper()
	q, err := queue.Open(t.Context(), queue.Config{Place: queue.Place(filepath.Join(t.TempDir(), "state")), Capacity: store.Needs{Threads: 1, Memory: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	s := api.New(api.Config{Queue: q})
	page.New(s)
	all := s.Patterns()
	slices.Sort(all)
	if len(all) < 30 {
		t.Fatalf("only %d routes: %v", len(all), all)
	}
	return all
}

// caller is who asks.
type caller struct {
	name, authorization, cookie string
	known                       bool
}

type request struct {
	pattern      string
	who          caller
	host, origin string
}

// matrix asks and counts.
type matrix struct {
	*testing.T
	daemon             *running
	client             *http.Client
	last               string
	routes, asked, let int
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

func (m *matrix) ask(r request) {
	m.Helper()
	if r.pattern != m.last {
		m.last = r.pattern
		m.routes++
	}
	method, path, _ := strings.Cut(r.pattern, " ")
	path = placeholder.ReplaceAllString(strings.ReplaceAll(path, "{$}", ""), "7")
	got := m.send(method, path, r)
	m.asked++
	want := expected(method, path, m.daemon, r)
	if want == 0 { // let in: whatever the route answers, it is not the guard's refusal
		m.let++
		want = got
		if slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusMisdirectedRequest}, got) {
			want = http.StatusOK
		}
	}
	if got != want {
		m.Errorf("%s by %s, addressed to %q, from %q: %d and not %d", r.pattern, r.who.name, r.host, r.origin, got, want)
	}
}

// expected is the refusal that fits, or 0 where a request is let in.
func expected(method, path string, d *running, r request) int {
	port := strings.TrimPrefix(d.URL, "http://127.0.0.1:")
	switch {
	case !slices.Contains([]string{"127.0.0.1:" + port, "localhost:" + port}, strings.ToLower(r.host)):
		return http.StatusMisdirectedRequest
	case r.origin != "" && r.origin != "http://"+r.host:
		return http.StatusForbidden
	case slices.Contains(page.Open, path):
		if method == http.MethodPost && path == "/login" {
			return http.StatusUnauthorized // the form has no token in it
		}
		return 0
	case !r.who.known:
		return http.StatusUnauthorized
	}
	return 0
}

func (m *matrix) send(method, path string, r request) int {
	m.Helper()
	ctx, cancel := context.WithCancel(m.Context())
	defer cancel() // it ends streams, too
	q, err := http.NewRequestWithContext(ctx, method, m.daemon.URL+path, nil)
	if err != nil {
		m.Fatal(err)
	}
	q.Host = r.host
	for name, value := range map[string]string{"Authorization": r.who.authorization, "Origin": r.origin} {
		if value != "" {
			q.Header.Set(name, value)
		}
	}
	if r.who.cookie != "" {
		q.AddCookie(&http.Cookie{Name: api.Session, Value: r.who.cookie})
	}
	answer, err := m.client.Do(q)
	if err != nil {
		m.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Header.Get("Access-Control-Allow-Origin") != "" {
		m.Errorf("%s tells browsers that other sites may read it", r.pattern)
	}
	if answer.StatusCode >= 400 {
		_, _ = io.Copy(io.Discard, answer.Body) // so that the connection is used again
	}
	return answer.StatusCode
}

// A browser without a session is shown the door; programs are told what is missing.
func TestBrowsersAreShownTheDoor(t *testing.T) {
	d := start(t, "")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/", "/jobs/1", "/v1/jobs"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html,*/*")
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/login" {
			t.Errorf("%s: %d to %q", path, answer.StatusCode, answer.Header.Get("Location"))
		}
	}
}

// A page of another site can send some kinds of bodies unasked: the API takes none of them, not even over the socket.
func TestBodiesOfOtherSitesAreRefused(t *testing.T) {
	d := start(t, "")
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL+"/v1/jobs", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+d.Token.Reveal())
		r.Header.Set("Content-Type", kind)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d", kind, answer.StatusCode)
		}
	}
}

// A token never prints itself, by whatever way.
func TestTokenHidesItself(t *testing.T) {
	secret := strings.Repeat("s3cr3t", 8)
	token := api.TokenOf(secret)
	text, err := token.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{fmt.Sprint(token), fmt.Sprintf("%v %+v %s", token, token, token), string(text)} {
		if strings.Contains(said, secret) {
			t.Errorf("it says %q", said)
		}
	}
}
