package job

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

func TestLocate(t *testing.T) {
	const text = "\ufeffname = 'x' # data\n\n[ data ]\n\tpath = \"a = 1\"\ntypes = { zip = 'id', \"b c\".d = 'text' }\nnote = '''\ntarget = 3\n'''\r\n[pin.mlp]\nwidth = 3\n[pin]\n\"mlp.depth\" = 2\n"
	for key, want := range map[string]place{
		"name": {1, 2, "\ufeffname = 'x' # data"}, "data": {3, 3, "[ data ]"}, "data.path": {4, 2, " path = \"a = 1\""},
		"data.types.zip": {5, 11, "types = { zip = 'id', \"b c\".d = 'text' }"}, "data.types.b c.d": {5, 29, "types = { zip = 'id', \"b c\".d = 'text' }"},
		"data.target": {3, 3, "[ data ]"}, "pin.mlp.width": {10, 1, "width = 3"}, "pin.mlp.depth": {12, 1, "\"mlp.depth\" = 2"},
		"pin.mlp.x": {9, 6, "[pin.mlp]"}, "pin.lr": {9, 2, "[pin.mlp]"}, "limits.memory": {},
	} {
		if got := locate(text, strings.Split(key, ".")); got != want {
			t.Errorf("%s: got %+v, want %+v", key, got, want)
		}
	}
}

// Every key that the values' decoder knows has a place of its own.
func FuzzLocate(f *testing.F) {
	f.Add(full)
	f.Add("a.b.\"c d\" = {\n e = 1, # f\n 'g'.h = [{i = 2}],\n}\n[[j]]\nk = 07:32\n[l.m]\n\"\\u006e\" = '''o\np = q\n'''\n")
	f.Fuzz(func(t *testing.T, text string) {
		var tree map[string]any
		meta, err := toml.Decode(text, &tree)
		if err != nil || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return
		}
		written := map[string]bool{}
		for _, m := range mentions(text) {
			written[m.name] = true
		}
		for _, key := range meta.Keys() {
			if name := strings.Join(key, "."); lookup(tree, key) != nil && !written[name] {
				t.Errorf("%q is not found in %q", name, text)
			}
		}
	})
}

func TestAmend(t *testing.T) {
	const data = "[data]\npath = \"a.csv\"\ntarget = \"y\"\n"
	for name, c := range map[string]struct{ text, setting, value, want string }{
		"first":       {data, "epochs", "3", data + "\n[pin]\n\"epochs\" = 3\n"},
		"another":     {data + "[pin] # mine\nlr = 0.1\n", "epochs", "3", data + "[pin] # mine\n\"epochs\" = 3\nlr = 0.1\n"},
		"again":       {data + "[pin]\n  epochs = 12 # enough\n", "epochs", "3", data + "[pin]\n  epochs = 3 # enough\n"},
		"text":        {data + "[pin]\noptimizer = '''sgd'''", "optimizer", "adamw", data + "[pin]\noptimizer = \"adamw\"\n"},
		"dotted":      {data + "[pin]\nmlp.width = 3\n", "mlp.width", "4", data + "[pin]\nmlp.width = 4\n"},
		"own table":   {data + "[pin.mlp]\nwidth = 3\n", "mlp.width", "4", data + "[pin.mlp]\nwidth = 4\n"},
		"in a row":    {data + "[limits]\nthreads = 2\n[pin]\nlr = 1\n", "lr", "2", data + "[limits]\nthreads = 2\n[pin]\nlr = 2\n"},
		"inline":      {"pin = { lr = 1, dropout = 0.1 }\n" + data, "lr", "2", "pin = { lr = 2, dropout = 0.1 }\n" + data},
		"other lines": {data + "[pin]\nlr = 1\n\n\n", "lr", "2", data + "[pin]\nlr = 2\n"},
	} {
		if got, err := Amend("job.toml", c.text, c.setting, c.value); got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
		}
	}
	for name, c := range map[string]struct{ text, setting, value string }{
		"no value": {data, "epochs", ""}, "lines": {data, "epochs", "1\n2"}, "date": {data, "epochs", "1979-05-27"}, "no job": {"[data", "epochs", "1"},
		"closed table": {"pin = { lr = 1 }\n" + data, "epochs", "1"},
	} {
		if got, err := Amend("job.toml", c.text, c.setting, c.value); got != "" || !BadInput(err) {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// A job that is amended pins what it should, and says all else as before.
func FuzzAmend(f *testing.F) {
	f.Add(full, "epochs", "3")
	f.Add("data = { path = 'a', target = 'b' }\r\n[pin.mlp]\nwidth = 1e9\n", "mlp.width", "true")
	f.Fuzz(func(t *testing.T, text, setting, value string) {
		before, err := Parse("job.toml", text)
		if err != nil {
			return
		}
		amended, err := Amend("job.toml", text, setting, value)
		if err != nil {
			if !BadInput(err) {
				t.Error(err)
			}
			return
		}
		after := parse(t, "job.toml", amended)
		if _, pinned := after.Pin[setting]; !pinned {
			t.Errorf("%q is not pinned in %q", setting, amended)
		}
		for name, v := range before.Pin {
			if name != setting && after.Pin[name] != v {
				t.Errorf("%s became %v in %q", name, after.Pin[name], amended)
			}
		}
		before.Pin, after.Pin = nil, nil
		if fingerprint(t, before) != fingerprint(t, after) {
			t.Errorf("%q became %q", text, amended)
		}
	})
}
