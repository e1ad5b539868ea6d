package main

import (
	big "encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tuned/job"
)

// stripes is an image whose class shows: stripes along one side or the other, with noise.
func stripes(r *rand.Rand, class int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, 8, 8))
	for y := range 8 {
		for x := range 8 {
			m.SetGray(x, y, color.Gray{Y: uint8(200*([]int{x, y}[class]%2) + r.IntN(50))})
		}
	}
	return m
}

// images writes PNG files of two classes, "down" and "across", in turn: images DIR N, each class in a folder of its own; images
// DIR N flat, without folders.
func images(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	r := rand.New(rand.NewPCG(1, uint64(n)))
	for i := range n {
		dir := ts.MkAbs(args[0])
		if len(args) < 3 {
			dir = filepath.Join(dir, []string{"down", "across"}[i%2])
		}
		ts.Check(os.MkdirAll(dir, 0o700))
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%03d.png", i)))
		ts.Check(err)
		ts.Check(png.Encode(f, stripes(r, i%2)))
		ts.Check(f.Close())
	}
}

// idx writes such images as MNIST has them: idx DIR SIDE N, with labels 0 and 1; idx DIR SIDE N unlabelled, without.
func idx(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	r := rand.New(rand.NewPCG(2, uint64(n)))
	pixels, labels := []byte{0, 0, 8, 3}, []byte{0, 0, 8, 1}
	for _, size := range []int{n, 8, 8} {
		pixels = big.BigEndian.AppendUint32(pixels, uint32(size))
	}
	labels = big.BigEndian.AppendUint32(labels, uint32(n))
	for i := range n {
		pixels, labels = append(pixels, stripes(r, i%2).Pix...), append(labels, byte(i%2))
	}
	prefix := filepath.Join(ts.MkAbs(args[0]), args[1])
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o700))
	ts.Check(os.WriteFile(prefix+"-images-idx3-ubyte", pixels, 0o600))
	if len(args) < 4 {
		ts.Check(os.WriteFile(prefix+"-labels-idx1-ubyte", labels, 0o600))
	}
}

// TestImagePage holds the jobs that docs/images.md shows against the parser.
func TestImagePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/images.md")
	if err != nil {
		t.Fatal(err)
	}
	jobs := fence.FindAllStringSubmatch(string(page), -1)
	if len(jobs) == 0 {
		t.Fatal("no jobs")
	}
	for _, block := range jobs {
		// In the page's own directory, its pictures are a folder.
		text := strings.NewReplacer(`"flowers"`, `"."`, `"fashion"`, `"."`).Replace(block[2])
		if _, err := job.Parse("../../docs/job.toml", text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}
