package plugins

import (
	"context"
	"fmt"
	"slices"

	"tuned/trainer/model"
	"tuned/trainer/nn"
	nnsession "tuned/trainer/nn/session"
)

// Architecture is what an author writes: a manifest, and a function that builds the network from the input's shape and
// the decided settings. Everything else, from the optimizer to the files, is the session's (tuned/trainer/nn/session).
type Architecture struct {
	// Manifest describes the architecture. Protocol and Averages are filled in.
	Manifest model.Manifest
	// Build adds the network to the graph, from its inputs to its loss; Inputs and Head are most of what simple ones
	// need. Every setting that the manifest declares is there, of its type and within its range: read them with Int,
	// Float, Bool and Choice.
	Build func(g *nn.Graph, v model.View, s model.Settings) error
	// Program, in the place of Build, makes a model that is no network, such as trees. Of the request, MemoryBytes is what the
	// program itself may hold (0: no limit).
	Program func(v model.View, req model.OpenRequest) (nnsession.Program, error)
	// Wrap, if not nil, may put something beside the network that Build describes.
	Wrap func(network nnsession.Program, v model.View, req model.OpenRequest) (nnsession.Program, error)
	// Fit, if not nil, sets the initial weights from the training rows: a closed form, or the solution of a convex
	// problem.
	Fit nnsession.Fit
}

var _ model.Architecture = Architecture{}

// Describe returns the manifest, or what is wrong with it.
func (a Architecture) Describe(context.Context) (model.Manifest, error) {
	m := a.Manifest
	m.Protocol, m.Averages = ProtocolVersion, a.Program == nil
	if (a.Build == nil) == (a.Program == nil) {
		return m, fmt.Errorf("%w: %s needs a Build, or a Program", errManifest, m.Name)
	}
	return m, checkManifest(m)
}

// Open builds the network for a view and initialises it. A setting that is missing, of another type or out of range, and
// a view that the manifest does not cover are model.ErrInvalid.
func (a Architecture) Open(ctx context.Context, req model.OpenRequest) (model.Session, error) {
	m, err := a.Describe(ctx)
	if err != nil {
		return nil, err
	}
	settings, err := checkSettings(m.Settings, req.Settings)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", m.Name, err)
	}
	req.Settings = settings
	s, err := a.open(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", m.Name, err)
	}
	return s, nil
}

// open opens a network, with what is beside it, or a program of another kind.
func (a Architecture) open(ctx context.Context, req model.OpenRequest) (*nnsession.Session, error) {
	return nnsession.OpenProgram(ctx, req, func(v model.View, memory int64) (nnsession.Program, error) {
		if err := a.covers(v); err != nil {
			return nil, err
		}
		req.MemoryBytes = memory
		if a.Program != nil {
			return a.program(v, req)
		}
		return a.network(v, req)
	}, a.Fit)
}

func (a Architecture) program(v model.View, req model.OpenRequest) (p nnsession.Program, err error) {
	defer mistakes(&err)
	return a.Program(v, req)
}

// network compiles what Build describes, and lets Wrap put something beside it.
func (a Architecture) network(v model.View, req model.OpenRequest) (p nnsession.Program, err error) {
	var network nnsession.Program
	defer func() {
		if err != nil && network != nil {
			network.Close()
		}
	}()
	defer mistakes(&err)
	network, err = nnsession.Compile(req, v, req.MemoryBytes, func(g *nn.Graph, v model.View) error { return a.build(g, v, req.Settings) })
	if err != nil || a.Wrap == nil {
		return network, err
	}
	return a.Wrap(network, v, req)
}

// mistakes makes an error of a panic with an author's mistake; to be deferred.
func mistakes(err *error) {
	switch e := recover().(type) {
	case nil:
	case settingError:
		*err = e
	default:
		panic(e)
	}
}

// build lets the author build, and adds the optimizer that the settings name.
func (a Architecture) build(g *nn.Graph, v model.View, s model.Settings) error {
	optimizer, err := optimizerOf(s)
	if err != nil {
		return err
	}
	g.Optimizer(optimizer)
	return a.Build(g, v, s)
}

// covers reports whether the manifest covers a view's task and inputs.
func (a Architecture) covers(v model.View) error {
	if !slices.Contains(a.Manifest.Tasks, v.Task) {
		return fmt.Errorf("%w: task %s, where it does %v", model.ErrInvalid, v.Task, a.Manifest.Tasks)
	}
	if len(v.Inputs) == 0 {
		return fmt.Errorf("%w: the data has no inputs", model.ErrInvalid)
	}
	for _, in := range v.Inputs {
		if !slices.Contains(a.Manifest.Inputs, in.Kind) {
			return fmt.Errorf("%w: an input is %s, where it reads %v", model.ErrInvalid, in.Kind, a.Manifest.Inputs)
		}
	}
	return nil
}

// Inputs adds everything that a view offers as one row of numbers: the numeric columns, a vector of size embedding for
// each categorical column, and the pixels of an image.
func Inputs(g *nn.Graph, v model.View, embedding int) *nn.Node {
	var parts []*nn.Node
	for _, in := range v.Inputs {
		switch in.Kind {
		case model.Numeric:
			parts = append(parts, g.Numeric(in.Columns))
		case model.Categorical:
			parts = append(parts, g.Embed(g.Codes(in.Cardinalities), embedding, ""))
		case model.Image:
			x := g.Pixels(in.Height, in.Width, in.Channels, in.Mean, in.Std)
			parts = append(parts, g.Reshape(x, nn.Shape{Height: 1, Width: 1, Channels: x.Columns()}))
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return g.Concat(parts...)
}

// Outputs is the number of values that a network predicts for a view: one for each class, or one.
func Outputs(v model.View) int {
	if v.Task == model.Classification {
		return v.Classes
	}
	return 1
}

// Head ends a network: a dense layer with an output for each class and the cross-entropy, or with one output and the
// squared error.
func Head(g *nn.Graph, v model.View, x *nn.Node, o nn.Dense) {
	Heads(g, v, []*nn.Node{x}, o, model.Squared)
}

// Heads ends networks that stand side by side, each with a Head of its own. Each learns by itself; the mean of what they
// predict is predicted. For values, l is what they make small.
func Heads(g *nn.Graph, v model.View, members []*nn.Node, o nn.Dense, l model.Loss) {
	ends := make([]*nn.Node, len(members))
	for i, x := range members {
		end := o
		if o.Name != "" && len(members) > 1 {
			end.Name = fmt.Sprintf("%s.%d", o.Name, i+1)
		}
		ends[i] = g.Dense(x, Outputs(v), end)
	}
	g.Members(len(members))
	y := ends[0]
	if len(ends) > 1 {
		y = g.Concat(ends...)
	}
	switch {
	case v.Task == model.Classification:
		g.CrossEntropy(y, nn.Loss{})
	case l == model.Absolute:
		g.Huber(y, nn.Loss{HuberDelta: model.AbsoluteWidth})
	default:
		g.MSE(y)
	}
}
