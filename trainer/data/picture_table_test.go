package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tuned/trainer/model"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// digits is a table of 2 × 3 pixels from 0 to 16, an id beside them.
func digits(n int, header string) string {
	return rows(header, n, func(i int) string {
		k := i % 2
		return fmt.Sprintf("%d,%d,%d,%d,%d,%d,%d,%s", 1000+i, 16*k, i%17, (3*i)%17, (5*i)%17, 8, 16-16*k, []string{"x", "y"}[k])
	})
}

const digitsHeader = "id,p1,p2,p3,p4,p5,p6,label"

func TestPixelsInColumns(t *testing.T) {
	s := Spec{Target: "label", Holdout: 0.2, ImageSize: []int{2, 3}, Ignore: []string{"id"}}
	d := read(t, digits(60, digitsHeader), s)
	if d.Picture == nil || d.Picture.Low != 0 || d.Picture.High != 16 || len(d.Picture.Pixels) != 6 || len(d.Columns) != 1 {
		t.Fatalf("got %+v, columns %v", d.Picture, d.Columns)
	}
	if got, want := pixelsOf(d)[6:12], []uint8{255, 16, 48, 80, 128, 0}; !slices.Equal(got, want) {
		t.Errorf("image 1 is %v, want %v", got, want)
	}
	facts := must(d.Scan(context.Background())).Facts
	if facts["data.kind"] != "image" || facts["image.width"] != int64(3) || facts["data.numeric"] != int64(0) {
		t.Errorf("facts: %v", facts)
	}
	p := must(d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train))
	v := must(d.View(p, t.TempDir()))
	if len(v.Inputs) != 1 || v.Inputs[0].Kind != model.Image {
		t.Errorf("inputs: %+v", v.Inputs)
	}
	other := "label,p6,p5,p4,p3,p2,p1"
	r, v, err := p.ReadView(context.Background(), write(t, "new.csv", other+"\ny,0,8,5,3,1,16\nz,0,8,5,3,1,99\n"), t.TempDir())
	if err != nil || r.Count != 2 || !slices.Equal(r.Labels, []int32{1, -1}) || v.Rows != 2 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestPixelsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		spec Spec
		want string
	}{
		"too many":  {digits(30, digitsHeader), Spec{ImageSize: []int{1, 3}}, "6 columns of numbers, where 1 × 3 pixels of 1 channels are 3"},
		"too few":   {digits(30, digitsHeader), Spec{ImageSize: []int{2, 3, 3}}, "are 18"},
		"a gap":     {strings.Replace(digits(30, digitsHeader), ",8,0,", ",,0,", 1), Spec{ImageSize: []int{2, 3}}, "row 2, column p5"},
		"no column": {digits(30, digitsHeader), Spec{ImageColumn: "file"}, `there is no column "file"`},
	} {
		c.spec.Target, c.spec.Holdout, c.spec.Ignore = "label", 0.2, []string{"id"}
		if _, err := tryRead(t, c.text, c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestPathsInAColumn(t *testing.T) {
	dir := t.TempDir()
	for i := range 40 {
		save(t, grey(4, 3, i), dir, "images", fmt.Sprintf("%d.png", i))
	}
	table := func(name string, n int) string {
		text := rows("file,age,place", n, func(i int) string { return fmt.Sprintf("images/%d.png,%d,%s", n-1-i, 20+i, []string{"a", "b"}[i%2]) })
		path := filepath.Join(dir, name)
		put(t, path, text)
		return path
	}
	s := Spec{Path: table("all.csv", 40), Target: "age", Holdout: 0.25, ImageColumn: "file", Slices: []string{"place"}}
	d := must(Read(context.Background(), s, t.TempDir(), nil))
	defer d.Close()
	if d.Task != model.Regression || d.Picture.Paths != "file" || pixelsOf(d)[0] != 39 || d.Values()[0] != 20 {
		t.Fatalf("got %+v of %s, %v", d.Picture, d.Task, pixelsOf(d)[:12])
	}
	if _, names, err := d.Slice("place"); err != nil || len(names) != 3 {
		t.Errorf("slices %v, %v", names, err)
	}
	p := must(d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train))
	r, v, err := p.ReadView(context.Background(), table("few.csv", 5), t.TempDir())
	if err != nil || r.Count != 5 || !strings.HasSuffix(r.Names[0], "4.png") || r.Values[4] != 24 || v.Rows != 5 {
		t.Errorf("got %+v, %v", r, err)
	}
	if files := must(Beside(context.Background(), s.Path, "", "file")); len(files) != 40 || files[0] != filepath.Join(dir, "images", "39.png") {
		t.Errorf("beside the table there are %v", files)
	}
	put(t, filepath.Join(dir, "lost.csv"), "file,age,place\nimages/0.png,1,a\nimages/x.png,2,b\n")
	if _, _, err := p.ReadView(context.Background(), filepath.Join(dir, "lost.csv"), t.TempDir()); err == nil || !strings.Contains(err.Error(), "no such file; paths in a table") {
		t.Errorf("a missing image: %v", err)
	}
	put(t, filepath.Join(dir, "gap.csv"), "file,age,place\nimages/0.png,1,a\n,2,b\n")
	if _, _, err := p.ReadView(context.Background(), filepath.Join(dir, "gap.csv"), t.TempDir()); err == nil || !strings.Contains(err.Error(), "row 2, column file") {
		t.Errorf("no path: %v", err)
	}
}
