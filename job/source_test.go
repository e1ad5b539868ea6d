package job

import (
	"path/filepath"
	"testing"
)

// TestIdentityOfImages: a run depends on the images that its table names, and on the labels beside images in IDX form, wherever they lie.
func TestIdentityOfImages(t *testing.T) {
	for name, c := range map[string]struct{ data, text, column, file string }{
		"a column of images": {"table.csv", "file,y\na.png,1\nb.png,2\n", "file", "b.png"},
		"labels":             {"images-idx3-ubyte", "pixels", "", "labels-idx1-ubyte"},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := t.TempDir(), t.TempDir()
			hash := func(dir, text string) string {
				write(t, filepath.Join(dir, c.data), c.text)
				write(t, filepath.Join(dir, c.file), text)
				hash, err := hashBeside(t.Context(), filepath.Join(dir, c.data), "", c.column)
				if err != nil {
					t.Fatal(err)
				}
				return hash
			}
			before := hash(first, "cat")
			if before == "" || before != hash(second, "cat") {
				t.Error("the same files elsewhere are others")
			}
			if before == hash(first, "dog") {
				t.Error("another file is the same")
			}
		})
	}
	table := filepath.Join(t.TempDir(), "table.csv")
	write(t, table, "x,y\n1,2\n")
	if hash, err := hashBeside(t.Context(), table, "", ""); hash != "" || err != nil {
		t.Errorf("beside a table there is %q, %v", hash, err)
	}
}
