package tuned_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// listed is what `go list -json` tells of a package.
type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// list returns the module's packages, those that only tests or tools see included.
func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

// place is a row of the table in docs/architecture.md: the packages at a place, and what of ours they may import.
type place struct {
	name string
	may  []string
}

// places reads the table of packages out of docs/architecture.md, so that the page and the code cannot drift apart.
func places(t *testing.T) []place {
	t.Helper()
	page, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| (`[^|]+) \\|[^|]*\\| ([^|]+) \\|$")
	quoted := regexp.MustCompile("`([a-z0-9_./]+)`")
	var all []place
	for _, m := range row.FindAllStringSubmatch(section(string(page), "## Packages"), -1) {
		for _, name := range quoted.FindAllStringSubmatch(m[1], -1) {
			all = append(all, place{name[1], strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' || r == '`' })})
		}
	}
	if len(all) < 10 {
		t.Fatalf("docs/architecture.md: found only %d places in the table of packages", len(all))
	}
	return all
}

// section returns the text below a heading, up to the next one.
func section(page, heading string) string {
	_, rest, _ := strings.Cut(page, heading+"\n")
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}

// at finds the most specific place that holds a package.
func at(all []place, pkg string) (place, bool) {
	var best place
	for _, p := range all {
		if covers(p.name, pkg) && len(p.name) > len(best.name) {
			best = p
		}
	}
	return best, best.name != ""
}

// covers tells whether a package is at a place: the place itself, or below it.
func covers(name, pkg string) bool {
	return pkg == name || strings.HasPrefix(pkg, name+"/")
}

// allowed tells whether a place may import a package of ours.
func (p place) allowed(all []place, pkg string) bool {
	if covers(p.name, pkg) || slices.Contains(p.may, "all") {
		return true
	}
	target, ok := at(all, pkg)
	return ok && slices.Contains(p.may, target.name)
}

func TestImportsFollowTheArchitecturePage(t *testing.T) {
	all := places(t)
	for _, pkg := range list(t) {
		path := strings.TrimPrefix(pkg.ImportPath, "tuned/")
		if path == "tuned" {
			continue
		}
		from, ok := at(all, path)
		if !ok {
			t.Errorf("%s has no row in docs/architecture.md", path)
			continue
		}
		for _, imported := range pkg.Imports {
			if ours, ok := strings.CutPrefix(imported, "tuned/"); ok && !from.allowed(all, ours) {
				t.Errorf("%s imports %s, which docs/architecture.md does not allow", path, ours)
			}
		}
	}
}

func TestOnlyPluginPackagesSeeTheWire(t *testing.T) {
	may := []string{"plugins", "plugins/host", "plugins/plugintest", "plugins/protocol"}
	for _, pkg := range list(t) {
		path := strings.TrimPrefix(pkg.ImportPath, "tuned/")
		for _, imported := range pkg.Imports {
			wire := strings.HasPrefix(imported, "google.golang.org/grpc") || strings.HasPrefix(imported, "github.com/hashicorp/go-plugin")
			if wire && !slices.ContainsFunc(may, func(name string) bool { return path == name || name != "plugins" && covers(name, path) }) {
				t.Errorf("%s imports %s: only %s may", path, imported, strings.Join(may, ", "))
			}
		}
	}
}

func TestHeuristicsAndWordsArePure(t *testing.T) {
	forbidden := []string{"os", "os/exec", "net", "net/http", "math/rand", "math/rand/v2", "crypto/rand", "io/fs", "io/ioutil", "syscall", "sync"}
	for _, pkg := range list(t) {
		if !slices.Contains([]string{"tuned/heuristics", "tuned/words"}, pkg.ImportPath) {
			continue
		}
		for _, imported := range pkg.Imports {
			if slices.Contains(forbidden, imported) {
				t.Errorf("%s imports %s: it must stay a function of its arguments", pkg.ImportPath, imported)
			}
		}
	}
}
