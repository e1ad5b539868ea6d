package designed

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

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

// TestCurves holds that what is added to a curve is noise of the size that is said, whatever its columns.
func TestCurves(t *testing.T) {
	dir := t.TempDir()
	if err := WriteCurves(dir); err != nil {
		t.Fatal(err)
	}
	if all, err := sets.Named(dir, ""); err != nil || len(all) != len(curves) {
		t.Fatalf("%d tables of %d, %v", len(all), len(curves), err)
	}
	for _, c := range curves {
		var noise []float64
		for _, row := range c.table()[1:] {
			x := make([]float64, c.columns)
			for i := range x {
				x[i] = number(t, row[i])
			}
			noise = append(noise, number(t, row[c.columns])-c.value(x))
		}
		if s := stat.StdDev(noise, nil); math.Abs(s-curveNoise) > 0.01 || math.Abs(stat.Mean(noise, nil)) > 0.015 {
			t.Errorf("%s: noise of %.3f, want %.3f", c.name, s, curveNoise)
		}
	}
}

func number(t *testing.T, cell string) float64 {
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestAlike holds that the columns of these tables say nearly the same, and that neither of two classes is rare.
func TestAlike(t *testing.T) {
	dir := t.TempDir()
	if err := WriteAlike(dir); err != nil {
		t.Fatal(err)
	}
	if all, err := sets.Named(dir, ""); err != nil || len(all) != len(alikes()) {
		t.Fatalf("%d tables of %d, %v", len(all), len(alikes()), err)
	}
	for _, a := range alikes() {
		table := a.table()
		columns := len(table[0]) - 1
		x, ones := mat.NewDense(alikeRows, columns, nil), 0.0
		for i, row := range table[1:] {
			for j := range columns {
				x.Set(i, j, number(t, row[j]))
			}
			ones += number(t, row[columns]) / alikeRows
		}
		var components stat.PC
		if !components.PrincipalComponents(x, nil) {
			t.Fatal("no components")
		}
		variances := components.VarsTo(nil)
		if share := variances[0] / floats.Sum(variances); share < 0.9 {
			t.Errorf("%s: the first component holds %.2f", a.name, share)
		}
		if a.classes && (ones < 0.25 || ones > 0.75) {
			t.Errorf("%s: %.2f of one class", a.name, ones)
		}
	}
}
