package nn

import (
	"slices"
	"strings"
	"testing"

	"tuned/trainer/model"
)

// pixelsOf trains so many steps that only measure, or that update, and returns the images that the last one saw.
func pixelsOf(t *testing.T, a Augment, threads, steps int) (*Program, []float32) {
	t.Helper()
	g := New()
	x := g.Augment(testPixels(g), a)
	g.MSE(g.Dense(x, 1, Dense{}))
	p := mustCompile(t, g, Config{MaxBatch: 30, Threads: threads, Seed: 8}, testData(60, testColumns, 2))
	for range steps {
		p.Step(rowsTo(30), model.Step{LR: 1e-3, Beta1: 0.9, Beta2: 0.9, Epsilon: 1e-8})
	}
	p.Step(rowsTo(30), model.Step{NoUpdate: true})
	var seen []float32
	for _, w := range p.workers {
		seen = append(seen, w.flat(x)...)
	}
	return p, seen
}

// changed is the image of a row as it looks after a change, value by value.
func changed(d Data, row int, c change) (image []float32) {
	for y := range 5 {
		for x := range 4 {
			fromY, fromX := y+c.y, x+c.x
			for fromY < 0 || fromY > 4 {
				fromY = max(-fromY, 8-fromY) % 8
			}
			for fromX < 0 || fromX > 3 {
				fromX = max(-fromX, 6-fromX) % 6
			}
			if c.flip {
				fromX = 3 - fromX
			}
			for k := range 2 {
				v := float32(picture(d, row, fromY, fromX, k))
				if y >= c.cutY && y < c.cutY+c.cut && x >= c.cutX && x < c.cutX+c.cut {
					v = 0
				}
				image = append(image, v)
			}
		}
	}
	return image
}

// TestChangedImages: every image is one of the changes asked for, and over all images each of them occurs.
func TestChangedImages(t *testing.T) {
	for _, a := range []Augment{{}, {Flip: true}, {Crop: 2}, {Flip: true, Crop: 1}, {Cut: 2}, {Flip: true, Cut: 4}} {
		all := changes(a)
		found := map[int]bool{}
		for steps := range 12 {
			p, seen := pixelsOf(t, a, 2, steps)
			for row := range 30 {
				got := seen[row*40 : (row+1)*40]
				at := slices.IndexFunc(all, func(c change) bool { return slices.Equal(got, changed(p.data, row, c)) })
				if at < 0 {
					t.Fatalf("%+v: row %d of step %d is no change of the image", a, row, steps)
				}
				found[at] = true
			}
		}
		if len(found) != len(all) {
			t.Errorf("%+v: %d of %d changes occur", a, len(found), len(all))
		}
	}
}

// changes are all that may happen to an image.
func changes(a Augment) (all []change) {
	for y := -a.Crop; y <= a.Crop; y++ {
		for x := -a.Crop; x <= a.Crop; x++ {
			for place := range (6 - a.Cut) * (5 - a.Cut) {
				c := change{y: y, x: x, cut: a.Cut, cutY: place / (5 - a.Cut), cutX: place % (5 - a.Cut)}
				if a.Cut == 0 {
					c.cutY, c.cutX = 0, 0
				}
				all = append(all, c)
				if a.Flip {
					c.flip = true
					all = append(all, c)
				}
				if a.Cut == 0 {
					break
				}
			}
		}
	}
	return all
}

func TestChangesIgnoreThreads(t *testing.T) {
	a := Augment{Flip: true, Crop: 2}
	_, one := pixelsOf(t, a, 1, 3)
	_, again := pixelsOf(t, a, 1, 3)
	_, three := pixelsOf(t, a, 3, 3)
	_, later := pixelsOf(t, a, 1, 4)
	if !slices.Equal(one, again) || !slices.Equal(one, three) {
		t.Error("a change depends on more than seed, step and row")
	}
	if slices.Equal(one, later) {
		t.Error("two steps see the same changes")
	}
}

func TestEvaluationSeesImagesAsTheyAre(t *testing.T) {
	plain, _ := pixelsOf(t, Augment{}, 2, 1)
	p, _ := pixelsOf(t, Augment{Flip: true, Crop: 2, Cut: 3}, 2, 1)
	copy(p.weights, plain.weights)
	got, want := make([]float32, 60), make([]float32, 60)
	if p.Forward(rowsTo(60), got) != plain.Forward(rowsTo(60), want) || !slices.Equal(got, want) {
		t.Error("evaluation changes images")
	}
	x := p.nodes[0]
	p.begin(rowsTo(30), 0, 0)
	p.team.run(p.observeTask)
	var seen, images []float32
	for _, w := range p.workers {
		seen = append(seen, w.flat(x)...)
	}
	for row := range 30 {
		images = append(images, changed(p.data, row, change{})...)
	}
	if !slices.Equal(seen, images) {
		t.Error("recalibration changes images")
	}
}

// TestEvaluationSeesBothSides: outputs are the means for images and for their mirror images.
func TestEvaluationSeesBothSides(t *testing.T) {
	plain, _ := pixelsOf(t, Augment{}, 2, 1)
	p, seen := pixelsOf(t, Augment{Both: true}, 2, 1)
	if _, unchanged := pixelsOf(t, Augment{}, 2, 1); !slices.Equal(seen, unchanged) {
		t.Error("training sees mirror images")
	}
	copy(p.weights, plain.weights)
	got, straight, reverse := make([]float32, 60), make([]float32, 60), make([]float32, 60)
	p.Forward(rowsTo(60), got)
	plain.Forward(rowsTo(60), straight)
	d := testData(60, testColumns, 2)
	for pixel := range 60 * 5 * 4 {
		from := pixel/4*4 + 3 - pixel%4
		copy(d.Pixels[2*pixel:2*pixel+2], plain.data.Pixels[2*from:])
	}
	if err := plain.Bind(d); err != nil {
		t.Fatal(err)
	}
	plain.Forward(rowsTo(60), reverse)
	for row := range got {
		if want := (straight[row] + reverse[row]) / 2; got[row] != want || straight[row] == reverse[row] {
			t.Fatalf("row %d: %g, want the mean of %g and %g", row, got[row], straight[row], reverse[row])
		}
	}
	if one, both := plain.Facts().FLOPsRowEval, p.Facts().FLOPsRowEval; both < 2*one-10 || both > 2*one+10 {
		t.Errorf("evaluating a row costs %d, with its mirror image %d", one, both)
	}
}

func TestAugmentErrors(t *testing.T) {
	for want, build := range map[string]func(g *Graph){
		"only pixels":    func(g *Graph) { g.Augment(g.Numeric(3), Augment{Flip: true}) },
		"up to 4 pixels": func(g *Graph) { g.Augment(testPixels(g), Augment{Crop: 4}) },
		"5 × 5 pixels":   func(g *Graph) { g.Augment(testPixels(g), Augment{Cut: 5}) },
		"by up to -1":    func(g *Graph) { g.Augment(testPixels(g), Augment{Crop: -1}) },
	} {
		g := New()
		build(g)
		if g.err == nil || !strings.Contains(g.err.Error(), want) {
			t.Errorf("%v, want %q", g.err, want)
		}
	}
}
