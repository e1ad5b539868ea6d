package sets

import (
	"os"
	"path/filepath"
	"testing"

	"tuned/trainer/model"
)

// TestAnotherTarget: NAME:COLUMN predicts a column of numbers instead of the set's own target.
func TestAnotherTarget(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "fruit"), 0o755); err != nil {
		t.Fatal(err)
	}
	described := "name = \"fruit\"\nmodality = \"tabular\"\ntask = \"classification\"\ntarget = \"kind\"\nn_classes = 3\ncategorical_columns = [\"colour\", \"size\"]\n"
	if err := os.WriteFile(filepath.Join(dir, "fruit", "source.toml"), []byte(described), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := Named(dir, "fruit, fruit:size")
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	if j := all[0].Job(1, 0, nil); j.Data.Target != "kind" || j.Data.Task != model.Classification || len(j.Data.Types) != 2 {
		t.Errorf("as described: %+v", j.Data)
	}
	j := all[1].Job(1, 0, nil)
	if j.Data.Target != "size" || j.Data.Task != model.Regression || len(j.Data.Types) != 1 || j.Data.Types["colour"] == "" {
		t.Errorf("with another target: %+v", j.Data)
	}
	if want := filepath.Join(dir, "fruit", "data.csv.gz"); j.Data.Path != want || j.Name != "fruit:size-1" {
		t.Errorf("%s of %s, want %s", j.Name, j.Data.Path, want)
	}
}
