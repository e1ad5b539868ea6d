package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"tuned/job"
	"tuned/plugins/host"
)

//go:embed scaffold
var scaffolds embed.FS

const newHelp = `Makes the directory NAME with an architecture that runs: a program, and the rules that decide its settings. It is Go,
built against the source of this tuned (TUNED_SOURCE says where that is, if it moved), or with --python a PyTorch module.`

func newScaffold(s streams) *cobra.Command {
	var python bool
	c := &cobra.Command{
		Use: "new NAME", Short: "Begin an architecture: a directory with one that runs", Long: newHelp,
		Example: "  tuned plugins new mynet --python\n  tuned plugins check ./mynet",
		Args:    args(cobra.ExactArgs(1)),
		RunE:    func(_ *cobra.Command, given []string) error { return scaffold(s, given[0], python) },
	}
	c.Flags().BoolVar(&python, "python", false, "in Python, on PyTorch")
	return c
}

func scaffold(s streams, name string, python bool) error {
	known, err := catalog()
	if err != nil {
		return err
	}
	if err := checkNew(known, name); err != nil {
		return err
	}
	content, err := scaffoldFiles(name, python)
	if err != nil {
		return err
	}
	if err := writeNew(name, content); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "made %s: its network is in %s\nnext:\n  tuned plugins check ./%s\n  tuned plugins install ./%s\n",
		name, filepath.Join(name, mainFile(python)), name, name)
	return err
}

func mainFile(python bool) string {
	if python {
		return "main.py"
	}
	return "main.go"
}

// newName is stricter than what an architecture may be called: rules read its settings as NAME.width, in expressions.
var newName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

func checkNew(known *host.Catalog, name string) error {
	if !newName.MatchString(name) {
		return &job.Error{Problem: fmt.Sprintf("%q is no name for an architecture", name), Hint: "use a-z, 0-9 and _, a letter first"}
	}
	if slices.Contains(known.Names(), name) {
		return &job.Error{Problem: fmt.Sprintf("an architecture %s is there already", name), Hint: "choose another name"}
	}
	return nil
}

// scaffoldFiles gives the new files by name.
func scaffoldFiles(name string, python bool) (map[string][]byte, error) {
	templates := map[string]string{"rules.toml": "scaffold/rules.toml.tmpl", "main.go": "scaffold/go/main.go.tmpl"}
	if python {
		templates = map[string]string{"rules.toml": "scaffold/rules.toml.tmpl", "main.py": "scaffold/python/main.py.tmpl"}
	}
	files := map[string][]byte{}
	for file, path := range templates {
		t, err := template.ParseFS(scaffolds, path)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		if err := t.Execute(&text, struct{ Name string }{name}); err != nil {
			return nil, err
		}
		files[file] = text.Bytes()
	}
	if python {
		return files, nil
	}
	return files, addModule(files, name)
}

// addModule adds a go.mod with what the checkout requires, so that a build asks no one for anything, and its go.sum.
func addModule(files map[string][]byte, name string) error {
	source, err := checkout()
	if err != nil {
		return err
	}
	theirs, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return err
	}
	if files["go.sum"], err = os.ReadFile(filepath.Join(source, "go.sum")); err != nil {
		return err
	}
	version := goDirective.Find(theirs)
	required := strings.Join(requireBlocks.FindAllString(string(theirs), -1), "\n")
	files["go.mod"] = fmt.Appendf(nil, "module %s\n\n%s\n\nrequire tuned v0.0.0\n\nreplace tuned => %s\n\n%s", name, version, source, required)
	return nil
}

var (
	goDirective   = regexp.MustCompile(`(?m)^go .*$`)
	requireBlocks = regexp.MustCompile(`(?ms)^require \(\n.*?^\)\n`)
)

// checkout is where tuned's source is: TUNED_SOURCE, or where this executable was built.
func checkout() (string, error) {
	source := os.Getenv("TUNED_SOURCE")
	if source == "" {
		_, file, _, _ := runtime.Caller(0) // DIR/cmd/tuned/scaffold.go, unless paths were trimmed
		source = filepath.Dir(filepath.Dir(filepath.Dir(file)))
	}
	mod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil || !bytes.HasPrefix(mod, []byte("module tuned\n")) || !filepath.IsAbs(source) {
		return "", &job.Error{
			Problem: fmt.Sprintf("tuned's source is not at %q", source), Hint: "set TUNED_SOURCE to the absolute path of its checkout",
		}
	}
	return source, nil
}

// writeNew writes files into a directory that must not be there yet.
func writeNew(dir string, files map[string][]byte) error {
	if err := os.Mkdir(dir, 0o755); errors.Is(err, fs.ErrExist) {
		return &job.Error{Path: dir, Problem: "there is something of that name already", Hint: "choose another name, or remove it"}
	} else if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return errors.Join(err, os.RemoveAll(dir))
		}
	}
	return nil
}
