// Package page is the daemon's page for people.
package page

import (
	"tuned/daemon/api"
)

// Open are the paths that anyone may see: the way to sign in.
var Open = []string{"/login", "/assets/page.css", "/assets/login.js"}

// Site serves the page.
type Site struct {
	api   *api.Server
	guard *api.Guard
}

// New adds the page's routes to the API's server.
func New(s *api.Server) *Site { return &Site{api: s} }

// Guard tells the site who decides about browsers.
func (s *Site) Guard(g api.Guard) { s.guard = &g }
