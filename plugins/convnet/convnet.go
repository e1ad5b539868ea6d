// Package convnet is the small residual network for images: convolutions with batch norm that see a picture at fewer and
// fewer places with more and more channels.
//
// A stem looks at single pixels with their neighbours; each stage convolves, halves height and width, and adds residual
// blocks of one convolution each; the mean over the places that are left goes into a linear layer. Nets of this shape
// reach the accuracy of much larger ones in a few passes over small images (arXiv:2404.00498).
package convnet

import (
	_ "embed" // for rules.toml
	"fmt"

	"tuned/plugins"
	"tuned/trainer/model"
	"tuned/trainer/nn"
)

//go:embed rules.toml
var rules string

// groupNorm are the gains and biases of batch norm and the output's bias, which weight decay leaves alone.
const groupNorm = "norm"

// Architecture is the convnet.
func Architecture() plugins.Architecture {
	return plugins.Architecture{
		Manifest: model.Manifest{
			Name: "convnet", Version: "1.1.0",
			Summary:  "A small residual network for images.",
			Tasks:    []model.Task{model.Classification, model.Regression},
			Inputs:   []model.Kind{model.Image},
			Settings: declared(),
			Rules:    rules,
		},
		Build: build,
	}
}

func declared() []model.Setting {
	return []model.Setting{
		{Name: "convnet.width", Type: model.Int, Unit: "channels", Min: 4, Max: 256, Help: "what the first layer tells apart at each pixel; each stage doubles it"},
		{Name: "convnet.stages", Type: model.Int, Unit: "stages", Min: 0, Max: 8, Help: "times that height and width are halved"},
		{Name: "convnet.blocks", Type: model.Int, Unit: "blocks", Min: 0, Max: 8, Help: "residual blocks in each stage"},
		{
			Name: "convnet.activation", Type: model.Choice, Choices: []string{"relu", "gelu", "silu"},
			Help: "the curve that each unit bends its input by",
		},
		{Name: "convnet.flip", Type: model.Bool, Help: "whether half of the images are mirrored in training, left for right"},
		{
			Name: "convnet.both_sides", Type: model.Bool, Absent: false, // since 1.1.0
			Help: "whether a prediction is the mean for an image and its mirror image",
		},
		{Name: "convnet.crop", Type: model.Int, Unit: "pixels", Min: 0, Max: 64, Help: "how far images are moved at random in training, at most"},
		{
			Name: "convnet.cut", Type: model.Int, Unit: "pixels", Min: 0, Max: 128, Absent: int64(0), // since 1.1.0
			Help: "side of the square, at a random place, that each look in training hides",
		},
	}
}

// build adds the network.
func build(g *nn.Graph, v model.View, s model.Settings) error {
	if len(v.Inputs) != 1 {
		return fmt.Errorf("%w: %d inputs, where it reads one array of images", model.ErrInvalid, len(v.Inputs))
	}
	in := v.Inputs[0]
	stages := plugins.Int(s, "convnet.stages")
	if side := min(in.Height, in.Width); side>>stages < 1 {
		return fmt.Errorf("%w: images of %d × %d pixels cannot be halved %d times", model.ErrInvalid, in.Height, in.Width, stages)
	}
	g.Group(groupNorm, 1, 0)
	b := builder{g, nn.Activation(plugins.Choice(s, "convnet.activation"))}
	x := g.Augment(g.Pixels(in.Height, in.Width, in.Channels, in.Mean, in.Std), augment(in, s))
	width := plugins.Int(s, "convnet.width")
	x = b.normed(b.convolved(x, width, "stem"))
	for i := range stages {
		name := fmt.Sprintf("stage%d", i+1)
		x = b.stage(x, width<<(i+1), plugins.Int(s, "convnet.blocks"), name)
	}
	plugins.Head(g, v, g.GlobalPool(x), nn.Dense{Name: "output", Bias: true, Init: nn.InitZero, Groups: nn.Groups{Bias: groupNorm}})
	return nil
}

// augment are the changes that the settings ask for, none so large that an image leaves its frame or is mostly hidden.
func augment(in model.Input, s model.Settings) nn.Augment {
	return nn.Augment{
		Flip: plugins.Bool(s, "convnet.flip"),
		Both: plugins.Bool(s, "convnet.both_sides"),
		Crop: min(plugins.Int(s, "convnet.crop"), (min(in.Height, in.Width)-1)/2),
		Cut:  min(plugins.Int(s, "convnet.cut"), min(in.Height, in.Width)/2),
	}
}

// builder adds the parts that the network is made of.
type builder struct {
	graph      *nn.Graph
	activation nn.Activation
}

// convolved looks at each place with its neighbours. Batch norm follows, so that there is no bias.
func (b builder) convolved(x *nn.Node, channels int, name string) *nn.Node {
	return b.graph.Conv2D(x, channels, nn.Conv{Name: name, Kernel: 3, Pad: 1, Init: nn.InitKaiming})
}

func (b builder) normed(x *nn.Node) *nn.Node {
	return b.graph.Activate(b.graph.BatchNorm(x, groupNorm), b.activation)
}

// stage halves height and width before it normalises, so that a quarter of the values are left to do so with, and adds residual
// blocks.
func (b builder) stage(x *nn.Node, channels, blocks int, name string) *nn.Node {
	x = b.normed(b.graph.MaxPool(b.convolved(x, channels, name), 2, 2))
	for i := range blocks {
		x = b.graph.Add(x, b.normed(b.convolved(x, channels, fmt.Sprintf("%s.block%d", name, i+1))))
	}
	return x
}
