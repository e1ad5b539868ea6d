package host

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tuned/trainer/model"
)

// architecture writes what an installation leaves: a record, and files in a directory that is closed for writing.
func architecture(t *testing.T, place, name, version string) {
	t.Helper()
	own := filepath.Join(place, files)
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(own, "main"), []byte(version), 0o500); err != nil {
		t.Fatal(err)
	}
	e := Entry{Manifest: model.Manifest{Name: name, Version: version}, Main: "main"}
	if err := errors.Join(e.write(place), os.Chmod(own, 0o500)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = removeReadOnly(place) })
}

// installed is a catalog in which so many directories stand, by their names, of architectures called echo.
func installed(t *testing.T, versions map[string]string) *Catalog {
	t.Helper()
	c := NewCatalog(t.TempDir(), nil, nil)
	for place, version := range versions {
		architecture(t, filepath.Join(c.dir, place), "echo", version)
	}
	return c
}

// stands are the names of all that is in the catalog's directory.
func stands(t *testing.T, c *Catalog) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func nothing(string) error { return nil }

// What a process leaves that was killed in the middle is put right by the next one.
func TestChangeRecoversWhatAKillLeft(t *testing.T) {
	tests := []struct {
		name string
		left map[string]string
		want string // the version that is installed; "": none
	}{
		{"while the first was put together", map[string]string{".install-1": "new"}, ""},
		{"while another was put together", map[string]string{"echo": "old", ".install-1": "new"}, "old"},
		{"between two renames", map[string]string{".install-1": "new", ".install-1.old": "old"}, "old"},
		{"behind both", map[string]string{"echo": "new", ".install-1.old": "old"}, "new"},
		{"behind an exchange", map[string]string{"echo": "new", ".install-1": "old"}, "new"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := installed(t, test.left)
			if err := c.change(t.Context(), nothing); err != nil {
				t.Fatal(err)
			}
			var want []string
			if test.want != "" {
				want = []string{"echo"}
			}
			if got := stands(t, c); !slices.Equal(got, want) {
				t.Errorf("there are %v, want %v", got, want)
			}
			if e, err := c.read("echo"); e.Version != test.want || (err == nil) != (test.want != "") {
				t.Errorf("read %q, %v", e.Version, err)
			}
		})
	}
}

// A change that fails leaves what was there, also on file systems that exchange nothing.
func TestAFailedChangeLeavesTheOlderOne(t *testing.T) {
	c, failed := installed(t, map[string]string{"echo": "old"}), errors.New("killed")
	err := c.change(t.Context(), func(place string) error {
		architecture(t, place, "echo", "new")
		if err := os.Rename(filepath.Join(c.dir, "echo"), place+oldSuffix); err != nil {
			t.Fatal(err)
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("the error is %v", err)
	}
	if e, err := c.read("echo"); err != nil || e.Version != "old" {
		t.Errorf("read %q, %v", e.Version, err)
	}
	if got := stands(t, c); !slices.Equal(got, []string{"echo"}) {
		t.Errorf("there are %v", got)
	}
}

func TestReplaceDir(t *testing.T) {
	for name, replace := range map[string]func(from, to string) error{"exchange": replaceDir, "in steps": replaceInSteps} {
		t.Run(name, func(t *testing.T) {
			c := installed(t, map[string]string{"echo": "old"})
			err := c.change(t.Context(), func(place string) error {
				architecture(t, place, "echo", "new")
				return replace(place, filepath.Join(c.dir, "echo"))
			})
			if err != nil {
				t.Fatal(err)
			}
			if e, err := c.read("echo"); err != nil || e.Version != "new" {
				t.Errorf("read %q, %v", e.Version, err)
			}
			if got := stands(t, c); !slices.Equal(got, []string{"echo"}) {
				t.Errorf("there are %v", got)
			}
		})
	}
}

// The older one goes to the new one's place, and never to a third.
func TestReplaceDirExchanges(t *testing.T) {
	c := installed(t, map[string]string{"echo": "old", "other": "new"})
	from, to := filepath.Join(c.dir, "other"), filepath.Join(c.dir, "echo")
	if err := exchange(from, to); err != nil {
		t.Fatal(err)
	}
	if e, err := readEntry(from); err != nil || e.Version != "old" {
		t.Errorf("%s has %q, %v", from, e.Version, err)
	}
	if e, err := readEntry(to); err != nil || e.Version != "new" {
		t.Errorf("%s has %q, %v", to, e.Version, err)
	}
}
