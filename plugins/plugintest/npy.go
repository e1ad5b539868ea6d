package plugintest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
)

// element are what views hold.
type element interface{ float32 | int32 | uint8 }

// writeNPY writes values as a row-major little-endian array of that shape.
func writeNPY[T element](path string, values []T, shape ...int) error {
	var b bytes.Buffer
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr[T](), shapeText(shape))
	padded := (10 + len(header) + 1 + 63) / 64 * 64
	b.WriteString("\x93NUMPY\x01\x00")
	length := uint16(padded - 10)
	b.Write([]byte{byte(length), byte(length >> 8)})
	b.WriteString(header + strings.Repeat(" ", padded-10-len(header)-1) + "\n")
	if err := binary.Write(&b, binary.LittleEndian, values); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

func descr[T element]() string {
	switch any(*new(T)).(type) {
	case float32:
		return "<f4"
	case int32:
		return "<i4"
	default:
		return "|u1"
	}
}

func shapeText(shape []int) string {
	if len(shape) == 1 {
		return fmt.Sprintf("(%d,)", shape[0])
	}
	return "(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]") + ")"
}

// readOutputs reads a float32 array of n rows, and says how wide they are.
func readOutputs(path string, n int) (values []float32, width int, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, err
	}
	if len(b) < 10 || !bytes.HasPrefix(b, []byte("\x93NUMPY")) {
		return nil, 0, fmt.Errorf("%s is no .npy file", path)
	}
	at := 10 + int(binary.LittleEndian.Uint16(b[8:]))
	if at > len(b) || !bytes.Contains(b[:at], []byte("<f4")) || !bytes.Contains(b[:at], []byte(fmt.Sprintf("(%d,", n))) {
		return nil, 0, fmt.Errorf("%s is no float32 array of %d rows: %q", path, n, b[:min(at, len(b))])
	}
	values = make([]float32, (len(b)-at)/4)
	if len(values) == 0 || len(values)%n != 0 {
		return nil, 0, fmt.Errorf("%s holds %d values in %d rows", path, len(values), n)
	}
	err = binary.Read(bytes.NewReader(b[at:]), binary.LittleEndian, values)
	return values, len(values) / n, err
}
