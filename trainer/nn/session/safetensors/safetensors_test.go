package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func encode(t interface{ Fatal(...any) }, f File) []byte {
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func withHeader(header, data string) []byte {
	return []byte(string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + data)
}

func TestRoundTrip(t *testing.T) {
	tensor := rapid.Custom(func(t *rapid.T) Tensor {
		shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 3).Draw(t, "shape")
		n := int(count(shape))
		return Tensor{Shape: shape, Data: rapid.SliceOfN(rapid.Float32(), n, n).Draw(t, "data")}
	})
	rapid.Check(t, func(t *rapid.T) {
		want := File{
			Tensors:  rapid.SliceOfN(tensor, 0, 5).Draw(t, "tensors"),
			Metadata: rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata"),
		}
		for i := range want.Tensors {
			want.Tensors[i].Name = strings.Repeat("x", i) + rapid.SampledFrom([]string{"/weight", " ü", `"`}).Draw(t, "name")
		}
		file := encode(t, want)
		got, err := Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		if again := encode(t, got); !bytes.Equal(again, file) {
			t.Fatalf("written again it differs:\n%q\n%q", again, file)
		}
	})
}

// A file of the reference implementation, safetensors 0.4: save({"a": zeros(2), "b": ones(1, 1)}, {"k": "v"}).
func TestReadsTheReferencesFiles(t *testing.T) {
	header := `{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1,1],"data_offsets":[8,12]}}  `
	for (8+len(header))%8 != 0 {
		header += " "
	}
	got, err := Parse(withHeader(header, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x3f"))
	if err != nil {
		t.Fatal(err)
	}
	want := File{Tensors: []Tensor{{"a", []int{2}, []float32{0, 0}}, {"b", []int{1, 1}, []float32{1}}}, Metadata: map[string]string{"k": "v"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	tests := map[string][]byte{
		"empty":          {},
		"short":          {1, 2, 3},
		"header length":  withHeader("{}", "")[:9],
		"no object":      withHeader("[]", ""),
		"leading space":  withHeader(" {}", ""),
		"text behind":    withHeader("{} {}", ""),
		"unclosed":       withHeader(`{"a":`, ""),
		"gap":            withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"),
		"overlap":        withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"),
		"trailing bytes": withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "12345678"),
		"beyond the end": withHeader(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "1234"),
		"shape":          withHeader(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, "1234"),
		"negative shape": withHeader(`{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, "1234"),
		"overflow":       withHeader(`{"a":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,16]}}`, "1234123412341234"),
		"type":           withHeader(`{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, "12345678"),
		"repeated":       withHeader(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, ""),
		"unknown field":  withHeader(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}}`, ""),
		"three offsets":  withHeader(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0,0]}}`, ""),
		"misaligned":     withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} `, "1234"),
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			if f, err := Parse(file); !errors.Is(err, ErrFormat) {
				t.Errorf("got %v, %v, want ErrFormat", f, err)
			}
		})
	}
}

func TestUnwritable(t *testing.T) {
	for name, tensors := range map[string][]Tensor{
		"repeated": {{Name: "a"}, {Name: "a"}},
		"shape":    {{Name: "a", Shape: []int{3}, Data: []float32{1}}},
		"reserved": {{Name: metadataKey, Shape: []int{0}}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Write(new(bytes.Buffer), File{Tensors: tensors}); err == nil {
				t.Error("written")
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(encode(f, File{Tensors: []Tensor{{"a", []int{2, 1}, []float32{1, 2}}}, Metadata: map[string]string{"k": "v"}}))
	f.Add(withHeader(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"))
	f.Fuzz(func(t *testing.T, file []byte) {
		parsed, err := Parse(file)
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		again, err := Parse(encode(t, parsed))
		if err != nil || len(again.Tensors) != len(parsed.Tensors) {
			t.Fatalf("accepted, but not when written again: %v", err)
		}
	})
}
