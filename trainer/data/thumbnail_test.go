package data

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"testing"
)

func TestThumbnailIsTheRowsImage(t *testing.T) {
	dir := t.TempDir()
	saveClasses(t, dir, 6, "cat", "dog")
	d := must(Read(context.Background(), Spec{Path: dir, Holdout: 0.2}, t.TempDir(), nil))
	defer d.Close()
	m, err := png.Decode(bytes.NewReader(must(d.Thumbnail(7))))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.At(2, 3), grey(4, 3, 107).At(2, 3); got != want {
		t.Errorf("the last pixel is %v, want %v", got, want)
	}
	table := read(t, rows("a,y", 30, func(i int) string { return fmt.Sprint(i, ",", i%2) }), Spec{Target: "y", Holdout: 0.2})
	if _, err := table.Thumbnail(0); err == nil {
		t.Error("a table's row has an image")
	}
}
