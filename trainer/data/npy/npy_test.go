package npy

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestRoundTrip(t *testing.T) {
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
	a, err := Map(path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Float32s(), want) || !slices.Equal(a.Shape, []int{3, 2}) || a.Int32s() != nil {
		t.Errorf("got %v of shape %v", a.Float32s(), a.Shape)
	}
	for range 2 {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestHeader pins the bytes: NumPy writes the same.
func TestHeader(t *testing.T) {
	head := Header(Int32, 5)
	want := "\x93NUMPY\x01\x00\x76\x00{'descr': '<i4', 'fortran_order': False, 'shape': (5,), }"
	if string(head[:len(want)]) != want || len(head) != 128 || head[127] != '\n' {
		t.Errorf("got %q", head)
	}
}

func TestRefuses(t *testing.T) {
	good := append(Header(Float32, 2), make([]byte, 8)...)
	for name, file := range map[string][]byte{
		"empty": nil, "short": good[:131], "long": append(slices.Clone(good), 0), "other": []byte("\x93NUMPY\x02\x00\x00\x00"),
		"huge": Header(Float32, 1<<31, 1<<31), "negative": slices.Concat(good[:61], []byte("-"), good[62:]),
	} {
		path := filepath.Join(t.TempDir(), "a.npy")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Map(path); err == nil {
			t.Errorf("%s: it was mapped", name)
		}
	}
}

func TestShortArrayIsAnError(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "a.npy"), Float32, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err == nil {
		t.Error("an array without its elements was closed as whole")
	}
}
