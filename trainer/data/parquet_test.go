package data

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

type plant struct {
	Height *float64  `parquet:"height,optional"`
	Leaves int32     `parquet:"leaves"`
	Site   string    `parquet:"site,dict"`
	Alive  bool      `parquet:"alive"`
	Seen   time.Time `parquet:"seen,timestamp(millisecond)"`
	Kind   string    `parquet:"kind"`
}

// parquetPlants is a small file with several row groups.
func parquetPlants(t testing.TB, n int, o ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[plant](&b, append(o, parquet.MaxRowsPerRowGroup(700))...)
	for i := range n {
		height := float64(i%97) / 3
		p := plant{&height, int32(i % 9), fmt.Sprint("site", i%20), i%2 == 0, time.Unix(int64(i)*7777, 0), []string{"a", "b"}[i/5%2]}
		if i%10 == 0 {
			p.Height = nil
		}
		if _, err := w.Write([]plant{p}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func csvPlants(n int) string {
	return rows("height,leaves,site,alive,seen,kind", n, func(i int) string {
		height := fmt.Sprint(float64(i%97) / 3)
		if i%10 == 0 {
			height = ""
		}
		return fmt.Sprintf("%s,%d,site%d,%t,%s,%s", height, i%9, i%20, i%2 == 0,
			time.Unix(int64(i)*7777, 0).UTC().Format(time.DateTime), []string{"a", "b"}[i/5%2])
	})
}

// TestParquetIsTheSame: a table is the same however it comes, and predicts from the other form.
func TestParquetIsTheSame(t *testing.T) {
	const n = 3000
	want := read(t, csvPlants(n), Spec{Target: "kind", Holdout: 0.2})
	for name, codec := range map[string]parquet.WriterOption{
		"plain": parquet.Compression(&parquet.Uncompressed), "snappy": parquet.Compression(&parquet.Snappy),
		"zstd": parquet.Compression(&parquet.Zstd), "gzip": parquet.Compression(&parquet.Gzip), "v1": parquet.DataPageVersion(1),
	} {
		path := write(t, "plants.parquet", string(parquetPlants(t, n, codec)))
		got := read(t, "", Spec{Path: path, Target: "kind", Holdout: 0.2})
		if got.Rows != n || !slices.Equal(got.rowKeys(true), want.rowKeys(true)) || !slices.Equal(got.Holdout, want.Holdout) {
			t.Errorf("%s: differs from the CSV: %+v", name, got.Columns)
		}
		p, err := got.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, got.Train)
		if err != nil {
			t.Fatal(err)
		}
		r, v, err := p.ReadView(context.Background(), write(t, "new.csv", csvPlants(n)), t.TempDir())
		if err != nil || v.Rows != n || !slices.Equal(r.Labels, want.Labels()) || len(r.Notes) > 0 {
			t.Errorf("%s: predicting from the CSV: %v %+v", name, err, r.Notes)
		}
	}
}

func TestParquetRefusesNesting(t *testing.T) {
	type nested struct {
		X []int32 `parquet:"x,list"`
		Y string  `parquet:"y"`
	}
	var b bytes.Buffer
	if err := parquet.Write(&b, []nested{{[]int32{1, 2}, "a"}, {nil, "b"}}); err != nil {
		t.Fatal(err)
	}
	_, err := tryRead(t, b.String(), Spec{Target: "y"})
	var e *Error
	if !errors.As(err, &e) || e.Place != `column "x"` || e.Hint == "" {
		t.Errorf("got %v", err)
	}
}

// TestParquetClaims: a few bytes that claim thousands of millions of elements cost no memory.
func TestParquetClaims(t *testing.T) {
	huge := []byte{0xff, 0xff, 0xff, 0xff, 0x07}
	footers := map[string][]byte{
		"list of structs": slices.Concat([]byte{0x15, 0x02, 0x19, 0xfc}, huge, []byte{0}),
		"text":            slices.Concat([]byte{0x15, 0x02, 0x19, 0x1c, 0x48}, huge, []byte{0}),
		"many structs":    slices.Concat([]byte{0x15, 0x02, 0x19, 0xfc, 0x80, 0x80, 0x20}, make([]byte, 512<<10)),
	}
	for name, footer := range footers {
		t.Run(name, func(t *testing.T) {
			file := slices.Concat([]byte("PAR1"), footer, binary.LittleEndian.AppendUint32(nil, uint32(len(footer))), []byte("PAR1"))
			if used := allocated(func() {
				if _, err := tryRead(t, string(file), Spec{Target: "y"}); err == nil {
					t.Error("it was read")
				}
			}); used > 32<<20 {
				t.Errorf("%d MiB were allocated", used>>20)
			}
		})
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func FuzzParquet(f *testing.F) {
	whole := parquetPlants(f, 50, parquet.Compression(&parquet.Uncompressed))
	f.Add(whole)
	f.Add(parquetPlants(f, 20, parquet.DataPageVersion(1)))
	f.Add(whole[:len(whole)-9])
	f.Fuzz(func(t *testing.T, file []byte) {
		path := t.TempDir() + "/f.parquet"
		if err := os.WriteFile(path, append([]byte("PAR1"), file[min(4, len(file)):]...), 0o600); err != nil {
			t.Fatal(err)
		}
		if used := allocated(func() {
			if d, err := Read(context.Background(), Spec{Path: path, Target: "kind", Holdout: 0.2}, t.TempDir(), nil); err == nil {
				checkTable(t, d)
			}
		}); used > 1<<30 {
			t.Errorf("%d MiB were allocated for %d bytes", used>>20, len(file))
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add("x,y\n1,a\n2,b\n3,a\n4,b\n")
	f.Add(plants(12)[:400])
	f.Add("x;y\n\"1,5\";\"a\nb\"\n2;b\n\n-;a\n")
	f.Add("x,y\n1,a\n\"")
	f.Add("\xef\xbb\xbfy|when\r\n1|2024-01-01\r\n?|\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := tryRead(t, text, Spec{Target: "y", Holdout: 0.3}); err == nil {
			checkTable(t, d)
		}
	})
}

// checkTable checks what must hold of whatever was read: sides divide the rows, codes have levels, and a view is finite.
func checkTable(t *testing.T, d *Dataset) {
	t.Helper()
	if d.Rows != len(d.Train)+len(d.Holdout) {
		t.Fatalf("%d rows, of these %d and %d on the sides", d.Rows, len(d.Train), len(d.Holdout))
	}
	for i, c := range d.Columns {
		for _, code := range d.raw.codes(i) {
			if code < 0 || c.Levels != nil && int(code) > len(c.Levels) {
				t.Fatalf("column %q: code %d of %d levels", c.Name, code, len(c.Levels))
			}
		}
	}
	if _, err := d.Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	p, err := d.Fit(Transforms{Numeric: RobustSmoothClip, OneHotMax: 9}, d.Train)
	if err != nil {
		return // every column may be constant
	}
	dir := t.TempDir()
	v, err := d.View(p, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range v.Inputs {
		for _, x := range floats(t, dir+"/"+in.File) {
			if x-x != 0 {
				t.Fatalf("a view holds %v", x)
			}
		}
	}
}
