package npy

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestWrittenArraysMapBack(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows, columns := rapid.IntRange(0, 20).Draw(t, "rows"), rapid.IntRange(1, 5).Draw(t, "columns")
		values := rapid.SliceOfN(rapid.Float32(), rows*columns, rows*columns).Draw(t, "values")
		path := filepath.Join(dir, "x.npy")
		var file bytes.Buffer
		if err := Write(&file, []int{rows, columns}, values); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := Map[float32](path)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if !slices.Equal(a.Values, values) || !slices.Equal(a.Shape, []int{rows, columns}) {
			t.Fatalf("got %v %v, want %v", a.Shape, a.Values, values)
		}
	})
}

// The bytes that NumPy 1.24 writes for np.arange(3, dtype=t), up to the padding.
func TestNumPysOwnHeaders(t *testing.T) {
	pad := func(s string) string { return s + string(bytes.Repeat([]byte(" "), 117-len(s))) + "\n" }
	tests := map[string]struct {
		header, data string
		want         []int32
	}{
		"vector": {"\x93NUMPY\x01\x00v\x00" + pad("{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }"), "\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00", []int32{0, 1, 2}},
		"scalar": {"\x93NUMPY\x01\x00v\x00" + pad("{'descr': '<i4', 'fortran_order': False, 'shape': (), }"), "\x07\x00\x00\x00", []int32{7}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, err := mapped[int32](t, []byte(test.header+test.data))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(a.Values, test.want) {
				t.Errorf("got %v", a.Values)
			}
		})
	}
}

// mapped maps a file of these bytes.
func mapped[T Element](t *testing.T, file []byte) (*Array[T], error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.npy")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := Map[T](path)
	if err == nil {
		t.Cleanup(func() { _ = a.Close() })
	}
	return a, err
}

func TestAnArrayWrittenInPiecesMapsBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	want := []float32{1, -2, 3.5, 0, 7, 8}
	w, err := Create(path, Float32, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]float32{want[:1], want[1:]} {
		if _, err := w.Write(Bytes(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(Elements[float32](f), want) || !slices.Equal(f.Shape, []int{3, 2}) || Elements[int32](f) != nil {
		t.Errorf("got %v of shape %v", Elements[float32](f), f.Shape)
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAShortArrayIsAnError(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "a.npy"), Float32, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err == nil {
		t.Error("an array without its elements was closed as whole")
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	var good bytes.Buffer
	if err := Write(&good, []int{2, 2}, []float32{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	tests := map[string][]byte{
		"empty":         {},
		"no magic":      bytes.Replace(good.Bytes(), []byte("NUMPY"), []byte("NUMPX"), 1),
		"truncated":     good.Bytes()[:good.Len()-1],
		"too long":      append(bytes.Clone(good.Bytes()), 0),
		"fortran":       bytes.Replace(good.Bytes(), []byte("False"), []byte("True "), 1),
		"doubles":       bytes.Replace(good.Bytes(), []byte("<f4"), []byte("<f8"), 1),
		"big endian":    bytes.Replace(good.Bytes(), []byte("<f4"), []byte(">f4"), 1),
		"negative":      bytes.Replace(good.Bytes(), []byte("(2, 2)"), []byte("(-2,2)"), 1),
		"empty size":    bytes.Replace(good.Bytes(), []byte("(2, 2)"), []byte("(2,,2)"), 1),
		"header length": append([]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), good.Bytes()[12:]...),
		"version":       bytes.Replace(good.Bytes(), []byte("NUMPY\x01"), []byte("NUMPY\x07"), 1),
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := mapped[float32](t, file); !errors.Is(err, ErrFormat) {
				t.Errorf("got %v, want ErrFormat", err)
			}
		})
	}
	if _, err := mapped[int32](t, good.Bytes()); !errors.Is(err, ErrFormat) {
		t.Errorf("floats mapped as integers: %v", err)
	}
}

func FuzzParseHeader(f *testing.F) {
	var good bytes.Buffer
	if err := Write(&good, []int{1, 3}, []uint8{1, 2, 3}); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes())
	f.Add([]byte("\x93NUMPY\x02\x00\x10\x00\x00\x00{'shape': (9999999999999999999,)}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := parseHeader(file)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		n := sizes[h.Type]
		for _, d := range h.Shape {
			n *= d
		}
		if h.Offset+n != len(file) {
			t.Fatalf("header %+v accepted in a file of %d bytes", h, len(file))
		}
	})
}

func TestReading(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	var b bytes.Buffer
	if err := Write(&b, []int{4, 3}, []int32{0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := Read[int32](path, 12)
	if err != nil || len(all) != 12 || all[11] != 32 {
		t.Errorf("read %v (%v)", all, err)
	}
	some, err := ReadRows[int32](path, 4, 3, []int32{2, 0, 2})
	if err != nil || !slices.Equal(some, []int32{20, 21, 22, 0, 1, 2, 20, 21, 22}) {
		t.Errorf("read rows %v (%v)", some, err)
	}
	if _, err := Read[int32](path, 13); !errors.Is(err, ErrFormat) {
		t.Errorf("another number of elements: %v", err)
	}
	if _, err := ReadRows[float32](path, 4, 3, nil); !errors.Is(err, ErrFormat) {
		t.Errorf("another type: %v", err)
	}
}
