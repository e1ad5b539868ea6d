package daemon_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"tuned/daemon/api"
	"tuned/daemon/page"
	"tuned/daemon/queue"
	"tuned/daemon/store"
)

// requests are the routes that take what programs and people write.
var requests = []struct{ method, path, kind string }{
	{http.MethodPost, "/v1/jobs", "application/json"},
	{http.MethodPatch, "/v1/jobs/1", "application/json"},
	{http.MethodPost, "/v1/jobs/1/approve", "application/json"},
	{http.MethodPost, "/v1/data?name=t.csv", "text/csv"},
	{http.MethodPost, "/v1/jobs/1/predict?name=t.jsonl", "application/octet-stream"},
	{http.MethodPost, "/new", "multipart/form-data; boundary=b"},
	{http.MethodPost, "/new", "application/x-www-form-urlencoded"},
	{http.MethodPost, "/jobs/1/approve", "application/x-www-form-urlencoded"},
}

// FuzzRequests: no body of a request is answered with an error of the server's own.
func FuzzRequests(f *testing.F) {
	state := filepath.Join(f.TempDir(), "state")
	q, err := queue.Open(context.Background(), queue.Config{Place: queue.Place(state), Capacity: store.Needs{Threads: 1, Memory: 1}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := q.Close(); err != nil {
			f.Error(err)
		}
	})
	server := api.New(api.Config{Queue: q, MaxUpload: 1 << 20})
	page.New(server)
	send := func(route int, body string) *httptest.ResponseRecorder {
		to := requests[route]
		r := httptest.NewRequest(to.method, to.path, strings.NewReader(body))
		r.Header.Set("Content-Type", to.kind)
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return w
	}
	var table store.Data
	if w := send(3, "x,y\n1,a\n"); json.Unmarshal(w.Body.Bytes(), &table) != nil || table.SHA256 == "" {
		f.Fatal(w.Body)
	}
	job := fmt.Sprintf(`{"spec": "[data]\npath = \"t.csv\"\ntarget = \"y\"", "data": {"name": "t.csv", "sha256": %q}}`, table.SHA256)
	if w := send(0, job); w.Code != http.StatusAccepted {
		f.Fatal(w.Body)
	}
	f.Add(uint8(0), job)
	f.Add(uint8(0), `{"spec": "\u0000", "rules": "[[rule]]\nid = \"x\"", "data": {"rooted": "../../etc/passwd"}, "priority": 101, "seed": -9223372036854775808}`)
	f.Add(uint8(1), `{"priority": 3}`)
	f.Add(uint8(2), `{"pin": {"lr": "0.1\n[limits]"}, "who": "me"}`)
	f.Add(uint8(3), "\x1f\x8b\x08")
	f.Add(uint8(4), `{"x": {"y": 1}}`)
	f.Add(uint8(5), "--b\r\nContent-Disposition: form-data; name=\"table\"; filename=\"../x.csv\"\r\n\r\nx,y\n1,a\n\r\n--b\r\nContent-Disposition: form-data; name=\"data.target\"\r\n\r\ny\r\n--b--\r\n")
	f.Add(uint8(6), "data.target=y&file=t.csv&sha256=00&data.types=x%3Dnumeric")
	f.Add(uint8(7), "pin=lr%3D0.1&who=%00")
	f.Fuzz(func(t *testing.T, route uint8, body string) {
		w := send(int(route)%len(requests), body)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%v is answered with %d: %s", requests[int(route)%len(requests)], w.Code, w.Body)
		}
	})
}
