package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Input is an opened file, decompressed, that counts the bytes read from disk.
type Input struct {
	io.Reader
	file  *os.File
	inner io.Closer // the decompressor
	size  int64
	read  int64
	tell  func(done, total int64)
	ctx   context.Context
	sums  io.Writer // sees the file's bytes as they are on disk
	// Formats that are not read as a stream: Parquet, and workbooks, which are zip archives.
	columnar, zipped bool
}

// OpenInput opens a file and undoes compression, which its first bytes show.
func OpenInput(ctx context.Context, path string, sums io.Writer, tell func(done, total int64)) (*Input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Unopened(path, err)
	}
	in := &Input{file: f, tell: tell, ctx: ctx, sums: sums}
	if err := in.start(path); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return in, nil
}

// Unopened says why a file, or a directory, cannot be opened.
func Unopened(path string, err error) error {
	hint := "check the path; the one in a job file is relative to that file"
	if errors.Is(err, os.ErrPermission) {
		hint = "the file may not be read by this user"
	}
	return &Error{Op: "read", Path: path, Hint: hint, Err: errors.Unwrap(err)}
}

func (in *Input) start(path string) error {
	info, err := in.file.Stat()
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	switch {
	case info.IsDir():
		return &Error{Op: "read", Path: path, Hint: "a table is one file", Err: errors.New("it is a directory")}
	case !info.Mode().IsRegular():
		return &Error{Op: "read", Path: path, Hint: "tables are read more than once: write it to a file first; tuned predict RUN - does so with its standard input", Err: errors.New("it is a pipe or a device")}
	}
	in.size = info.Size()
	var head [4]byte
	n, err := in.file.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if string(head[:n]) == "\xd0\xcf\x11\xe0" {
		return compound(path, in.file, in.size)
	}
	return in.decompress(path, string(head[:n]))
}

func (in *Input) decompress(path, head string) error {
	raw := &counted{in: in}
	switch {
	case strings.HasPrefix(head, "\x1f\x8b"):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return damaged(path, err)
		}
		in.Reader, in.inner = z, z
	case head == "\x28\xb5\x2f\xfd":
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return damaged(path, err)
		}
		in.Reader, in.inner = z, z.IOReadCloser()
	case head == "PAR1":
		in.columnar = true
	case head == "PK\x03\x04", head == "PK\x05\x06":
		in.zipped = true
	default:
		in.Reader = raw
	}
	return nil
}

// fault says why a text cannot be read further.
func (in *Input) fault(path string, err error) error {
	if in.inner != nil && in.ctx.Err() == nil {
		return damaged(path, err)
	}
	return fmt.Errorf("read %s: %w", path, err)
}

func damaged(path string, err error) error {
	return &Error{Op: "read", Path: path, Hint: "the compressed file is damaged or cut short", Err: err}
}

// Close closes the file.
func (in *Input) Close() error {
	var err error
	if in.inner != nil {
		err = in.inner.Close()
	}
	return errors.Join(err, in.file.Close())
}

// counted reads the file itself: it stops when the context is done, reports progress and feeds the checksum.
type counted struct{ in *Input }

func (c *counted) Read(p []byte) (int, error) {
	in := c.in
	if err := in.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := in.file.Read(p)
	in.read += int64(n)
	if in.sums != nil {
		in.sums.Write(p[:n])
	}
	if in.tell != nil && n > 0 {
		in.tell(in.read, in.size)
	}
	return n, err
}
