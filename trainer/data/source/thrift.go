package source

import (
	"encoding/binary"
	"errors"
)

// thriftWalk reads over a value in Thrift's compact protocol, in which Parquet describes itself, without building anything:
// decoders make room for as many elements as a list claims to have, and a list of a few bytes may claim two thousand million.
type thriftWalk struct {
	b       []byte
	at      int
	structs int
}

var errThrift = errors.New("the file's description of itself is damaged")

const (
	thriftDepth = 16
	// thriftRoom bounds what decoding may need: 512 bytes for each struct, and of those 64 MiB, or forty times the text's own length.
	thriftRoom = 64 << 20
)

// walkThrift checks that a struct at the start of b is whole, and that decoding it takes no more room than its length excuses.
// It returns the struct's length.
func walkThrift(b []byte) (int, error) {
	w := thriftWalk{b: b}
	if err := w.object(0); err != nil {
		return 0, err
	}
	if w.structs*512 > thriftRoom+40*w.at {
		return 0, errThrift
	}
	return w.at, nil
}

func (w *thriftWalk) object(depth int) error {
	if w.structs++; depth > thriftDepth {
		return errThrift
	}
	for {
		head, err := w.byte()
		if err != nil || head == 0 {
			return err
		}
		if head>>4 == 0 {
			if _, err := w.varint(); err != nil {
				return err
			}
		}
		if kind := head & 15; kind > 2 { // 1 and 2 are booleans, whose value is the kind
			if err := w.value(kind, depth); err != nil {
				return err
			}
		}
	}
}

func (w *thriftWalk) value(kind byte, depth int) error {
	switch kind {
	case 1, 2, 3:
		return w.skip(1)
	case 4, 5, 6:
		_, err := w.varint()
		return err
	case 7:
		return w.skip(8)
	case 8:
		n, err := w.varint()
		if err != nil {
			return err
		}
		return w.skip(n)
	case 9, 10:
		return w.list(depth)
	case 12:
		return w.object(depth + 1)
	}
	return errThrift // a map: Parquet has none
}

func (w *thriftWalk) list(depth int) error {
	head, err := w.byte()
	if err != nil {
		return err
	}
	n := uint64(head >> 4)
	if n == 15 {
		if n, err = w.varint(); err != nil {
			return err
		}
	}
	if n > uint64(len(w.b)-w.at) || depth > thriftDepth {
		return errThrift
	}
	for range n {
		if err := w.value(head&15, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *thriftWalk) byte() (byte, error) {
	if w.at >= len(w.b) {
		return 0, errThrift
	}
	w.at++
	return w.b[w.at-1], nil
}

func (w *thriftWalk) varint() (uint64, error) {
	v, n := binary.Uvarint(w.b[w.at:])
	if n <= 0 {
		return 0, errThrift
	}
	w.at += n
	return v, nil
}

func (w *thriftWalk) skip(n uint64) error {
	if n > uint64(len(w.b)-w.at) {
		return errThrift
	}
	w.at += int(n)
	return nil
}
