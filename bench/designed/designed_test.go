package designed

import (
	"path/filepath"
	"strings"
	"testing"

	"tuned/bench/sets"
	"tuned/trainer/data"
)

// TestDesigns holds that each table is what it is for: all combinations, each once, of two classes or more.
func TestDesigns(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir); err != nil {
		t.Fatal(err)
	}
	all, err := sets.Named(dir, "")
	if err != nil || len(all) != len(designs) {
		t.Fatalf("%d tables of %d, %v", len(all), len(designs), err)
	}
	for _, s := range all {
		d, err := data.Read(t.Context(), data.Spec{Path: filepath.Join(s.Folder, "data.csv.gz"), Target: s.Target, Holdout: 0.2}, t.TempDir(), nil)
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		scan, err := d.Scan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if scan.Facts["data.factorial"] != 1.0 || scan.Facts["data.classes"].(int64) < 2 {
			t.Errorf("%s: a share of %v of the design, %v classes", s.Name, scan.Facts["data.factorial"], scan.Facts["data.classes"])
		}
	}
}

// TestNoise holds that as many rows as are said have another class.
func TestNoise(t *testing.T) {
	for _, d := range designs {
		clean := d
		clean.noise = 0
		classes := map[string]string{}
		for _, row := range clean.rows() {
			classes[strings.Join(row[:len(row)-1], ",")] = row[len(row)-1]
		}
		wrong, rows := 0, d.rows()
		for _, row := range rows {
			if classes[strings.Join(row[:len(row)-1], ",")] != row[len(row)-1] {
				wrong++
			}
		}
		if share := float64(wrong) / float64(len(rows)); share < d.noise-0.03 || share > d.noise+0.03 {
			t.Errorf("%s: %.3f of the rows, want %.2f", d.name, share, d.noise)
		}
	}
}
