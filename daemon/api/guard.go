package api

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// Token is the secret that lets a client in over TCP. It never prints itself.
type Token struct{ secret string }

// String hides the secret.
func (Token) String() string { return "***" }

// MarshalText hides the secret.
func (Token) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Reveal gives the secret to whoever has to send it.
func (t Token) Reveal() string { return t.secret }

// TokenOf is the token with this secret.
func TokenOf(secret string) Token { return Token{strings.TrimSpace(secret)} }

// LoadToken reads the token in a file that only its owner can read, making one of 32 random bytes where there is none.
func LoadToken(path string) (Token, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		var b [32]byte
		rand.Read(b[:])
		text = []byte(hex.EncodeToString(b[:]) + "\n")
		err = renameio.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return Token{}, fmt.Errorf("token: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Token{}, fmt.Errorf("token: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Token{}, fmt.Errorf("token: others can read %s: close it with chmod 600", path)
	}
	t := TokenOf(string(text))
	if len(t.secret) < 32 {
		return Token{}, fmt.Errorf("token: %s holds too short a secret: remove it, and the next start makes a new one", path)
	}
	return t, nil
}

// Guard decides who gets in over TCP. Whoever is let in may do everything.
type Guard struct {
	Token Token
	Hosts []string // with ports, that requests may be addressed to: what rebinding DNS cannot forge
	TLS   bool
	// Open are paths that show nothing and change nothing: the way to sign in.
	Open []string
	Next http.Handler
}

// Session is the cookie of a browser that was let in.
const Session = "tuned_session"

// sessionTime is how long a browser stays signed in.
const sessionTime = 7 * 24 * time.Hour

// ServeHTTP lets a request through or refuses it.
func (g Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !slices.Contains(g.Hosts, strings.ToLower(r.Host)) {
		refuse(w, http.StatusMisdirectedRequest, "this name is not one that the daemon answers to")
		return
	}
	if foreign(r) {
		refuse(w, http.StatusForbidden, "a request from another site")
		return
	}
	if !g.opened(r) && !g.known(r) {
		g.turnAway(w, r)
		return
	}
	Local{g.Next}.ServeHTTP(w, r)
}

// foreign tells whether another site's page sends a request: one that changes something, or one whose answer its scripts
// would read. A link from elsewhere is neither, and is let through to the door.
func foreign(r *http.Request) bool {
	if http.NewCrossOriginProtection().Check(r) != nil {
		return true
	}
	origin := r.Header.Get("Origin")
	if site := r.Header.Get("Sec-Fetch-Site"); origin == "" || site == "same-origin" || site == "none" {
		return false // the browser says so, also where it hides the origin
	}
	u, err := url.Parse(origin)
	return err != nil || !strings.EqualFold(u.Host, r.Host)
}

// opened tells whether a path may be seen by anyone.
func (g Guard) opened(r *http.Request) bool { return slices.Contains(g.Open, r.URL.Path) }

// turnAway sends a browser to the door, and others home.
func (g Guard) turnAway(w http.ResponseWriter, r *http.Request) {
	if len(g.Open) > 0 && r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, g.Open[0], http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="tuned"`)
	refuse(w, http.StatusUnauthorized, "the token is missing or wrong")
}

// known tells whether a request carries the token, or a session made from it.
func (g Guard) known(r *http.Request) bool {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return g.Matches(bearer)
	}
	c, err := r.Cookie(Session)
	return err == nil && g.valid(c.Value, time.Now())
}

// Matches compares in a time that tells nothing.
func (g Guard) Matches(secret string) bool {
	a, b := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(g.Token.secret))
	return g.Token.secret != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// Cookie signs a browser in. It dies with the token.
func (g Guard) Cookie() *http.Cookie {
	until := time.Now().Add(sessionTime)
	return &http.Cookie{
		Name: Session, Value: g.seal(until.Unix()), Path: "/", Expires: until, HttpOnly: true, Secure: g.TLS, SameSite: http.SameSiteStrictMode,
	}
}

func (g Guard) seal(until int64) string {
	mac := hmac.New(sha256.New, []byte(g.Token.secret))
	fmt.Fprintf(mac, "session until %d", until)
	return fmt.Sprintf("%d.%x", until, mac.Sum(nil))
}

func (g Guard) valid(cookie string, now time.Time) bool {
	text, _, _ := strings.Cut(cookie, ".")
	until, err := strconv.ParseInt(text, 10, 64)
	return err == nil && now.Unix() < until && subtle.ConstantTimeCompare([]byte(cookie), []byte(g.seal(until))) == 1
}

// Local is what holds for every request, also one over the unix socket, whose file's mode decides who gets in.
type Local struct{ Next http.Handler }

// simpleTypes are what a page of another site could send unasked.
var simpleTypes = []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}

// ServeHTTP adds the headers that keep an answer harmless, and refuses bodies of a kind that the API does not take.
func (l Local) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what cannot be read is ""
	if strings.HasPrefix(r.URL.Path, "/v1/") && r.ContentLength != 0 && slices.Contains(simpleTypes, kind) {
		refuse(w, http.StatusUnsupportedMediaType, "send application/json, or a table as text/csv or application/octet-stream")
		return
	}
	l.Next.ServeHTTP(w, r)
}

// refuse answers with a problem of RFC 9457.
func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	fmt.Fprintf(w, "{\"title\":%q,\"status\":%d,\"detail\":%q}\n", http.StatusText(status), status, detail)
}
