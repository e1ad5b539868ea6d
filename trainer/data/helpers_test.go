package data

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"tuned/trainer/data/random"
)

// write puts a file into a fresh directory and returns its path.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read reads a CSV text by a spec whose path is filled in.
func read(t testing.TB, text string, s Spec) *Dataset {
	t.Helper()
	d, err := tryRead(t, text, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tryRead(t testing.TB, text string, s Spec) (*Dataset, error) {
	t.Helper()
	if s.Path == "" {
		s.Path = write(t, "data.csv", text)
	}
	d, err := Read(context.Background(), s, t.TempDir(), nil)
	if err == nil {
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return d, err
}

// rows writes a CSV of n rows below a header.
func rows(header string, n int, row func(i int) string) string {
	var b strings.Builder
	b.WriteString(header + "\n")
	for i := range n {
		b.WriteString(row(i) + "\n")
	}
	return b.String()
}

// plants is a table with columns of most kinds.
func plants(n int) string {
	r := random.New(1, 99, 0)
	colours := []string{"red", "green", "blue", "", "white"}
	return rows("height,leaves,colour,site,alive,seen,kind", n, func(i int) string {
		k := uint64(i) * 8
		height := fmt.Sprintf("%.3f", 100*r.Uniform(k))
		if r.Below(k+1, 10) == 0 {
			height = "NA"
		}
		return fmt.Sprintf("%s,%d,%s,site_%d,%t,2024-%02d-%02d %02d:00:00,%s", height, r.Below(k+2, 9), colours[r.Below(k+3, 5)],
			r.Below(k+4, 30), r.Below(k+5, 2) == 0, 1+r.Below(k+6, 12), 1+r.Below(k+7, 28), r.Below(k+1, 24),
			[]string{"herb", "shrub", "tree"}[i%3])
	})
}

// compress packs a text as gzip ("gz") or zstd ("zst").
func compress(t testing.TB, how, text string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if how == "zst" {
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = z
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
