package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// torch measures the same network on the same rows in PyTorch, in a process of its own.
func (n *net) torch(ctx context.Context, o Options, threads int) (*Torch, error) {
	dir, err := os.MkdirTemp("", "engine")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := n.write(dir); err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, o.Python, o.Script, n.name,
		"--data", dir, "--batch", fmt.Sprint(n.batch), "--threads", fmt.Sprint(threads), "--seconds", fmt.Sprint(o.Budget.Seconds()))
	if n.half {
		c.Args = append(c.Args, "--bf16")
	}
	c.Env = environment(threads)
	var problems bytes.Buffer
	c.Stderr = &problems
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("pytorch: %w\n%s", err, problems.String())
	}
	var t Torch
	if err := json.Unmarshal(out, &t); err != nil {
		return nil, fmt.Errorf("pytorch: %w", err)
	}
	return &t, nil
}

// environment lets OpenBLAS choose its kernels, and fixes the number of threads.
func environment(threads int) []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "OPENBLAS_") && !strings.HasPrefix(v, "OMP_") {
			env = append(env, v)
		}
	}
	return append(env, fmt.Sprintf("OMP_NUM_THREADS=%d", threads))
}

// write stores the rows as plain arrays in the machine's order of bytes.
func (n *net) write(dir string) error {
	d, order := n.data(), order(n.rows)
	var x, y bytes.Buffer
	for _, r := range order {
		at := int(r) * n.inputs
		if n.images {
			x.Write(d.Pixels[at : at+n.inputs])
		} else if err := binary.Write(&x, binary.NativeEndian, d.Numeric[at:at+n.inputs]); err != nil {
			return err
		}
		if err := binary.Write(&y, binary.NativeEndian, d.Labels[r]); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "x"), x.Bytes(), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "y"), y.Bytes(), 0o600)
}

// HasPyTorch reports whether an interpreter can import it.
func HasPyTorch(ctx context.Context, python string) bool {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	return exec.CommandContext(ctx, python, "-c", "import torch").Run() == nil
}
