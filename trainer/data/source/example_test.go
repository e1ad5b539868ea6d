package source_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"tuned/trainer/data/source"
)

// A table is opened by what its file holds, and read chunk by chunk.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "things.csv")
	if err := os.WriteFile(path, []byte("size;colour\n1,5;red\n;blue\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	table, err := source.Open(context.Background(), source.File{Path: path}, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer table.Close()
	var c source.Chunk
	for table.Next(&c) == nil {
		for row := range c.Rows {
			fmt.Printf("%s: %q and %q\n", table.Place(c.Lines[row], 1), c.Text[0][row], c.Text[1][row])
		}
	}
	// Output:
	// line 2, column 2 (colour): "1,5" and "red"
	// line 3, column 2 (colour): "" and "blue"
}
