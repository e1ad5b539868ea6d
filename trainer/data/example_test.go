package data_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tuned/trainer/data"
)

// A file becomes raw columns, the training rows teach the transforms, and the view is what a model reads.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	text := "size,colour,kind\n" + strings.Repeat("1.5,red,a\n2,green,b\n,blue,a\n4,red,b\n", 10)
	path := filepath.Join(dir, "things.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	d, err := data.Read(context.Background(), data.Spec{Path: path, Target: "kind"}, filepath.Join(dir, "columns"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer d.Close()
	p, err := d.Fit(data.Transforms{Numeric: data.RobustSmoothClip, OneHotMax: 9}, d.Train)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := d.View(p, filepath.Join(dir, "view"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Task, d.Classes, v.Rows, "rows")
	fmt.Println(strings.Join(v.Inputs[0].Names, " | "))
	// Output:
	// classification [a b] 40 rows
	// size | size is missing | colour=blue | colour=green | colour=red
}

// Faults of a file say where they are and what to do.
func ExampleError() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "things.csv")
	if err := os.WriteFile(path, []byte("size,colour,kind\n1,red,a\n2,green\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	_, err = data.Read(context.Background(), data.Spec{Path: path, Target: "kind"}, dir, nil)
	var e *data.Error
	if errors.As(err, &e) {
		fmt.Println(e.Place)
		fmt.Println(e.Err)
		fmt.Println(e.Hint)
	}
	// Output:
	// line 3
	// the row has 2 cells, and the header 3
	// cells are separated by ',', also empty ones at the end of a row; or is a quote missing, or the row cut in two?
}

// An order is a function of the seed and the step: a resumed run asks for the step it stopped at.
func ExampleOrder() {
	o := data.NewOrder([]int32{10, 11, 12, 13, 14, 15, 16}, 3, 1)
	fmt.Println(o.StepsPerEpoch(), len(o.Batch(1_000_000)))
	// Output: 2 3
}
