package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// everyKind is a table with a column of each type, and its preprocess with each encoding, as a run writes it.
func everyKind(t testing.TB, numeric, target string) (table, preprocess string) {
	t.Helper()
	table = rows("n,price,on,sign,few,many,gap,words,class,value", 80, func(i int) string {
		gap := ""
		if i%3 == 0 {
			gap = "there"
		}
		return fmt.Sprintf("%d.5,$%d,2024-%02d-%02d,%c,%c,m%d,%s,the %dth of some words that say n%d and %c,%c,%d", i%17, i*7%90, 1+i%12, 1+i%28, "ab"[i%2], "uvw"[i%3], i%20, gap, i, i*i%31/8, "xy"[i/3%2], "xy"[i/3%2], i*i%31)
	})
	d := read(t, table, Spec{Target: target, Holdout: 0.2, Types: map[string]string{"words": "text"}})
	p := must(d.Fit(Transforms{Numeric: numeric, OneHotMax: 9, TextTerms: 50, TextPieces: 50, TextL2: 1}, d.Train))
	path := filepath.Join(t.TempDir(), "preprocess.json")
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	return table, string(must(os.ReadFile(path)))
}

// FuzzPreprocess: whatever a preprocess.json holds, it is refused or encodes a table; it never brings the program down.
func FuzzPreprocess(f *testing.F) {
	table, text := everyKind(f, RobustSmoothClip, "class")
	f.Add(text)
	_, other := everyKind(f, Quantile, "value")
	f.Add(other)
	f.Add(`{"version": 2, "task": "classification", "classes": ["a"], "features": [{"name": "few", "type": "categorical", "encoding": "sign", "levels": ["u"]}]}`)
	f.Add(`{"version": 2, "task": "regression", "picture": {"height": 1, "width": 2, "channels": 1, "mean": [0], "std": [1], "pixels": ["n", "gap"], "high": 9}}`)
	path := write(f, "t.csv", table)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := LoadPreprocess(write(t, "preprocess.json", text))
		if err != nil {
			return
		}
		if _, _, err := p.ReadView(context.Background(), path, t.TempDir()); err == nil {
			for i := range p.Features {
				p.Features[i].Cell("12.5")
				p.Features[i].Write(12.5)
			}
		}
	})
}

// TestDamagedPreprocess: what lacks something that its encoding needs is refused, with the column.
func TestDamagedPreprocess(t *testing.T) {
	_, text := everyKind(t, Quantile, "value")
	if _, err := LoadPreprocess(write(t, "p.json", text)); err != nil {
		t.Fatal(err)
	}
	for old, new := range map[string]string{
		`"encoding": "sign"`:     `"encoding": "scaled"`,
		`"encoding": "one-hot"`:  `"encoding": "hot"`,
		`"type": "date"`:         `"type": "day"`,
		`"name": "weekday"`:      `"name": "moon"`,
		`"values": [`:            `"were": [`,
		`"scale": {`:             `"scale": null, "was": {`,
		`"text": {`:              `"was": {`,
		`"encoding": "calendar"`: `"encoding": "calendar", "type": "numeric"`,
		`"version": 2`:           `"version": 3`,
		`"version": 2,`:          `"version": 2, "picture": {"height": 4294967296, "width": 4294967296, "channels": 1},`,
		`"encoding": "presence"`: `"encoding": "codes"`,
		`"features": [`:          `"features": [{},`,
		`"transforms": {`:        `"transforms": [{`,
	} {
		damaged := strings.Replace(text, old, new, 1)
		if damaged == text {
			t.Errorf("there is no %s in %s", old, text)
		}
		if _, err := LoadPreprocess(write(t, "p.json", damaged)); err == nil {
			t.Errorf("%s for %s is taken", new, old)
		}
	}
}
