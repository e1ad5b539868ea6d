package session

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tuned/trainer/model"
	"tuned/trainer/model/modeltest"
	"tuned/trainer/nn/session/safetensors"
	"tuned/trainer/npy"
)

func save(t *testing.T, s *Session) model.File {
	t.Helper()
	f, err := s.Save(t.Context(), filepath.Join(t.TempDir(), "state.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestALoadedSessionGoesOnAsTheSavedOne(t *testing.T) {
	a, p := open(t, 0)
	submit(t, a, stepBy(1), model.Keep{Name: "best"}, stepBy(2), model.Keep{Name: "cycle"}, stepBy(0.1))
	file := save(t, a)
	b, q := open(t, 0)
	submit(t, b, model.Keep{Name: "older"}, stepBy(7))
	if err := b.Load(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	again := save(t, b)
	if again.SHA256 != file.SHA256 || again.Length != file.Length {
		t.Errorf("saved again: %+v, %+v", file, again)
	}
	for _, s := range []*Session{a, b} {
		submit(t, s, stepBy(0.3), model.Use{Name: "best"}, stepBy(0.7))
	}
	if !slices.Equal(p.weights, q.weights) || !slices.Equal(p.average, q.average) || p.steps != q.steps {
		t.Errorf("%v and %v after loading", p, q)
	}
}

func TestExportedMembersPredictUnderTheirNames(t *testing.T) {
	a, _ := open(t, 0)
	submit(t, a, stepBy(1), model.Keep{Name: "cycle"}, stepBy(2))
	members := []model.Weights{"kept:cycle/average:0.5", "average:0.5", "average:0.5"}
	submit(t, a, model.Evaluate{Weights: members, Recalibrate: []int32{0}})
	want := predict(t, a, members...)
	file, err := a.Export(t.Context(), filepath.Join(t.TempDir(), "model.safetensors"), members)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := open(t, 0)
	if err := b.Load(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if got := predict(t, b, members...); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, op := range []model.Op{model.Evaluate{}, stepBy(1), model.Keep{Name: "x"}, model.Use{Name: "cycle"}} {
		if _, err := b.Submit(t.Context(), op).Wait(t.Context()); !errors.Is(err, model.ErrInvalid) {
			t.Errorf("%T of an export: %v", op, err)
		}
	}
	if err := b.Load(t.Context(), save(t, a)); err != nil {
		t.Fatal(err)
	}
	submit(t, b, stepBy(1))
}

func TestExportNamesTensorsByMember(t *testing.T) {
	s, _ := open(t, 0)
	submit(t, s, model.Keep{Name: "k"})
	file, err := s.Export(t.Context(), filepath.Join(t.TempDir(), "m.safetensors"), []model.Weights{"raw", "kept:k"})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := safetensors.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tensor := range parsed.Tensors {
		names = append(names, tensor.Name)
	}
	want := []string{"raw/a", "raw/b", "raw/mean", "kept:k/a", "kept:k/b", "kept:k/mean"}
	if !slices.Equal(names, want) || parsed.Metadata["members"] != `["raw","kept:k"]` {
		t.Errorf("got %v, %v", names, parsed.Metadata)
	}
}

func TestEveryDamageIsFound(t *testing.T) {
	s, p := open(t, 0)
	submit(t, s, stepBy(1), model.Keep{Name: "k"})
	file := save(t, s)
	good, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, content []byte) {
		t.Helper()
		if err := os.WriteFile(file.Path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		before := slices.Clone(p.weights)
		if err := s.Load(t.Context(), file); !errors.Is(err, model.ErrCorrupt) {
			t.Errorf("%s: %v", what, err)
		}
		if !slices.Equal(before, p.weights) {
			t.Errorf("%s: the weights changed", what)
		}
	}
	for at := 0; at < len(good); at += max(len(good)/100, 1) {
		flipped := bytes.Clone(good)
		flipped[at] ^= 1
		check("flipped bit", flipped)
		check("truncated", good[:at])
	}
	if err := os.Remove(file.Path); err != nil {
		t.Fatal(err)
	}
	if err := s.Load(t.Context(), file); !errors.Is(err, model.ErrCorrupt) {
		t.Errorf("missing: %v", err)
	}
}

// A file whose checksum is right may still be no session's, or another network's.
func TestForeignFilesAreRefused(t *testing.T) {
	s, _ := open(t, 0)
	saved := s.saved()
	tests := map[string]func(f *safetensors.File){
		"kind":      func(f *safetensors.File) { f.Metadata["kind"] = "other" },
		"format":    func(f *safetensors.File) { delete(f.Metadata, "format") },
		"version":   func(f *safetensors.File) { f.Metadata["version"] = "99" },
		"snapshots": func(f *safetensors.File) { f.Metadata["kept"] = "?" },
		"too few":   func(f *safetensors.File) { f.Metadata["kept"] = `[{"name":"a"}]` },
		"step":      func(f *safetensors.File) { f.Metadata["step"] = "x" },
		"a tensor more": func(f *safetensors.File) {
			f.Tensors = append(f.Tensors, safetensors.Tensor{Name: "x", Shape: []int{0}})
		},
		"a tensor less": func(f *safetensors.File) { f.Tensors = f.Tensors[1:] },
		"shape":         func(f *safetensors.File) { f.Tensors[0].Shape = []int{1, 1} },
		"name":          func(f *safetensors.File) { f.Tensors[0].Name = "state/z" },
		"no members":    func(f *safetensors.File) { f.Metadata["kind"] = kindExport },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			f := safetensors.File{Tensors: slices.Clone(saved.Tensors), Metadata: map[string]string{}}
			for k, v := range saved.Metadata {
				f.Metadata[k] = v
			}
			change(&f)
			file, err := writeFile(filepath.Join(t.TempDir(), "f"), f)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Load(t.Context(), file); !errors.Is(err, model.ErrCorrupt) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestUnwritablePlaces(t *testing.T) {
	s, _ := open(t, 0)
	path := filepath.Join(t.TempDir(), "missing", "f")
	if _, err := s.Save(t.Context(), path); err == nil {
		t.Error("saved")
	}
	if _, err := s.Export(t.Context(), path, nil); err == nil {
		t.Error("exported")
	}
	if _, err := s.Submit(t.Context(), model.Evaluate{Out: path}).Wait(t.Context()); err == nil {
		t.Error("evaluated")
	}
}

func TestViewsAreChecked(t *testing.T) {
	floats, codes := []float32{1, 2, 3}, []int32{0, 1, 2}
	numeric := model.Input{Kind: model.Numeric, File: "x.npy", Columns: 1}
	categorical := model.Input{Kind: model.Categorical, File: "c.npy", Cardinalities: []int{3}}
	tests := map[string]struct {
		view model.View
		want error
	}{
		"good":            {model.View{Rows: 3, Task: model.Classification, Classes: 3, Inputs: []model.Input{numeric, categorical}, Target: &model.Target{File: "t.npy"}}, nil},
		"task":            {model.View{Rows: 3, Task: "guess"}, model.ErrCorrupt},
		"one class":       {model.View{Rows: 3, Task: model.Classification, Classes: 1}, model.ErrCorrupt},
		"labels":          {model.View{Rows: 3, Task: model.Classification, Classes: 2, Target: &model.Target{File: "t.npy"}}, model.ErrCorrupt},
		"codes":           {model.View{Rows: 3, Task: model.Regression, Inputs: []model.Input{{Kind: model.Categorical, File: "c.npy", Cardinalities: []int{2}}}}, model.ErrCorrupt},
		"rows":            {model.View{Rows: 4, Task: model.Regression, Inputs: []model.Input{numeric}}, model.ErrCorrupt},
		"type":            {model.View{Rows: 3, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, File: "c.npy", Columns: 1}}}, model.ErrCorrupt},
		"continuous":      {model.View{Rows: 3, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, File: "x.npy", Columns: 1, Continuous: 2}}}, model.ErrCorrupt},
		"kind":            {model.View{Rows: 3, Task: model.Regression, Inputs: []model.Input{{Kind: "sound"}}}, model.ErrInvalid},
		"twice":           {model.View{Rows: 3, Task: model.Regression, Inputs: []model.Input{numeric, numeric}}, model.ErrInvalid},
		"missing file":    {model.View{Rows: 3, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, File: "z.npy", Columns: 1}}}, model.ErrInvalid},
		"outside the dir": {model.View{Rows: 3, Task: model.Regression, Inputs: []model.Input{{Kind: model.Numeric, File: "../x.npy", Columns: 1}}}, model.ErrInvalid},
		"no target":       {model.View{Rows: 3, Task: model.Regression, Inputs: []model.Input{numeric}}, nil},
		"value target":    {model.View{Rows: 3, Task: model.Regression, Target: &model.Target{File: "y.npy"}}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			whole := model.View{Rows: 3, Inputs: []model.Input{numeric, categorical}}
			write(t, dir, whole, modeltest.Arrays{"x.npy": floats, "y.npy": floats, "c.npy": codes, "t.npy": codes})
			write(t, dir, test.view, nil)
			v, err := OpenView(dir)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if err == nil {
				if err := v.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if _, err := OpenView(t.TempDir()); !errors.Is(err, model.ErrInvalid) {
		t.Errorf("no view.json: %v", err)
	}
}

func TestOneOutputForTwoClasses(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, model.View{
		Rows: 2, Task: model.Classification, Classes: 2,
		Inputs: []model.Input{{Kind: model.Numeric, File: "x.npy", Columns: 1}},
	}, modeltest.Arrays{"x.npy": []float32{0.25, 1}})
	view, err := OpenView(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := start(t.Context(), model.OpenRequest{MaxBatch: 2}, newFake(), view, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := filepath.Join(dir, "out.npy")
	submit(t, s, model.Evaluate{Out: out})
	a, err := npy.Map[float32](out)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if !slices.Equal(a.Shape, []int{2, 2}) || !slices.Equal(a.Values, []float32{0.75, 0.25, 0, 1}) {
		t.Errorf("got %v %v", a.Shape, a.Values)
	}
}
