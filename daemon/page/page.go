// Package page is the daemon's page for people: the queue, each job with its decisions and curves as they are made, its
// report, and the buttons that a person needs. The server renders all of it; a small script asks for it again when
// something changed. It works without the script, without any network, on a phone, by keyboard and read aloud.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"tuned/daemon/api"
	"tuned/report"
)

// Open are the paths that anyone may see: the way to sign in, which comes first.
var Open = []string{"/login", "/assets/page.css", "/assets/login.js"}

//go:embed *.html page.css page.js login.js
var files embed.FS

var templates = template.Must(template.New("").Funcs(functions).ParseFS(files, "*.html"))

// Site serves the page.
type Site struct {
	api   *api.Server
	guard *api.Guard // of browsers; nil while there is no TCP
}

// policy lets the page load nothing but its own style and script.
const policy = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; " +
	"img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// New adds the page's routes to the API's server.
func New(s *api.Server) *Site {
	site := &Site{api: s}
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /{$}":                 site.home,
		"GET /new":                 site.blank,
		"POST /new":                site.create,
		"POST /new/columns":        site.columns,
		"GET /jobs/{id}":           site.job,
		"POST /jobs/{id}/predict":  site.predict,
		"GET /jobs/{id}/try":       site.job, // where an answer is looked at again, without what was asked
		"POST /jobs/{id}/try":      site.try,
		"POST /jobs/{id}/{action}": site.act,
		"GET /login":               site.door,
		"POST /login":              site.enter,
		"POST /logout":             site.leave,
	} {
		s.Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", policy)
			if err := handle(w, r); err != nil {
				site.fail(w, err)
			}
		}))
	}
	asset(s, "page.css", "text/css; charset=utf-8", report.Style())
	asset(s, "page.js", "text/javascript; charset=utf-8", "")
	asset(s, "login.js", "text/javascript; charset=utf-8", "")
	return site
}

// Guard tells the site who decides about browsers.
func (s *Site) Guard(g api.Guard) { s.guard = &g }

// asset serves an embedded file, behind something that comes before it.
func asset(s *api.Server, name, kind, before string) {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	text = append([]byte(before), text...)
	s.Handle("GET /assets/"+name, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(text)
	}))
}

// show renders a page as a whole before the first byte of it is sent.
func show(w http.ResponseWriter, status int, name string, data any) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
	return nil
}

// fail shows an error with its status.
func (s *Site) fail(w http.ResponseWriter, err error) {
	status := api.StatusOf(err)
	if show(w, status, "error.html", struct {
		Frame
		Title, Problem string
	}{s.frame("error"), http.StatusText(status), err.Error()}) != nil {
		http.Error(w, err.Error(), status)
	}
}

// Frame is what every page shares.
type Frame struct {
	Here     string // which of the menu's entries this is
	SignedIn bool   // and may sign out
}

func (s *Site) frame(here string) Frame { return Frame{here, s.guard != nil} }

// door shows the way in.
func (s *Site) door(w http.ResponseWriter, _ *http.Request) error {
	return show(w, http.StatusOK, "login.html", struct{ Wrong bool }{})
}

// enter compares the token, and gives the browser a session.
func (s *Site) enter(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if s.guard == nil || !s.guard.Matches(r.FormValue("token")) {
		return show(w, http.StatusUnauthorized, "login.html", struct{ Wrong bool }{true})
	}
	http.SetCookie(w, s.guard.Cookie())
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (s *Site) leave(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, &http.Cookie{Name: api.Session, Path: "/", MaxAge: -1})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
	return nil
}
