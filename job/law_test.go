package job_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tuned/job"
)

// TestALawHoldsBeyondTheRows: a target that other columns add up to is a line's, which predicts what no row had.
func TestALawHoldsBeyondTheRows(t *testing.T) {
	dir, text := t.TempDir(), "a,b,y\n"
	for i := range 800 {
		a, b := i%37, i%53
		text += fmt.Sprintf("%d,%d,%d\n", a, b, 2*a-3*b+5)
	}
	table, beyond := filepath.Join(dir, "table.csv"), filepath.Join(dir, "new.csv")
	if err := errors.Join(os.WriteFile(table, []byte(text), 0o600), os.WriteFile(beyond, []byte("a,b\n1000,0\n0,1000\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	j, err := job.Parse(filepath.Join(dir, "job.toml"), fmt.Sprintf("[data]\npath = %q\ntarget = \"y\"\ntask = \"regression\"\n", table))
	if err != nil {
		t.Fatal(err)
	}
	o := options(t)
	if _, err := job.Run(t.Context(), j, o); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if _, err := job.Predict(t.Context(), o.Out, beyond, &out, inProcess{}); err != nil {
		t.Fatal(err)
	}
	predicted := numbers(t, out.String(), "prediction")
	for i, want := range []float64{2005, -2995} {
		if math.Abs(predicted[i]-want) > 1 {
			t.Errorf("row %d: %v, want %v", i, predicted[i], want)
		}
	}
}
