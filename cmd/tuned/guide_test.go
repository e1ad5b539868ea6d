package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// fence is a block of code in a page: its language and its text.
var fence = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// TestGuide runs every command of docs/plugins.md, from scaffold to predictions, and holds the code that it shows against the
// files that these commands made.
func TestGuide(t *testing.T) {
	page, err := os.ReadFile("../../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := clone(t)
	t.Setenv("TUNED_HOME", filepath.Join(dir, "home"))
	t.Setenv("TUNED_PYTHON", pythonWithTorch(t))
	for _, block := range fence.FindAllStringSubmatch(string(page), -1) {
		switch language, text := block[1], block[2]; language {
		case "sh":
			guideCommand(t, dir, text)
		case "python":
			guideCode(t, filepath.Join(dir, "pynet", "main.py"), text)
		case "go":
			guideCode(t, filepath.Join(dir, "gonet", "main.go"), text)
		default:
			t.Errorf("a block in %s is neither run nor compared", language)
		}
	}
	guideLines(t, string(page), `(\d+) lines in Python`, filepath.Join(dir, "pynet", "main.py"))
	guideLines(t, string(page), `(\d+) in Go`, filepath.Join(dir, "gonet", "main.go"))
}

// clone is a directory in which a clone's examples are.
func clone(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(examples, filepath.Join(dir, "examples")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// pythonWithTorch is an interpreter that has what architectures in Python need.
func pythonWithTorch(t *testing.T) string {
	t.Helper()
	for _, path := range []string{os.Getenv("TUNED_PYTHON"), "python3", "/usr/bin/python3"} {
		if path != "" && exec.Command(path, "-I", "-c", "import torch, grpc, google.protobuf, numpy").Run() == nil {
			return path
		}
	}
	t.Fatal("no PyTorch here: apt-get install python3-torch python3-grpcio python3-protobuf (TUNED_PYTHON names another interpreter)")
	return ""
}

func guideCommand(t *testing.T, dir, text string) {
	t.Helper()
	cmd := exec.Command("bash", "-euc", text)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", text, err, out)
	}
}

func guideCode(t *testing.T, path, text string) {
	t.Helper()
	made, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(made), text) {
		t.Errorf("the guide shows what %s does not hold:\n%s", filepath.Base(path), text)
	}
}

// guideLines compares the number of lines that the guide says an author writes.
func guideLines(t *testing.T, page, claim, path string) {
	t.Helper()
	found := regexp.MustCompile(claim).FindStringSubmatch(page)
	code, err := os.ReadFile(path)
	if found == nil || err != nil {
		t.Fatalf("no claim like %q, or no file: %v", claim, err)
	}
	lines := 0
	for line := range strings.Lines(string(code)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "//") && !strings.HasPrefix(line, `"""`) && !strings.HasPrefix(line, "#") {
			lines++
		}
	}
	if found[1] != strconv.Itoa(lines) {
		t.Errorf("the guide says %s, and %s has %d", found[0], filepath.Base(path), lines)
	}
}
