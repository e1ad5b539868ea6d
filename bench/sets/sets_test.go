package sets

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"tuned/trainer/model"
)

// TestAnotherTarget: NAME:COLUMN predicts another column than the set's own target, of classes or of values.
func TestAnotherTarget(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "fruit"), 0o755); err != nil {
		t.Fatal(err)
	}
	described := "name = \"fruit\"\nmodality = \"tabular\"\ntask = \"classification\"\ntarget = \"kind\"\nn_classes = 3\ncategorical_columns = [\"colour\", \"size\"]\n"
	if err := os.WriteFile(filepath.Join(dir, "fruit", "source.toml"), []byte(described), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := Named(dir, "fruit, fruit:size, fruit:weight")
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	wants := []struct {
		name, target string
		task         model.Task
		types        map[string]string
	}{
		{"fruit-1", "kind", model.Classification, map[string]string{"colour": "categorical", "size": "categorical"}},
		{"fruit:size-1", "size", model.Classification, map[string]string{"colour": "categorical"}},
		{"fruit:weight-1", "weight", model.Regression, map[string]string{"colour": "categorical", "size": "categorical"}},
	}
	for i, want := range wants {
		j := all[i].Job(1, 0, nil)
		if j.Name != want.name || j.Data.Target != want.target || j.Data.Task != want.task || !maps.Equal(j.Data.Types, want.types) {
			t.Errorf("%s is %+v", j.Name, j.Data)
		}
		if path := filepath.Join(dir, "fruit", "data.csv.gz"); j.Data.Path != path {
			t.Errorf("%s reads %s, want %s", j.Name, j.Data.Path, path)
		}
	}
}
