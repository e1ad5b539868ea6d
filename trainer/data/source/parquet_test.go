package source

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

// measured is a row of the types that other programs write and no CSV has.
type measured struct {
	Price int64            `parquet:"price,decimal(2:18)"`
	Small int32            `parquet:"small,decimal(1:9)"`
	Count uint32           `parquet:"count"`
	Old   deprecated.Int96 `parquet:"old"`
	Fine  int64            `parquet:"fine,timestamp(nanosecond)"`
	Day   int32            `parquet:"day,date"`
}

// TestParquetTypes: each type is the number, or the seconds since 1970, that it stands for.
func TestParquetTypes(t *testing.T) {
	var b bytes.Buffer
	noon := uint64(12 * 3600 * 1e9)
	w := parquet.NewGenericWriter[measured](&b)
	_, err := w.Write([]measured{{1234, -25, math.MaxUint32, deprecated.Int96{uint32(noon), uint32(noon >> 32), 2440589}, -1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	table, err := Open(t.Context(), File{Path: write(t, "a.parquet", b.String())}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	var c Chunk
	if err := table.Next(&c); err != nil {
		t.Fatal(err)
	}
	var got []float64
	for _, column := range c.Numbers {
		got = append(got, column...)
	}
	if want := []float64{12.34, -2.5, math.MaxUint32, 86400 * 1.5, -1, 2 * 86400}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var dates []string
	for _, f := range table.Fields() {
		if f.Declared == DateCell {
			dates = append(dates, f.Name)
		}
	}
	if want := []string{"old", "fine", "day"}; !slices.Equal(dates, want) {
		t.Errorf("dates are %q, want %q", dates, want)
	}
}
