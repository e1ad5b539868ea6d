package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tuned/trainer/data/random"
)

// wideTable is 100,000 rows of 50 columns: 35 decimals, 8 integers, 6 categories and a target.
func wideTable(b *testing.B) string {
	r, k := random.New(0, 77, 0), uint64(0)
	draw := func() float64 { k++; return r.Uniform(k) }
	header := make([]string, 0, 50)
	for i := range 49 {
		header = append(header, fmt.Sprint("column", i))
	}
	return write(b, "wide.csv", rows(strings.Join(append(header, "y"), ","), 100_000, func(int) string {
		var line strings.Builder
		for i := range 49 {
			switch {
			case i < 35:
				fmt.Fprintf(&line, "%.6f,", 100*(draw()-0.5))
			case i < 43:
				fmt.Fprintf(&line, "%d,", int(1e4*draw()))
			default:
				fmt.Fprintf(&line, "level_%d,", int(draw()*float64(5+20*(i-43))))
			}
		}
		return line.String() + []string{"a", "b", "c"}[int(3*draw())]
	}))
}

// BenchmarkRead reads 100,000 rows of 50 columns into raw columns and splits them. Compare with
// pandas.read_csv of the same file.
func BenchmarkRead(b *testing.B) {
	path := wideTable(b)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for b.Loop() {
		d, err := Read(context.Background(), Spec{Path: path, Target: "y", Holdout: 0.2}, b.TempDir(), nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncode scans, fits and writes the view of the same table.
func BenchmarkEncode(b *testing.B) {
	d, err := Read(context.Background(), Spec{Path: wideTable(b), Target: "y", Holdout: 0.2}, b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Scan(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, kind := range []string{RobustSmoothClip, Quantile} {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				p, err := d.Fit(Transforms{Numeric: kind, OneHotMax: 9}, d.Train)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := d.View(p, b.TempDir()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkView writes the view of a few rows, as a run does several times.
func BenchmarkView(b *testing.B) {
	path := filepath.Join(b.TempDir(), "few.csv")
	if err := os.WriteFile(path, []byte(plants(1000)), 0o600); err != nil {
		b.Fatal(err)
	}
	d, err := Read(context.Background(), Spec{Path: path, Target: "kind", Holdout: 0.2}, b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	p, err := d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.View(p, b.TempDir()); err != nil {
			b.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkFormats reads 100,000 rows of 20 columns, of them 12 decimals, 4 integers, 3 categories and a target, from each form of a table.
func BenchmarkFormats(b *testing.B) {
	r, k := random.New(0, 78, 0), uint64(0)
	draw := func() float64 { k++; return r.Uniform(k) }
	var header []string
	for i := range 19 {
		header = append(header, fmt.Sprint("column", i))
	}
	text := rows(strings.Join(append(header, "y"), ","), 100_000, func(int) string {
		var line strings.Builder
		for i := range 19 {
			switch {
			case i < 12:
				fmt.Fprintf(&line, "%.6f,", 100*(draw()-0.5))
			case i < 16:
				fmt.Fprintf(&line, "%d,", int(1e4*draw()))
			default:
				fmt.Fprintf(&line, "level_%d,", int(draw()*float64(5+20*(i-16))))
			}
		}
		return line.String() + []string{"a", "b", "c"}[int(3*draw())]
	})
	for _, form := range []struct{ name, path string }{
		{"csv", write(b, "a.csv", text)}, {"jsonl", write(b, "a.jsonl", asLines(b, text))}, {"xlsx", streamedBook(b, text)},
	} {
		b.Run(form.name, func(b *testing.B) {
			for b.Loop() {
				d, err := Read(context.Background(), Spec{Path: form.path, Target: "y", Holdout: 0.2}, b.TempDir(), nil)
				if err != nil {
					b.Fatal(err)
				}
				if err := d.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
