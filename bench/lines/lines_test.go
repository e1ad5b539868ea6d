package lines

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

type result struct{ N int }

func (r result) Key() string { return strconv.Itoa(r.N) }

func TestATornLineIsCutOffAndTheRestGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	if err := os.WriteFile(path, []byte("{\"N\":1}\n{\"N\":2}\n{\"N\":"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open[result](path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Past, []result{{1}, {2}}) {
		t.Errorf("past = %v", f.Past)
	}
	if err := f.Append(result{3}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	all, err := Read[result](path)
	if err != nil || !slices.Equal(all, []result{{1}, {2}, {3}}) {
		t.Errorf("read back %v, %v", all, err)
	}
}

func TestWhatIsMissing(t *testing.T) {
	wanted := []int{3, 1, 2, 4}
	if got := Missing([]result{{1}, {4}}, wanted, strconv.Itoa); !slices.Equal(got, []int{3, 2}) || wanted[0] != 3 || wanted[1] != 1 {
		t.Errorf("missing %v of %v", got, wanted)
	}
}

func TestABrokenLineInTheMiddleIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	if err := os.WriteFile(path, []byte("{\"N\":1}\nnot json\n{\"N\":2}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open[result](path); err == nil {
		t.Error("a broken line was accepted")
	}
}
