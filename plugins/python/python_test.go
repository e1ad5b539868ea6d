package python_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tuned/plugins/host"
	"tuned/plugins/plugintest"
	"tuned/plugins/python"
	"tuned/trainer/model"
	"tuned/trainer/nn/session/safetensors"
)

func TestMain(m *testing.M) {
	host.Main(func(string) (model.Architecture, bool) { return nil, false })
	if err := findPython(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

var errNoPython = errors.New("the tests of tuned_plugin need PyTorch, grpcio and protobuf for Python: " +
	"apt-get install python3-torch python3-grpcio python3-protobuf (TUNED_PYTHON names another interpreter)")

// findPython sets TUNED_PYTHON to an interpreter that has what tuned_plugin imports.
func findPython() error {
	for _, path := range []string{os.Getenv("TUNED_PYTHON"), "python3", "/usr/bin/python3"} {
		if path != "" && exec.Command(path, "-I", "-c", "import torch, grpc, google.protobuf, numpy").Run() == nil {
			return os.Setenv("TUNED_PYTHON", path)
		}
	}
	return errNoPython
}

// launchable gives the program of an architecture's directory, with the package as the executable carries it.
func launchable(t testing.TB, dir string) host.Program {
	t.Helper()
	library, err := python.Library(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := host.NewCatalog(t.TempDir(), nil, nil)
	c.PythonLibrary = library
	p, done, err := c.Program(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	return p
}

// settings are those that the rules of torch choose, for a narrower network.
func settings() model.Settings {
	return model.Settings{
		"torch.width": int64(32), "torch.depth": int64(2), "torch.activation": "selu", "torch.embedding": "pbld",
		"torch.frequencies": int64(16), "torch.embedding_size": int64(4), "torch.sigma": 0.1, "torch.category_size": int64(8),
		"torch.parametric_activation": true, "torch.front_scale": true, "torch.scale_lr_factor": 6.0, "torch.bias_lr_factor": 0.1,
		"torch.embedding_lr_factor": 0.1, "torch.activation_lr_factor": 0.1, "torch.channels": int64(4), "torch.precision": "fp32",
	}
}

var full = flag.Bool("full", false, "run the whole conformance suite for both tasks: about a hundred processes that import PyTorch")

// taskful are the checks that a task makes different; the others are made for one task.
var taskful = regexp.MustCompile(`/(outputs|learns|averages|no-update|keep-use)$`)

// wanted: each launch takes a second or more for PyTorch's import, so what regression shares with classification is checked once,
// and the choices of settings, a launch for each, in one process: see tests/test_torch.py.
func wanted(check string) bool {
	if *full {
		return true
	}
	return !strings.HasSuffix(check, "/settings") && (!strings.HasPrefix(check, string(model.Regression)) || taskful.MatchString(check))
}

// workers are how many parts of the suite run side by side.
const workers = 2

// TestConformance: torch, with numbers, categories and pictures at once, is an architecture like the built-in ones.
func TestConformance(t *testing.T) {
	p := launchable(t, "torch")
	for worker := range workers {
		t.Run(fmt.Sprintf("part%d", worker+1), func(t *testing.T) {
			t.Parallel()
			suite, err := plugintest.Open(t.Context(), p, plugintest.Options{Settings: settings(), Timeout: 10 * time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			defer suite.Close()
			for i, c := range suite.Checks {
				if i%workers != worker || !wanted(c.Name) {
					continue
				}
				t.Run(c.Name, func(t *testing.T) {
					if err := c.Run(t.Context()); err != nil {
						t.Errorf("an architecture must: %s\n%v", c.What, err)
					}
				})
			}
		})
	}
}

// TestFilesAreSafetensors: what the package writes, the engine's own strict reader opens.
func TestFilesAreSafetensors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "written")
	script := "import numpy, sys; from tuned_plugin import safetensors as s; " +
		"s.write(sys.argv[1], [('raw/w', numpy.arange(6, dtype='f4').reshape(2, 3)), ('raw/é', numpy.ones(1, 'f4'))], {'kind': 'export'})"
	if out, err := exec.Command(os.Getenv("TUNED_PYTHON"), "-B", "-c", script, path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors) != 2 || f.Metadata["kind"] != "export" || f.Tensors[1].Name != "raw/é" {
		t.Fatalf("got %+v", f)
	}
	if w := f.Tensors[0]; !slices.Equal(w.Shape, []int{2, 3}) || !slices.Equal(w.Data, []float32{0, 1, 2, 3, 4, 5}) {
		t.Errorf("got %+v", w)
	}
}

// TestPython runs the package's own tests.
func TestPython(t *testing.T) {
	cmd := exec.Command(os.Getenv("TUNED_PYTHON"), "-B", "-m", "unittest", "discover", "-s", "tests", "-t", ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLibraryIsUnpackedOnceAndMended(t *testing.T) {
	dir := t.TempDir()
	place, err := python.Library(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(place, python.Name, "serve.py")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, whole[:10], 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := python.Library(dir)
	if err != nil || again != place {
		t.Errorf("got %s, %v; want %s", again, err, place)
	}
	if mended, err := os.ReadFile(file); err != nil || len(mended) != len(whole) {
		t.Errorf("serve.py has %d bytes of %d: %v", len(mended), len(whole), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d entries are left in the directory, want 1", len(entries))
	}
}

// The absolute loss is one, on both sides of the process boundary.
func TestTheAbsoluteLossIsTheHosts(t *testing.T) {
	text, err := os.ReadFile("tuned_plugin/session.py")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("\nABSOLUTE_WIDTH = %v\n", model.AbsoluteWidth); !strings.Contains(string(text), want) {
		t.Errorf("session.py has no line %q", want)
	}
}
