package data

import (
	"context"
	"slices"
	"testing"
)

func TestHeader(t *testing.T) {
	want := []string{"say \"hi\"", "größe", "column_3", "y"}
	for _, name := range []string{"a.csv", "a.csv.gz"} {
		text := "\ufeff\"say \"\"hi\"\"\"; größe ;;y\n1;2;3;4\n"
		if name == "a.csv.gz" {
			text = compress(t, "gz", text)
		}
		if got, err := Header(context.Background(), write(t, name, text), ""); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := Header(context.Background(), write(t, "a.csv", "a,a\n1,2\n"), ""); err == nil || got != nil {
		t.Errorf("columns that cannot be told apart: %q", got)
	}
}
